// What accounts publish: nodes, their items, and what they listen to.
#include "core/event_codec.h"
#include "store/columns.h"
#include "store/sqlite/writer.h"
#include "store/sqlite/writer_statements.h"

namespace confab::store {

Result<> Writer::apply(const core::PutListening& change, Applied) {
  if (auto known = require_account(change.uid); !known) return known;
  const std::string event = core::encode_event(*change.event);
  if (event.size() > core::kMaxEncodedEvent) return fail(Errc::too_big, "an event over 8 MiB");
  const std::string never = encode_presence({});  // where none was remembered before
  sql_->put_listening.bind(change.uid, Statement::blob(never), Statement::blob(event));
  return run(sql_->put_listening);
}

Result<> Writer::apply(const core::PutAvatar& change, Applied) {
  sql_->set_avatar.bind(change.uid, change.avatar);
  if (auto done = run(sql_->set_avatar); !done) return done;
  if (changes() == 0) return fail(Errc::not_found, "no such account");
  return {};
}

Result<Writer::StoredNode> Writer::find_node(Uid uid, const std::string& name) {
  Statement& find = sql_->find_node.bind(uid, name);
  const Statement::Step step = find.step();
  if (step == Statement::Step::failed) return fail(db_.error("node"));
  if (step == Statement::Step::done) {
    find.reset();
    return fail(Errc::not_found, "node");
  }
  const StoredNode node{find.number(0), find.signed_number(1)};
  find.reset();
  return node;
}

Result<> Writer::apply(const core::PutNode& change, Applied) {
  if (auto known = require_account(change.uid); !known) return known;
  const std::string config = core::encode_config(change.node.config);
  sql_->put_node.bind(change.uid, change.node.name, Statement::blob(config));
  if (auto done = run(sql_->put_node); !done) return done;
  const Result<StoredNode> node = find_node(change.uid, change.node.name);
  if (!node) return fail(node.error());
  return node->items > std::int64_t{change.keep} ? trim(node->n, change.keep) : Result<>();
}

Result<> Writer::trim(std::uint64_t node, std::uint32_t keep) {
  sql_->trim_items.bind(node, keep);
  if (auto done = run(sql_->trim_items); !done) return done;
  sql_->count_node.bind(node);
  return run(sql_->count_node);
}

Result<> Writer::apply(const core::DropNode& change, Applied) {
  const Result<StoredNode> node = find_node(change.uid, change.node);
  if (!node) return fail(node.error());
  sql_->drop_node_items.bind(node->n);
  if (auto done = run(sql_->drop_node_items); !done) return done;
  sql_->drop_node.bind(node->n);
  return run(sql_->drop_node);
}

Result<Writer::Replaced> Writer::find_replaced(const core::PutItem& change, const StoredNode& node) {
  Replaced replaced;
  Statement& find = sql_->find_item.bind(node.n, change.item.id);
  Statement::Step step = find.step();
  if (step == Statement::Step::failed) return fail(db_.error("item"));
  if (step == Statement::Step::row) {
    replaced.same = 1;
    replaced.bytes = find.signed_number(0);
  }
  find.reset();
  replaced.oldest = node.items + 1 - replaced.same - std::int64_t{change.keep};
  if (replaced.oldest <= 0) {
    replaced.oldest = 0;
    return replaced;
  }
  Statement& oldest = sql_->find_oldest.bind(node.n, change.item.id, replaced.oldest);
  for (step = oldest.step(); step == Statement::Step::row; step = oldest.step()) {
    replaced.bytes += oldest.signed_number(0);
  }
  if (step == Statement::Step::failed) return fail(db_.error("item"));
  oldest.reset();
  return replaced;
}

Result<> Writer::apply(const core::PutItem& change, Applied) {
  const Result<StoredNode> node = find_node(change.uid, change.node);
  if (!node) return fail(node.error());
  const Result<Replaced> replaced = find_replaced(change, *node);
  if (!replaced) return fail(replaced.error());
  Statement& sum = sql_->sum_bytes.bind(change.uid);
  if (sum.step() != Statement::Step::row) return fail(db_.error("nodes"));
  const std::int64_t before = sum.signed_number(0);
  sum.reset();
  const auto bytes = static_cast<std::int64_t>(change.item.payload.size());
  const std::int64_t more = bytes - replaced->bytes;
  if (before + more > static_cast<std::int64_t>(change.limit)) return fail(Errc::too_big, "pep_bytes");
  sql_->drop_item.bind(node->n, change.item.id);
  if (auto done = run(sql_->drop_item); !done) return done;
  sql_->drop_oldest.bind(node->n, replaced->oldest);
  if (auto done = run(sql_->drop_oldest); !done) return done;
  sql_->put_item.bind(node->n, change.item.id, change.item.at.ms, Statement::blob(change.item.payload));
  if (auto done = run(sql_->put_item); !done) return done;
  sql_->add_to_node.bind(node->n, 1 - replaced->same - replaced->oldest, more);
  return run(sql_->add_to_node);
}

Result<> Writer::apply(const core::DropItem& change, Applied) {
  const Result<StoredNode> node = find_node(change.uid, change.node);
  if (!node) return fail(node.error());
  sql_->drop_item.bind(node->n, change.item);
  if (auto done = run(sql_->drop_item); !done) return done;
  if (changes() == 0) return fail(Errc::not_found, "item");
  sql_->count_node.bind(node->n);
  return run(sql_->count_node);
}

// Their items; the nodes themselves go with the account's other rows.
Result<> Writer::drop_nodes(Uid uid) {
  Statement drop;
  constexpr const char* kDrop = "DELETE FROM pep_item WHERE node IN (SELECT n FROM pep_node WHERE uid = ?)";
  if (auto ready = drop.prepare(db_, kDrop); !ready) return ready;
  drop.bind(uid);
  return run(drop);
}

}  // namespace confab::store
