// The database's schema, as numbered steps: PRAGMA user_version is how many of them a database has taken.
// A step that was released never changes; README.md tells how to add one.
#pragma once

#include <array>

namespace confab::store {

// Integer keys in arrival order, so that every hot index grows at its end; an account's log is (uid, upos) -> msg.n.
// `ref` in uarch and `n` in ingress are msg.n.
inline constexpr const char* kMigration1 = R"sql(
CREATE TABLE site(
  site_id      INTEGER PRIMARY KEY,
  incarnation  BLOB NOT NULL,              -- made with the database: tells a restored or new one from the old
  hash_key     BLOB NOT NULL,              -- SipHash key of ingress.key_hash
  next_account INTEGER NOT NULL            -- numbers of accounts are never used again
);
CREATE TABLE account(
  uid         INTEGER PRIMARY KEY,         -- site << 36 | n
  local       TEXT NOT NULL,
  domain      TEXT NOT NULL,
  home_site   INTEGER NOT NULL,
  ver         INTEGER NOT NULL DEFAULT 1,
  disabled    INTEGER NOT NULL DEFAULT 0,
  admin       INTEGER NOT NULL DEFAULT 0,
  credentials BLOB NOT NULL,
  created_ms  INTEGER NOT NULL,
  roster_ver  INTEGER NOT NULL DEFAULT 0,
  delivered   INTEGER NOT NULL DEFAULT 0,
  head        INTEGER NOT NULL DEFAULT 0,  -- the log's last position is at least this, even if its rows expired
  UNIQUE(local, domain)
);
CREATE TABLE profile(
  uid   INTEGER PRIMARY KEY,
  name  TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  annex BLOB NOT NULL
);
CREATE TABLE device(
  uid       INTEGER NOT NULL,
  name      TEXT NOT NULL,
  cursor    INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  PRIMARY KEY(uid, name)
) WITHOUT ROWID;
CREATE TABLE roster(
  uid     INTEGER NOT NULL,
  peer    TEXT NOT NULL,
  name    TEXT NOT NULL,
  flags   INTEGER NOT NULL,                -- to 1, from 2, pending out 4, pending in 8, approved 16, listed 32, deleted 64
  groups  BLOB NOT NULL,
  request BLOB NOT NULL,
  ver     INTEGER NOT NULL,
  PRIMARY KEY(uid, peer)
) WITHOUT ROWID;
CREATE TABLE block_list(
  uid  INTEGER NOT NULL,
  peer TEXT NOT NULL,
  PRIMARY KEY(uid, peer)
) WITHOUT ROWID;
CREATE TABLE presence_last(
  uid   INTEGER PRIMARY KEY,
  state BLOB NOT NULL
);
CREATE TABLE conv(
  n       INTEGER PRIMARY KEY,
  conv_id BLOB NOT NULL UNIQUE,
  kind    INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE msg(
  n      INTEGER PRIMARY KEY,              -- arrival order at this store
  msg_id BLOB NOT NULL,
  conv   INTEGER NOT NULL,
  at_ms  INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  sender TEXT NOT NULL,
  body   BLOB NOT NULL
);
CREATE UNIQUE INDEX msg_byid ON msg(msg_id);
CREATE TABLE uarch(
  uid  INTEGER NOT NULL,
  upos INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  conv INTEGER NOT NULL,
  ref  INTEGER NOT NULL,
  PRIMARY KEY(uid, upos)
) WITHOUT ROWID;
CREATE TABLE ingress(
  source     INTEGER NOT NULL,
  key_hash   INTEGER NOT NULL,
  key        BLOB NOT NULL,                -- part of the key, so that equal hashes never swallow a message
  n          INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY(source, key_hash, key)
) WITHOUT ROWID;
CREATE INDEX ingress_exp ON ingress(expires_ms);
)sql";

// Invitations to register: the token's hash, so that whoever reads the database cannot register with it.
inline constexpr const char* kMigration2 = R"sql(
CREATE TABLE invite(
  hash       TEXT PRIMARY KEY,
  expires_ms INTEGER NOT NULL,
  uses       INTEGER NOT NULL
) WITHOUT ROWID;
)sql";

