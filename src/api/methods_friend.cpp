// friend.*: the roster (RFC 6121 §2 and §3), and whom one will not hear of.
#include <algorithm>

#include "api/methods.h"
#include "api/parameters.h"
#include "api/presence.h"
#include "api/roster.h"
#include "json/write.h"

namespace confab::api {
namespace {

using Step = core::Subscription::Step;

constexpr std::size_t kMaxText = 1023;  // of a name or a group, as on every wire
constexpr Parameter kJid{"jid", Type::text, true, "who: bob, or bob@example.org"};
constexpr Parameter kName{"name", Type::text, false, "what you call him"};
constexpr Parameter kGroups{"groups", Type::list, false, "the groups of your roster that he is in, by name"};

std::string request_json(const core::RosterItem& item) {
  json::ObjectText out;
  out.text("jid", to_string(item.peer));
  if (!item.request.empty()) out.text("note", item.request.front().text);
  return out.take();
}

// What is gathered for the list, question by question.
struct Gathered {
  core::RosterItems roster;
  std::vector<Address> blocked;
  std::vector<core::EventPtr> presences;

  std::string presence_of(const Address& peer) const {
    const auto at = std::find_if(presences.begin(), presences.end(),
                                 [&peer](const core::EventPtr& event) { return event->from.same_bare(peer); });
    return at == presences.end() ? std::string() : write_facets(**at);
  }
};

std::string list_json(const Gathered& all) {
  std::vector<std::string> items, requests, blocked;
  for (const core::RosterItem& item : all.roster.items) {
    if (item.pending_in) requests.push_back(request_json(item));
    if (item.deleted) items.push_back(write_listed(item, {}));
    if (item.listed && !item.deleted) items.push_back(write_listed(item, all.presence_of(item.peer)));
  }
  for (const Address& peer : all.blocked) blocked.push_back(to_string(peer));
  json::ObjectText out;
  out.number("version", static_cast<std::int64_t>(all.roster.version)).flag("full", all.roster.full);
  out.raw("items", json::array_of(items)).raw("requests", json::array_of(requests));
  return out.raw("blocked", json::array_of_texts(blocked)).take();
}

void list_blocks(Gathered all, Call& call) {
  call.ask(core::GetBlocks{}, [all = std::move(all)](const core::Reply& reply, Call& then) mutable {
    if (const auto* blocked = std::get_if<core::BlockedPeers>(&reply)) all.blocked = blocked->peers;
    then.ask(core::GetPresences{}, [all = std::move(all)](const core::Reply& presences, Call& last) mutable {
      if (const auto* found = std::get_if<core::PresencesFound>(&presences)) all.presences = found->events;
      last.result(list_json(all));
    });
  });
}

void list(Members& params, Call& call) {
  core::GetRoster command;
  command.requests = true;
  const std::int64_t version = params.number("version", 0, INT64_MAX);
  if (version > 0) command.version = static_cast<std::uint64_t>(version);
  if (!is_sound(params, call)) return;
  call.ask(command, [](const core::Reply& reply, Call& then) {
    const auto* roster = std::get_if<core::RosterItems>(&reply);
    if (roster == nullptr) return then.error(Errc::unavailable);
    list_blocks({.roster = *roster, .blocked = {}, .presences = {}}, then);
  });
}

core::Subscribe step(const Address& peer, Step what, std::string note = {}) {
  core::Subscription subscription{what, {}};
  if (!note.empty()) subscription.note.push_back({{}, std::move(note)});
  core::Event event;
  event.to = peer;
  event.body = std::move(subscription);
  return {std::move(event)};
}

// Name and groups, as far as they are given; nullopt: the call has its error.
std::optional<core::SetRosterItem> item_in(Members& params, Call& call) {
  const std::optional<Address> peer = person_in(params, "jid", call);
  if (!peer) return std::nullopt;
  core::SetRosterItem item;
  item.peer = *peer;
  item.keep_name = !params.has("name");
  item.keep_groups = !params.has("groups");
  item.name = params.text("name", kMaxText);
  for (std::string& group : params.texts("groups")) {
    if (group.empty() || group.size() > kMaxText) params.refuse("groups");
    const bool again = std::find(item.groups.begin(), item.groups.end(), group) != item.groups.end();
    if (!again) item.groups.push_back(std::move(group));
  }
  if (!is_sound(params, call)) return std::nullopt;
  return item;
}

// The friend may see this account at once, so that he is a friend both ways as soon as he accepts.
void add(Members& params, Call& call) {
  std::string note = params.text("note", kMaxText);
  std::optional<core::SetRosterItem> item = item_in(params, call);
  if (!item) return;
  const Address peer = item->peer;
  if (peer.same_bare(call.viewer().me)) return call.error(Errc::forbidden, "jid");
  std::vector<core::Command> commands;
  if (peer.domain == call.viewer().me.domain) commands.emplace_back(core::GetProfile{peer});  // not_found
  commands.emplace_back(std::move(*item));
  commands.emplace_back(step(peer, Step::subscribed));
  commands.emplace_back(step(peer, Step::subscribe, std::move(note)));
  call.ask_in_turn(std::move(commands));
}

// `commands`, if he has asked and waits for an answer.
void answer_request(const Address& peer, std::vector<core::Command> commands, Call& call) {
  core::GetRoster command;
  command.requests = true;
  call.ask(command, [peer, commands = std::move(commands)](const core::Reply& reply, Call& then) mutable {
    const auto* roster = std::get_if<core::RosterItems>(&reply);
    const bool asked = roster != nullptr &&
                       std::any_of(roster->items.begin(), roster->items.end(), [&peer](const core::RosterItem& item) {
                         return item.pending_in && item.peer.same_bare(peer);
                       });
    if (!asked) return then.error(Errc::not_found, "no request");
    then.ask_in_turn(std::move(commands));
  });
}

// rulings.md: accepting is mutual.
void accept(Members& params, Call& call) {
  std::optional<core::SetRosterItem> item = item_in(params, call);
  if (!item) return;
  const Address peer = item->peer;
  std::vector<core::Command> commands;
  commands.emplace_back(step(peer, Step::subscribed));
  if (!item->keep_name || !item->keep_groups) commands.emplace_back(std::move(*item));
  commands.emplace_back(step(peer, Step::subscribe));
  answer_request(peer, std::move(commands), call);
}

void decline(Members& params, Call& call) {
  const std::optional<Address> peer = person_in(params, "jid", call);
  if (peer) answer_request(*peer, {step(*peer, Step::unsubscribed)}, call);
}

void remove(Members& params, Call& call) {
  if (const auto peer = person_in(params, "jid", call)) call.ask_in_turn({core::RemoveRosterItem{*peer}});
}

void move(Members& params, Call& call) {
  std::optional<core::SetRosterItem> item = item_in(params, call);
  if (!item) return;
  if (item->keep_name && item->keep_groups) return call.error(Errc::bad_payload, "missing parameter: groups");
  item->only_known = true;
  call.ask_in_turn({std::move(*item)});
}

void block(Members& params, Call& call) {
  const std::optional<Address> peer = person_in(params, "jid", call);
  if (!peer) return;
  if (peer->same_bare(call.viewer().me)) return call.error(Errc::forbidden, "jid");
  call.ask_in_turn({core::Block{{*peer}}});
}

void unblock(Members& params, Call& call) {
  if (const auto peer = person_in(params, "jid", call)) call.ask_in_turn({core::Unblock{{*peer}}});
}

}  // namespace

void install_friend_methods(MethodTable& on) {
  on.add(
      {"friend.list",
       "The roster: friends, who asks to be one, who is blocked",
       {{"version", Type::number, false, "that you have: only what changed since comes, if it is known"}},
       R"({"version","full","items":[{"jid","name","groups","sub","dept","pending"?,"presence"?,"subscription"}],"requests":[{"jid","note"?}],"blocked":[jid]})",
       R"({"version":12})",
       "msg",
       false,
       list});
  on.add({"friend.add",
          "Puts somebody into the roster, and asks to see his presence; he may see yours",
          {kJid, kName, kGroups, {"note", Type::text, false, "what you say to it"}},
          "true",
          R"({"jid":"bob","groups":["Friends"],"note":"it is me"})",
          "msg",
          true,
          add});
  on.add({"friend.accept",
          "Lets somebody who asked see your presence, and asks for his",
          {kJid, kName, kGroups},
          "true",
          R"({"jid":"bob"})",
          "msg",
          true,
          accept});
  on.add(
      {"friend.decline", "Does not let somebody who asked", {kJid}, "true", R"({"jid":"bob"})", "msg", true, decline});
  on.add({"friend.remove",
          "Takes a friend out of the roster, and ends it both ways",
          {kJid},
          "true",
          R"({"jid":"bob"})",
          "msg",
          true,
          remove});
  on.add({"friend.move",
          "Another name or other groups for a friend",
          {kJid, kName, kGroups},
          "true",
          R"({"jid":"bob","groups":["Work"]})",
          "msg",
          true,
          move});
  on.add({"friend.block",
          "Nothing of somebody comes through any more",
          {kJid},
          "true",
          R"({"jid":"eve"})",
          "msg",
          true,
          block});
  on.add({"friend.unblock", "It does again", {kJid}, "true", R"({"jid":"eve"})", "msg", true, unblock});
}

}  // namespace confab::api
