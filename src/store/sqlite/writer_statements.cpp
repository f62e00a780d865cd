#include "store/sqlite/writer_statements.h"

namespace confab::store {

namespace {

template <std::size_t N>
Result<> prepare_all(const Database& db, const std::pair<Statement*, const char*> (&all)[N]) {
  for (const auto& [statement, text] : all) {
    if (auto ready = statement->prepare(db, text); !ready) return ready;
  }
  return {};
}

}  // namespace

Result<> Writer::Statements::prepare(const Database& db) {
  if (auto ready = prepare_accounts(db); !ready) return ready;
  if (auto ready = prepare_logs(db); !ready) return ready;
  return prepare_publishing(db);
}

Result<> Writer::Statements::prepare_accounts(const Database& db) {
  const std::pair<Statement*, const char*> all[] = {
      {&begin, "BEGIN IMMEDIATE"},
      {&commit, "COMMIT"},
      {&rollback, "ROLLBACK"},
      {&savepoint, "SAVEPOINT one"},
      {&release, "RELEASE one"},
      {&undo, "ROLLBACK TO one"},
      {&create_account,
       "INSERT INTO account(uid, local, domain, home_site, admin, credentials, created_ms) VALUES(?, ?, ?, ?, ?, ?, ?)"
       " ON CONFLICT(local, domain) DO NOTHING"},
      {&next_account, "SELECT next_account FROM site"},
      {&count_account, "UPDATE site SET next_account = ?"},
      {&set_credentials, "UPDATE account SET credentials = ?2, ver = ver + 1 WHERE uid = ?1"},
      {&set_disabled, "UPDATE account SET disabled = ?2, ver = ver + 1 WHERE uid = ?1"},
      {&has_account, "SELECT 1 FROM account WHERE uid = ?"},
      {&set_roster_version, "UPDATE account SET roster_ver = ?2 WHERE uid = ?1"},
      {&put_roster,
       "INSERT OR REPLACE INTO roster(uid, peer, name, flags, groups, request, ver) VALUES(?, ?, ?, ?, ?, ?, ?)"},
      {&drop_roster, "DELETE FROM roster WHERE uid = ? AND peer = ?"},
      {&drop_blocks, "DELETE FROM block_list WHERE uid = ?"},
      {&put_block, "INSERT OR IGNORE INTO block_list(uid, peer) VALUES(?, ?)"},
      {&put_profile, "INSERT OR REPLACE INTO profile(uid, name, email, phone, annex) VALUES(?, ?, ?, ?, ?)"},
      {&put_presence,
       "INSERT INTO presence_last(uid, state) VALUES(?, ?) ON CONFLICT(uid) DO UPDATE SET state = excluded.state"},
      {&set_delivered, "UPDATE account SET delivered = max(delivered, ?2) WHERE uid = ?1"},
      {&put_device,
       "INSERT OR REPLACE INTO device(uid, name, cursor, last_seen, archive, expiry, roster, memo)"
       " VALUES(?, ?, ?, ?, ?, ?, ?, ?)"},
      {&drop_device, "DELETE FROM device WHERE uid = ? AND name = ?"},
      {&put_preferences, "UPDATE account SET archive = ?2 WHERE uid = ?1"},
  };
  return prepare_all(db, all);
}

Result<> Writer::Statements::prepare_logs(const Database& db) {
  const std::pair<Statement*, const char*> all[] = {
      {&put_key,
       "INSERT INTO ingress(source, key_hash, key, n, expires_ms) VALUES(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"},
      {&find_key,
       "SELECT i.n, i.expires_ms FROM ingress i JOIN msg ON msg.n = i.n"
       " WHERE source = ? AND key_hash = ? AND key = ?"},
      {&renew_key, "UPDATE ingress SET n = ?4, expires_ms = ?5 WHERE source = ?1 AND key_hash = ?2 AND key = ?3"},
      {&expire_keys,
       "DELETE FROM ingress WHERE (source, key_hash, key) IN (SELECT source, key_hash, key FROM ingress"
       " INDEXED BY ingress_exp WHERE expires_ms <= ? LIMIT ?)"},
      {&put_message,
       "INSERT INTO msg(n, msg_id, conv, at_ms, kind, sender, body, refs, name, alias)"
       " VALUES(?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), nullif(?, 0))"
       " ON CONFLICT(msg_id) DO NOTHING"},
      {&find_message, "SELECT msg_id, at_ms FROM msg WHERE n = ?"},
      {&find_by_id, "SELECT n FROM msg WHERE msg_id = ?"},
      {&put_row, "INSERT INTO uarch(uid, upos, kind, conv, ref, top_ms, bytes, late) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"},
      {&read_head,
       "SELECT max(head, ifnull(upos, 0)), ifnull(top_ms, 0), ifnull(bytes, 0) FROM account LEFT JOIN"
       " (SELECT upos, top_ms, bytes FROM uarch WHERE uid = ?1 ORDER BY upos DESC LIMIT 1) WHERE uid = ?1"},
      {&find_conversation, "SELECT n FROM conv WHERE conv_id = ?"},
      {&put_conversation, "INSERT INTO conv(conv_id) VALUES(?)"},
      {&find_name, "SELECT n, body FROM msg WHERE conv = ? AND name = ? ORDER BY n DESC"},
      {&find_alias, "SELECT n, body FROM msg WHERE conv = ? AND alias = ? ORDER BY n DESC"},
      {&find_id, "SELECT n, body FROM msg WHERE msg_id = ? AND conv = ?"},
      {&read_event, "SELECT body FROM msg WHERE n = ?"},
      {&put_about, "INSERT OR IGNORE INTO about(original, n) VALUES(?, ?)"},
      {&find_edits, "SELECT n FROM about JOIN msg USING(n) WHERE original = ? AND kind = ?"},
      {&put_read_marker,
       "INSERT INTO read_marker(uid, peer, upto, annex, at_ms) VALUES(?, ?, ?, ?, ?) ON CONFLICT(uid, peer) DO UPDATE"
       " SET upto = excluded.upto, annex = excluded.annex, at_ms = excluded.at_ms"
       " WHERE length(excluded.upto) = 0 OR excluded.upto > upto"},
      {&rewrite_event, "UPDATE msg SET body = ?2, kind = ?3 WHERE n = ?1"},
  };
  return prepare_all(db, all);
}

Result<> Writer::Statements::prepare_publishing(const Database& db) {
  const std::pair<Statement*, const char*> all[] = {
      {&put_listening,
       "INSERT INTO presence_last(uid, state, listening) VALUES(?, ?, ?)"
       " ON CONFLICT(uid) DO UPDATE SET listening = excluded.listening"},
      {&set_avatar, "UPDATE account SET avatar = ?2 WHERE uid = ?1"},
      {&find_node, "SELECT n, items FROM pep_node WHERE uid = ? AND name = ?"},
      {&put_node,
       "INSERT INTO pep_node(uid, name, config) VALUES(?, ?, ?)"
       " ON CONFLICT(uid, name) DO UPDATE SET config = excluded.config"},
      {&count_node,
       "UPDATE pep_node SET items = (SELECT count(*) FROM pep_item WHERE node = ?1),"
       " bytes = (SELECT ifnull(sum(length(payload)), 0) FROM pep_item WHERE node = ?1) WHERE n = ?1"},
      {&drop_node, "DELETE FROM pep_node WHERE n = ?"},
      {&drop_node_items, "DELETE FROM pep_item WHERE node = ?"},
      {&find_item, "SELECT length(payload) FROM pep_item WHERE node = ? AND id = ?"},
      {&find_oldest, "SELECT length(payload) FROM pep_item WHERE node = ? AND id <> ? ORDER BY seq LIMIT ?"},
      {&put_item, "INSERT INTO pep_item(node, id, at_ms, payload) VALUES(?, ?, ?, ?)"},
      {&drop_item, "DELETE FROM pep_item WHERE node = ? AND id = ?"},
      {&drop_oldest,
       "DELETE FROM pep_item WHERE seq IN (SELECT seq FROM pep_item WHERE node = ? ORDER BY seq LIMIT ?)"},
      {&add_to_node, "UPDATE pep_node SET items = items + ?2, bytes = bytes + ?3 WHERE n = ?1"},
      {&trim_items,
       "DELETE FROM pep_item WHERE node = ?1 AND seq NOT IN"
       " (SELECT seq FROM pep_item WHERE node = ?1 ORDER BY seq DESC LIMIT ?2)"},
      {&sum_bytes, "SELECT ifnull(sum(bytes), 0) FROM pep_node WHERE uid = ?"},
  };
  return prepare_all(db, all);
}

}  // namespace confab::store