// The log as an archive that can be asked: by conversation, by time, by size; events by the names that others call
// them. `top_ms` and `bytes` only grow along a log, as `upos` and `ref` do, so that any of them finds a place in it by
// halving. A row whose event is older than one before it is `late`. `kind` of a row that no query finds has 256 added.
inline constexpr const char* kMigration3 = R"sql(
ALTER TABLE account ADD COLUMN archive BLOB;                    -- preferences; NULL: everything is archived
ALTER TABLE device ADD COLUMN archive INTEGER NOT NULL DEFAULT 0;
ALTER TABLE msg ADD COLUMN refs INTEGER NOT NULL DEFAULT 0;     -- rows of uarch that lead here
ALTER TABLE msg ADD COLUMN name INTEGER;                        -- hash of author and cid
ALTER TABLE msg ADD COLUMN alias INTEGER;                       -- the same of another name
CREATE TABLE about(
  original INTEGER NOT NULL,               -- msg.n
  n        INTEGER NOT NULL,               -- of the event that speaks of it
  PRIMARY KEY(original, n)
) WITHOUT ROWID;
CREATE TABLE uarch3(
  uid    INTEGER NOT NULL,
  upos   INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  conv   INTEGER NOT NULL,
  ref    INTEGER NOT NULL,
  top_ms INTEGER NOT NULL,                 -- the latest at_ms up to here
  bytes  INTEGER NOT NULL,                 -- of the bodies up to here
  late   INTEGER NOT NULL,
  PRIMARY KEY(uid, upos)
) WITHOUT ROWID;
INSERT INTO uarch3
  SELECT uid, upos, kind, conv, ref, top_ms, bytes, at_ms < top_ms FROM (
    SELECT u.uid, u.upos, u.kind, u.conv, u.ref, m.at_ms,
           max(m.at_ms) OVER log AS top_ms, sum(length(m.body)) OVER log AS bytes
      FROM uarch u JOIN msg m ON m.n = u.ref
    WINDOW log AS (PARTITION BY u.uid ORDER BY u.upos));
DROP TABLE uarch;
ALTER TABLE uarch3 RENAME TO uarch;
CREATE TEMP TABLE counted AS SELECT ref AS n, count(*) AS refs FROM uarch GROUP BY ref ORDER BY ref;
UPDATE msg SET refs = counted.refs FROM counted WHERE counted.n = msg.n;
DROP TABLE counted;
DELETE FROM msg WHERE refs = 0;
CREATE INDEX uarch_conv ON uarch(uid, conv);
CREATE INDEX uarch_late ON uarch(uid) WHERE late = 1;
CREATE INDEX uarch_hidden ON uarch(uid) WHERE kind >= 256;
CREATE INDEX msg_name ON msg(conv, name) WHERE name IS NOT NULL;
CREATE INDEX msg_alias ON msg(conv, alias) WHERE alias IS NOT NULL;
)sql";

// What can be looked for (search_index.h): `search` has the tokens of each message, and nothing else of it, under
// msg.n; `search_row` says who has it in the log, and where. Everything up to msg.n = `done` is in it, or has no text.
// Begins empty: it is filled in the background, and can be made anew from the messages at any time.
inline constexpr const char* kMigration4 = R"sql(
CREATE VIRTUAL TABLE search USING fts5(who, words, content='', columnsize=0, tokenize='ascii');
CREATE TABLE search_row(
  n    INTEGER NOT NULL,
  uid  INTEGER NOT NULL,
  upos INTEGER NOT NULL,
  PRIMARY KEY(n, uid)
) WITHOUT ROWID;
CREATE TABLE search_state(
  done INTEGER NOT NULL
);
INSERT INTO search_state(done) VALUES(0);
)sql";

// Addresses of people who were erased: as a hash under the site's key, so that the address itself is kept nowhere.
inline constexpr const char* kMigration5 = R"sql(
CREATE TABLE retired(
  hash INTEGER PRIMARY KEY
);
)sql";

