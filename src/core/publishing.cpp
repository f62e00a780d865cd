// What an account publishes: into which nodes, and who is told (XEP-0060, XEP-0163).
#include <algorithm>

#include "core/decisions.h"

namespace confab::core {
namespace {

constexpr std::size_t kMaxGroups = 100;

bool is_subscribed(const std::optional<RosterItem>& entry) {
  return entry && entry->from && !entry->deleted;
}

std::optional<Refused> check_config(const NodeConfig& config, const Policy& policy) {
  const auto is_long = [](const std::string& text) { return text.size() > kMaxNodeName; };
  if (is_long(config.title) || is_long(config.description) || is_long(config.type)) {
    return Refused{Errc::too_big, "a text over 1023 bytes"};
  }
  if (config.groups.size() > kMaxGroups || std::any_of(config.groups.begin(), config.groups.end(), is_long)) {
    return Refused{Errc::too_big, "roster_groups_allowed"};
  }
  if (config.max_items != kMaxItems && config.max_items > policy.pep_items_per_node) {
    return Refused{Errc::too_big, "pep_items_per_node"};
  }
  if (config.max_bytes > policy.pep_item_bytes) return Refused{Errc::too_big, "pep_item_bytes"};
  return std::nullopt;
}

std::optional<Refused> check_name(const std::string& name, std::string_view what) {
  if (name.empty()) return Refused{Errc::bad_payload, std::string(what)};
  if (name.size() > kMaxNodeName) return Refused{Errc::too_big, std::string(what) + " over 1023 bytes"};
  return std::nullopt;
}

std::uint32_t kept_items(const NodeConfig& config, const Policy& policy) {
  return static_cast<std::uint32_t>(std::min<std::size_t>(config.max_items, policy.pep_items_per_node));
}

EventPtr make_published(const Account& account, const NodeConfig& config, Published published, const Context& context) {
  published.headline = config.headline;
  return make_event(context, account.row.address, {}, std::move(published));
}

// Everybody who is to be told: friends who see the node, and the account's own sessions. What any of them is interested
// in is for their wire to know.
void tell(const Account& account, const NodeConfig& config, const EventPtr& event, Plan& plan) {
  if (!config.notify) return;
  const bool shared = config.access != Access::whitelist;
  if (shared) {
    for (const RosterItem& item : account.row.roster) {
      if (!is_subscribed(item) || sight_of(config, item) != Sight::seen) continue;
      if (!account.row.blocks.covers(item.peer)) plan.forwards.push_back({item.peer, event, true});
    }
  }
  notify_sessions(account, event, plan,
                  [](const SessionState& session) { return session.available && !session.lingering; });
}

// A publication or more being decided: the nodes as they will be, and what is to be done.
struct Draft {
  const Account& account;
  const Context& context;
  Nodes nodes;
  Plan plan;
  ItemsPublished ids;
};

std::optional<Refused> make_node(Draft& draft, const std::string& name, const NodeOptions& options) {
  const Policy& policy = draft.context.policy;
  Node node{name, configured({}, options)};
  if (auto refused = check_name(name, "node")) return refused;
  if (auto refused = check_config(node.config, policy)) return refused;
  if (draft.nodes.size() >= policy.pep_nodes) return Refused{Errc::too_big, "pep_nodes"};
  draft.nodes.put(node);
  const std::uint32_t keep = kept_items(node.config, policy);
  draft.plan.changes.emplace_back(PutNode{draft.account.row.uid, std::move(node), keep});
  return std::nullopt;
}

std::optional<Refused> publish_one(Draft& draft, Publication&& publication) {
  const Policy& policy = draft.context.policy;
  if (!draft.nodes.find(publication.node)) {
    if (auto refused = make_node(draft, publication.node, publication.options)) return refused;
  }
  const NodeConfig config = draft.nodes.find(publication.node)->config;
  if (publication.insists && !agrees(config, publication.options))
    return Refused{Errc::conflict, std::string(why::kPrecondition)};
  const std::size_t most =
      config.max_bytes == 0 ? policy.pep_item_bytes : std::min<std::size_t>(config.max_bytes, policy.pep_item_bytes);
  if (publication.payload.size() > most) return Refused{Errc::too_big, "pep_item_bytes"};
  EventPtr event = make_published(draft.account, config, {}, draft.context);
  if (publication.item.empty()) publication.item = to_string(event->id);
  if (auto refused = check_name(publication.item, "item")) return refused;
  auto told = std::make_shared<Event>(*event);
  auto& published = std::get<Published>(told->body);
  published.node = publication.node;
  published.item = publication.item;
  if (config.payloads) published.payload = publication.payload;
  tell(draft.account, config, told, draft.plan);
  draft.ids.items.push_back(publication.item);
  if (!config.persist || config.max_items == 0) return std::nullopt;
  draft.plan.changes.emplace_back(
      PutItem{.uid = draft.account.row.uid,
              .node = std::move(publication.node),
              .item = {std::move(publication.item), std::move(publication.payload), told->at},
              .keep = kept_items(config, policy),
              .limit = policy.pep_bytes});
  return std::nullopt;
}

std::optional<Refused> retract_one(Draft& draft, Retraction&& retraction) {
  const std::optional<Node> node = draft.nodes.find(retraction.node);
  if (!node) return Refused{Errc::not_found, "node"};
  if (retraction.notify || node->config.notify_retract) {
    Published published{.what = Published::What::retracted, .node = retraction.node, .item = retraction.item};
    tell(draft.account, node->config, make_published(draft.account, node->config, std::move(published), draft.context),
         draft.plan);
  }
  draft.plan.changes.emplace_back(
      DropItem{draft.account.row.uid, std::move(retraction.node), std::move(retraction.item)});
  return std::nullopt;
}

void change_avatar(const Account& account, const std::optional<std::string>& avatar, Plan& plan) {
  // An account that never had a picture has none to take away.
  const RareText& now = account.row.last.avatar;
  if (!avatar || now == *avatar || (now.empty() && *avatar == kNoAvatar)) return;
  plan.changes.emplace_back(PutAvatar{account.row.uid, *avatar});
  plan.announce = true;
}

Plan refused_plan(const Refused& refused) {
  return refuse(refused.code, refused.text);
}

}  // namespace

Sight sight_of(const NodeConfig& config, const std::optional<RosterItem>& entry) {
  switch (config.access) {
    case Access::open:
      return Sight::seen;
    case Access::presence:
      return is_subscribed(entry) ? Sight::seen : Sight::needs_presence;
    case Access::roster: {
      if (!is_subscribed(entry)) return Sight::needs_presence;
      const bool member = std::any_of(entry->groups.begin(), entry->groups.end(), [&](const std::string& group) {
        return std::find(config.groups.begin(), config.groups.end(), group) != config.groups.end();
      });
      return member ? Sight::seen : Sight::needs_group;
    }
    case Access::whitelist:
      break;
  }
  return Sight::closed;
}

// Who does not see the account's presence learns nothing of what there is, but for what is open to everybody.
tl::expected<Node, Refused> look_at(const Account& account, const std::string& name, const Address& asker) {
  std::optional<Node> node = account.row.nodes.find(name);
  const auto nothing = tl::unexpected(Refused{Errc::not_found, {}});
  if (!node) return nothing;
  if (asker.same_bare(account.row.address)) return std::move(*node);
  if (!node->config.listed || account.row.blocks.covers(asker)) return nothing;
  const std::optional<RosterItem> entry = account.row.roster.find(asker);
  const Sight sight = sight_of(node->config, entry);
  if (sight == Sight::seen) return std::move(*node);
  if (!is_subscribed(entry)) return nothing;
  if (sight == Sight::needs_group) return tl::unexpected(Refused{Errc::not_authorized, std::string(why::kGroup)});
  return tl::unexpected(Refused{Errc::not_allowed, std::string(why::kClosed)});
}

tl::expected<NodesFound, Refused> look_around(const Account& account, const Address& asker) {
  const bool own = asker.same_bare(account.row.address);
  const std::optional<RosterItem> entry = account.row.roster.find(asker);
  if (!own && (!is_subscribed(entry) || account.row.blocks.covers(asker))) {
    return tl::unexpected(Refused{Errc::not_found, {}});
  }
  NodesFound found{.nodes = account.row.nodes.all(), .listening = !account.row.last.listening.empty()};
  std::erase_if(found.nodes, [&](const Node& node) {
    return !node.config.listed || (!own && sight_of(node.config, entry) != Sight::seen);
  });
  return found;
}

std::optional<Refused> hears_not(const Account& account, const Address& asker) {
  if (asker.same_bare(account.row.address)) return std::nullopt;
  const bool hears = is_subscribed(account.row.roster.find(asker)) && !account.row.blocks.covers(asker);
  return hears ? std::nullopt : std::optional(Refused{Errc::not_found, {}});
}

Plan publish(const Account& account, const SessionState&, Publish& command, const Context& context) {
  Draft draft{account, context, account.row.nodes, {}, {}};
  for (Publication& each : command.publications) {
    if (auto refused = publish_one(draft, std::move(each))) return refused_plan(*refused);
  }
  for (Retraction& each : command.retractions) {
    if (auto refused = retract_one(draft, std::move(each))) return refused_plan(*refused);
  }
  if (command.profile) draft.plan.changes.emplace_back(PutProfile{account.row.uid, std::move(*command.profile)});
  change_avatar(account, command.avatar, draft.plan);
  draft.plan.reply = std::move(draft.ids);
  return std::move(draft.plan);
}

Plan configure_node(const Account& account, ConfigureNode& command, const Context& context) {
  Draft draft{account, context, account.row.nodes, {}, {}};
  std::optional<Node> node = account.row.nodes.find(command.node);
  if (command.make) {
    if (node) return refuse(Errc::conflict, "node");
    if (command.node.empty()) command.node = to_string(context.ids.next(context.now));
    if (auto refused = make_node(draft, command.node, command.options)) return refused_plan(*refused);
  } else {
    if (!node) return refuse(Errc::not_found, "node");
    node->config = configured(std::move(node->config), command.options);
    if (auto refused = check_config(node->config, context.policy)) return refused_plan(*refused);
    if (node->config.notify_config) {
      Published published{.what = Published::What::configured, .node = command.node};
      tell(account, node->config, make_published(account, node->config, std::move(published), context), draft.plan);
    }
    const std::uint32_t keep = node->config.persist ? kept_items(node->config, context.policy) : 0;
    draft.plan.changes.emplace_back(PutNode{account.row.uid, std::move(*node), keep});
  }
  draft.plan.reply = NodeMade{std::move(command.node)};
  return std::move(draft.plan);
}

Plan clear_node(const Account& account, const ClearNode& command, const Context& context) {
  std::optional<Node> node = account.row.nodes.find(command.node);
  if (!node) return refuse(Errc::not_found, "node");
  Plan plan;
  const NodeConfig& config = node->config;
  if (command.whole ? config.notify_delete : config.notify_retract) {
    Published published{.what = command.whole ? Published::What::deleted : Published::What::purged,
                        .node = command.node};
    tell(account, config, make_published(account, config, std::move(published), context), plan);
  }
  if (command.whole) {
    plan.changes.emplace_back(DropNode{account.row.uid, command.node});
  } else {
    plan.changes.emplace_back(PutNode{account.row.uid, std::move(*node), 0});
  }
  change_avatar(account, command.avatar, plan);
  plan.reply = Done{};
  return plan;
}

void change_listening(const Account& account, Event&& event, const Context& context, Plan& plan) {
  event.id = context.ids.next(context.now);
  event.at = context.now;
  event.from = account.row.address;
  const EventPtr told = std::make_shared<const Event>(std::move(event));
  plan.changes.emplace_back(PutListening{account.row.uid, told});
  tell(account, {}, told, plan);
}

Plan set_listening(const Account& account, const SessionState& session, SetListening& command, const Context& context) {
  if (command.text.size() > kMaxListening) return refuse(Errc::too_big, "listening over 1023 bytes");
  std::size_t bytes = 0;
  for (const AnnexItem& item : command.annex) bytes += item.key.size() + item.bytes.size();
  if (bytes > context.policy.pep_item_bytes) return refuse(Errc::too_big, "pep_item_bytes");
  Plan plan;
  Event event;
  event.source = session.wire;
  event.body = Listening{std::move(command.text)};
  event.annex = std::move(command.annex);
  change_listening(account, std::move(event), context, plan);
  plan.reply = Done{};
  return plan;
}

// Like a broadcast of presence: it counts from those whose presence this account is subscribed to.
Plan receive_published(const Account& account, const EventPtr& event) {
  Plan plan;
  if (account.row.blocks.covers(event->from)) return plan;
  const std::optional<RosterItem> item = account.row.roster.find(event->from);
  if (!item || !item->to) return plan;
  notify_sessions(account, event, plan,
                  [](const SessionState& session) { return session.available && !session.lingering; });
  return plan;
}

}  // namespace confab::core
