// What accounts publish, as plain values.
#include <algorithm>

#include "store/memory/memory_state.h"

namespace confab::store {
namespace {

using Items = std::vector<core::Item>;

auto find_item(const Items& items, const std::string& id) {
  return std::find_if(items.begin(), items.end(), [&](const core::Item& item) { return item.id == id; });
}

void trim(Items& items, std::size_t keep) {
  if (items.size() > keep) items.erase(items.begin(), items.end() - static_cast<std::ptrdiff_t>(keep));
}

std::size_t bytes_of(const Items& items) {
  std::size_t bytes = 0;
  for (const core::Item& item : items) bytes += item.payload.size();
  return bytes;
}

void put(Items& items, const core::Item& item, std::size_t keep) {
  std::erase_if(items, [&](const core::Item& each) { return each.id == item.id; });
  items.push_back(item);
  trim(items, keep);
}

// Of `items`, those that `query` means, before the answer's bounds are looked at. Errors: not_found.
Result<Items> select(const Items& items, const core::ItemQuery& query) {
  Items found;
  for (const std::string& id : query.ids) {
    if (const auto at = find_item(items, id); at != items.end()) found.push_back(*at);
  }
  if (!query.ids.empty()) return found;
  auto begin = items.begin();
  auto end = items.end();
  if (!query.after.empty()) begin = find_item(items, query.after);
  if (!query.before.empty()) end = find_item(items, query.before);
  const bool unknown = (!query.after.empty() && begin == items.end()) || (!query.before.empty() && end == items.end());
  if (unknown) return fail(Errc::not_found, "item");
  if (!query.after.empty()) ++begin;
  if (begin < end) found.assign(begin, end);
  return found;
}

}  // namespace

Result<> MemoryState::check_nodes(const core::Change& change) const {
  if (const auto* drop = std::get_if<core::DropNode>(&change)) {
    return accounts_.at(drop->uid).items.contains(drop->node) ? Result<>() : fail(Errc::not_found, "node");
  }
  if (const auto* drop = std::get_if<core::DropItem>(&change)) {
    const auto& nodes = accounts_.at(drop->uid).items;
    const auto node = nodes.find(drop->node);
    if (node == nodes.end()) return fail(Errc::not_found, "node");
    return find_item(node->second, drop->item) != node->second.end() ? Result<>() : fail(Errc::not_found, "item");
  }
  const auto* item = std::get_if<core::PutItem>(&change);
  if (item == nullptr) return {};
  const auto& nodes = accounts_.at(item->uid).items;
  if (!nodes.contains(item->node)) return fail(Errc::not_found, "node");
  std::size_t bytes = 0;
  for (const auto& [name, items] : nodes) {
    Items after = items;
    if (name == item->node) put(after, item->item, item->keep);
    bytes += bytes_of(after);
  }
  return bytes > item->limit ? Result<>(fail(Errc::too_big, "pep_bytes")) : Result<>();
}

void MemoryState::apply(const core::PutListening& change, Applied) {
  Account& account = accounts_[change.uid];
  account.listening = change.event;
  account.row.last.listening = std::get<core::Listening>(change.event->body).text;
}

void MemoryState::apply(const core::PutAvatar& change, Applied) {
  accounts_[change.uid].row.last.avatar = change.avatar;
}

void MemoryState::apply(const core::PutNode& change, Applied) {
  Account& account = accounts_[change.uid];
  account.row.nodes.put(change.node);
  trim(account.items[change.node.name], change.keep);
}

void MemoryState::apply(const core::DropNode& change, Applied) {
  Account& account = accounts_[change.uid];
  account.row.nodes.remove(change.node);
  account.items.erase(change.node);
}

void MemoryState::apply(const core::PutItem& change, Applied) {
  put(accounts_[change.uid].items[change.node], change.item, change.keep);
}

void MemoryState::apply(const core::DropItem& change, Applied) {
  std::erase_if(accounts_[change.uid].items[change.node],
                [&](const core::Item& item) { return item.id == change.item; });
}

Result<core::ItemPage> MemoryState::load_items(Uid uid, const std::string& node, const core::ItemQuery& query,
                                               std::size_t bytes) const {
  const auto account = accounts_.find(uid);
  if (account == accounts_.end()) return fail(Errc::not_found, "no such account");
  const auto stored = account->second.items.find(node);
  if (stored == account->second.items.end()) return fail(Errc::not_found, "node");
  Result<Items> found = select(stored->second, query);
  if (!found) return fail(std::move(found.error()));
  core::ItemPage page;
  page.count = stored->second.size();
  const bool newest = query.ids.empty() && query.after.empty();
  if (newest) std::reverse(found->begin(), found->end());
  std::size_t taken = 0;
  for (core::Item& item : *found) {
    if (query.ids.empty() && page.items.size() >= query.max) break;
    page.whole = taken == 0 || taken + item.payload.size() <= bytes;
    if (!page.whole) break;
    taken += item.payload.size();
    page.items.push_back(std::move(item));
  }
  if (newest) std::reverse(page.items.begin(), page.items.end());
  return page;
}

core::EventPtr MemoryState::last_said(const Account& account, const std::string& node, core::NodeConfig& config) const {
  const auto items = account.items.find(node);
  if (items == account.items.end() || items->second.empty()) return nullptr;
  config = account.row.nodes.find(node)->config;
  const core::Item& item = items->second.back();
  auto event = std::make_shared<core::Event>();
  event->at = item.at;
  event->from = account.row.address;
  event->body = core::Published{.what = core::Published::What::item,
                                .node = node,
                                .item = item.id,
                                .payload = config.payloads ? item.payload : std::string(),
                                .headline = config.headline};
  return event;
}

engine::LastPage MemoryState::load_last_said(const engine::LastQuery& query) const {
  engine::LastPage page;
  const std::size_t things = query.nodes.size() + (query.listening ? 1 : 0);
  std::size_t taken = 0;
  page.skip = query.skip;
  for (; page.people < query.people.size(); ++page.people, page.skip = 0) {
    const auto uid = by_address_.find(query.people[page.people].bare());
    for (; uid != by_address_.end() && page.skip < things; ++page.skip) {
      const Account& account = accounts_.at(uid->second);
      const bool listening = query.listening && page.skip == 0;
      engine::LastSaid said;
      const std::size_t at = page.skip - (query.listening ? 1 : 0);
      said.event = listening ? account.listening : last_said(account, query.nodes[at], said.config);
      if (said.event == nullptr) continue;
      if (!query.asker.same_bare(account.row.address)) {
        said.entry = account.row.roster.find(query.asker);
        said.blocked = account.row.blocks.covers(query.asker);
      }
      const auto* published = std::get_if<core::Published>(&said.event->body);
      const std::size_t size = published == nullptr ? 256 : published->payload.size();
      if (taken != 0 && taken + size > query.bytes) return page;
      taken += size;
      page.said.push_back(std::move(said));
    }
  }
  return page;
}

}  // namespace confab::store