// What accounts publish beside their messages (core/node.h).
inline constexpr const char* kMigration6 = R"sql(
CREATE TABLE pep_node(
  n      INTEGER PRIMARY KEY,
  uid    INTEGER NOT NULL,
  name   TEXT NOT NULL,
  config BLOB NOT NULL,
  items  INTEGER NOT NULL DEFAULT 0,       -- how many there are in it
  bytes  INTEGER NOT NULL DEFAULT 0,       -- of their payloads together
  UNIQUE(uid, name)
);
CREATE TABLE pep_item(
  seq     INTEGER PRIMARY KEY,             -- the order in which they were published
  node    INTEGER NOT NULL,                -- pep_node.n
  id      TEXT NOT NULL,
  at_ms   INTEGER NOT NULL,
  payload BLOB NOT NULL,
  UNIQUE(node, id)
);
CREATE INDEX pep_item_order ON pep_item(node, seq);
ALTER TABLE presence_last ADD COLUMN listening BLOB; -- an event; null: never said
ALTER TABLE account ADD COLUMN avatar TEXT NOT NULL DEFAULT '';
)sql";

// How far people have read each of their conversations: what the newest marker or receipt in their logs says.
inline constexpr const char* kMigration7 = R"sql(
CREATE TABLE read_marker(
  uid   INTEGER NOT NULL,
  peer  TEXT NOT NULL,
  upto  BLOB NOT NULL,                     -- a message's id, or empty: only the annex says it
  annex BLOB NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(uid, peer)
) WITHOUT ROWID;
)sql";

// Free topics (core/topic_change.h): sessions that outlive their connections, the one log that is the queue of all of
// them, where those stand in it who are behind, and what is retained.
inline constexpr const char* kMigration8 = R"sql(
CREATE TABLE topic_session(
  client    TEXT PRIMARY KEY,
  account   TEXT NOT NULL,
  expiry    INTEGER NOT NULL,              -- seconds; 4294967295: never
  will      BLOB NOT NULL,                 -- empty: none
  closed_ms INTEGER NOT NULL,              -- -1: it had a connection when this was written
  memo      BLOB NOT NULL
);
CREATE TABLE topic_subscription(
  client  TEXT NOT NULL,
  filter  TEXT NOT NULL,
  options INTEGER NOT NULL,                -- QoS 1 and 2, no local 4, retain as published 8, retain handling 16 and 32
  id      INTEGER NOT NULL,
  since   INTEGER NOT NULL,                -- topic_log.seq
  PRIMARY KEY(client, filter)
) WITHOUT ROWID;
CREATE TABLE topic_key(
  client TEXT NOT NULL,
  key    INTEGER NOT NULL,
  PRIMARY KEY(client, key)
) WITHOUT ROWID;
CREATE TABLE topic_log(
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: others remember where they stand
  sender     TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,             -- 0: never
  message    BLOB NOT NULL
);
CREATE INDEX topic_log_exp ON topic_log(expires_ms) WHERE expires_ms > 0;
CREATE TABLE topic_retained(
  topic      TEXT PRIMARY KEY,
  stamp      INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,             -- 0: never
  message    BLOB NOT NULL                 -- empty: removed, and remembered for its stamp
);
CREATE INDEX topic_retained_exp ON topic_retained(expires_ms) WHERE expires_ms > 0;
CREATE TABLE topic_place(
  shared INTEGER NOT NULL,                 -- 1: name is the filter of a shared subscription, 0: a client
  name   TEXT NOT NULL,
  upto   INTEGER NOT NULL,
  PRIMARY KEY(shared, name)
) WITHOUT ROWID;
CREATE INDEX topic_place_upto ON topic_place(upto);
CREATE TABLE topic_mark(
  shard INTEGER PRIMARY KEY,
  upto  INTEGER NOT NULL
);
)sql";

// What a device's wire remembers of it, and for how long its place is kept.
inline constexpr const char* kMigration9 = R"sql(
ALTER TABLE device ADD COLUMN expiry INTEGER NOT NULL DEFAULT 0; -- seconds after last_seen; 0: device_days
ALTER TABLE device ADD COLUMN roster INTEGER NOT NULL DEFAULT 0; -- the version that it has
ALTER TABLE device ADD COLUMN memo BLOB NOT NULL DEFAULT x'';
)sql";

inline constexpr std::array kMigrations{kMigration1, kMigration2, kMigration3, kMigration4, kMigration5,
                                        kMigration6, kMigration7, kMigration8, kMigration9};

}  // namespace confab::store
