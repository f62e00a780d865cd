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

// What accounts publish beside their messages (core/node.h).
inline constexpr const char* kMigration3 = R"sql(
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

inline constexpr std::array kMigrations{kMigration1, kMigration2, kMigration3};

}  // namespace confab::store
