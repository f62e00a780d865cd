#include "store/columns.h"
#include "store/sqlite/writer.h"
#include "store/sqlite/writer_statements.h"

namespace confab::store {

Result<> Writer::require_account(Uid uid) {
  sql_->has_account.bind(uid);
  const Statement::Step step = sql_->has_account.step();
  if (step == Statement::Step::failed) return fail(db_.error("account"));
  sql_->has_account.reset();
  if (step == Statement::Step::done) return fail(Errc::not_found, "no such account");
  return {};
}

Result<> Writer::apply(const core::CreateAccount& change, Applied out) {
  if (change.address.local.empty() || change.address.domain.empty()) return fail(Errc::bad_address, "not an account");
  const Result<bool> retired = is_retired(change.address);
  if (!retired) return fail(retired.error());
  if (*retired && !change.reuse) return fail(Errc::conflict, "the address is retired");
  if (auto invited = take_invite(change); !invited) return invited;
  Statement& next = sql_->next_account.bind();
  if (next.step() != Statement::Step::row) return fail(db_.error("site"));
  const std::uint64_t number = next.number(0);
  next.reset();
  const Uid uid = (options_.site << 36U) | number;
  sql_->create_account.bind(uid, change.address.local, change.address.domain, options_.site, change.admin,
                            Statement::blob(change.credentials), change.at.ms);
  if (auto done = run(sql_->create_account); !done) return done;
  if (changes() == 0) return fail(Errc::conflict, "the address is taken");
  sql_->count_account.bind(number + 1);
  if (auto done = run(sql_->count_account); !done) return done;
  if (*retired) {
    if (auto given = give_again(change.address); !given) return given;
  }
  out.committed.created = uid;
  return apply(core::PutProfile{uid, change.profile}, out);
}

// Rare, as everything on invitations: not worth statements that are kept.
Result<> Writer::take_invite(const core::CreateAccount& change) {
  if (change.invite.empty()) return {};
  Statement take;
  constexpr const char* kTake = "UPDATE invite SET uses = uses - 1 WHERE hash = ? AND uses > 0 AND expires_ms > ?";
  if (auto ready = take.prepare(db_, kTake); !ready) return ready;
  take.bind(change.invite, change.at.ms);
  if (auto done = run(take); !done) return done;
  if (changes() == 0) return fail(Errc::not_allowed, "no such invitation");
  return {};
}

Result<> Writer::apply(const core::CreateInvite& change, Applied) {
  Statement expire;
  if (auto ready = expire.prepare(db_, "DELETE FROM invite WHERE expires_ms <= ?"); !ready) return ready;
  expire.bind(change.at.ms);
  if (auto done = run(expire); !done) return done;
  Statement put;
  if (auto ready = put.prepare(db_, "INSERT OR REPLACE INTO invite(hash, expires_ms, uses) VALUES(?, ?, ?)"); !ready) {
    return ready;
  }
  put.bind(change.hash, change.expires.ms, change.uses);
  return run(put);
}

Result<> Writer::apply(const core::SetCredentials& change, Applied) {
  sql_->set_credentials.bind(change.uid, Statement::blob(change.credentials));
  if (auto done = run(sql_->set_credentials); !done) return done;
  if (changes() == 0) return fail(Errc::not_found, "no such account");
  return {};
}

Result<> Writer::apply(const core::SetDisabled& change, Applied) {
  sql_->set_disabled.bind(change.uid, change.disabled);
  if (auto done = run(sql_->set_disabled); !done) return done;
  if (changes() == 0) return fail(Errc::not_found, "no such account");
  return {};
}

Result<> Writer::apply(const core::DropAccount& change, Applied) {
  if (auto known = require_account(change.uid); !known) return known;
  heads_.erase(change.uid);
  if (auto done = drop_nodes(change.uid); !done) return done;
  if (change.retire) {
    if (auto retired = retire_address(change.uid); !retired) return retired;
  }
  if (auto dropped = drop_log(change.uid); !dropped) return dropped;
  // Rare: not worth statements that are kept.
  for (const char* table :
       {"account", "profile", "device", "roster", "block_list", "presence_last", "pep_node", "read_marker"}) {
    Statement drop;
    const std::string sql = "DELETE FROM " + std::string(table) + " WHERE uid = ?";
    if (auto ready = drop.prepare(db_, sql.c_str()); !ready) return ready;
    drop.bind(change.uid);
    if (auto done = run(drop); !done) return done;
  }
  Statement drop;
  if (auto ready = drop.prepare(db_, "DELETE FROM ingress WHERE source = ?"); !ready) return ready;
  drop.bind(change.uid);
  return run(drop);
}

Result<> Writer::apply(const core::PutRosterItem& change, Applied) {
  sql_->set_roster_version.bind(change.uid, change.version);
  if (auto done = run(sql_->set_roster_version); !done) return done;
  if (changes() == 0) return fail(Errc::not_found, "no such account");
  const core::RosterItem& item = change.item;
  const std::string peer = to_string(item.peer);
  if (!is_remembered(item)) {
    sql_->drop_roster.bind(change.uid, peer);
    return run(sql_->drop_roster);
  }
  const std::string groups = encode_strings(item.groups);
  const std::string request = encode_texts(item.request);
  sql_->put_roster.bind(change.uid, peer, item.name, roster_flags(item), Statement::blob(groups),
                        Statement::blob(request), item.version);
  return run(sql_->put_roster);
}

Result<> Writer::apply(const core::PutBlocks& change, Applied) {
  if (auto known = require_account(change.uid); !known) return known;
  sql_->drop_blocks.bind(change.uid);
  if (auto done = run(sql_->drop_blocks); !done) return done;
  for (const Address& address : change.peers) {
    const std::string peer = to_string(address);
    sql_->put_block.bind(change.uid, peer);
    if (auto done = run(sql_->put_block); !done) return done;
  }
  return {};
}

Result<> Writer::apply(const core::PutProfile& change, Applied) {
  if (auto known = require_account(change.uid); !known) return known;
  const core::Profile& profile = change.profile;
  const std::string annex = encode_annex(profile.annex);
  sql_->put_profile.bind(change.uid, profile.name, profile.email, profile.phone, Statement::blob(annex));
  return run(sql_->put_profile);
}

Result<> Writer::apply(const core::PutDevice& change, Applied out) {
  if (auto done = apply(core::PutDelivered{change.uid, change.device.cursor}, out); !done) return done;
  sql_->put_device.bind(change.uid, change.device.name, change.device.cursor, change.device.last_seen.ms,
                        change.device.archive, change.device.expiry, change.device.roster,
                        Statement::blob(change.device.memo));
  return run(sql_->put_device);
}

Result<> Writer::apply(const core::PutDelivered& change, Applied) {
  sql_->set_delivered.bind(change.uid, change.upto);
  if (auto done = run(sql_->set_delivered); !done) return done;
  if (changes() == 0) return fail(Errc::not_found, "no such account");
  return {};
}

Result<> Writer::apply(const core::DropDevice& change, Applied) {
  if (auto known = require_account(change.uid); !known) return known;
  sql_->drop_device.bind(change.uid, change.name);
  return run(sql_->drop_device);
}

Result<> Writer::apply(const core::PutArchivePreferences& change, Applied) {
  const std::string preferences = encode_preferences(change.preferences);
  sql_->put_preferences.bind(change.uid, Statement::blob(preferences));
  if (auto done = run(sql_->put_preferences); !done) return done;
  if (changes() == 0) return fail(Errc::not_found, "no such account");
  return {};
}

Result<> Writer::apply(const core::PutLastPresence& change, Applied) {
  if (auto known = require_account(change.uid); !known) return known;
  core::Presence presence = change.presence;
  presence.listening.clear();  // stands in its own column
  presence.avatar.clear();     // likewise, with the account
  const std::string state = encode_presence(presence);
  sql_->put_presence.bind(change.uid, Statement::blob(state));
  return run(sql_->put_presence);
}

}  // namespace confab::store
