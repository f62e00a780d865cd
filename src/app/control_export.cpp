// confabctl user export: everything that is kept of a person, as lines of JSON (docs/admin/export.md). One request
// brings a part, so that neither side holds more than that: first what is always small, then what is published node by
// node, then the log, page by page. The last line of a part says how the next one is asked for, or that there is none.
#include <array>

#include "app/control_verbs.h"
#include "app/event_json.h"

namespace confab::app {
namespace {

constexpr std::size_t kRowsOfPart = 500;
constexpr std::size_t kBytesOfPart = 1U << 20;

std::string next_line(Uid uid, const std::vector<std::string>& more) {
  std::vector<std::string> args{"--uid=" + std::to_string(uid)};
  args.insert(args.end(), more.begin(), more.end());
  return "{\"type\":\"next\",\"args\":" + json_quotes(args) + "}\n";
}

// Of the node at this place among the account's; behind the last of them comes the log.
std::string next_node(const core::AccountRow& row, std::size_t place, const std::string& before = {}) {
  if (place >= row.nodes.size()) return next_line(row.uid, {"--after=0"});
  std::vector<std::string> args{"--node=" + std::to_string(place + 1)};
  if (!before.empty()) args.push_back("--before=" + before);
  return next_line(row.uid, args);
}

// No credentials: what proves who somebody is, is not what he said or did.
std::string account_line(const core::AccountRow& row) {
  JsonObject out;
  out.text("type", "account").text("address", to_string(row.address)).number("uid", row.uid);
  out.text("created", format_utc(row.created)).flag("admin", row.admin).flag("disabled", row.disabled);
  return out.number("log_head", row.head).number("log_delivered", row.delivered).take() + "\n";
}

std::string profile_line(const core::Profile& profile) {
  JsonObject out;
  out.text("type", "profile").text("name", profile.name).text("email", profile.email).text("phone", profile.phone);
  return out.list("annex", annex_json(profile.annex)).take() + "\n";
}

std::string device_line(const core::Device& device) {
  JsonObject out;
  out.text("type", "device").text("name", device.name).number("cursor", device.cursor);
  return out.text("last_seen", format_utc(device.last_seen)).take() + "\n";
}

std::string_view subscription_of(const core::RosterItem& item) {
  if (item.to) return item.from ? "both" : "to";
  return item.from ? "from" : "none";
}

std::string contact_line(const core::RosterItem& item) {
  JsonObject out;
  out.text("type", "contact").text("address", to_string(item.peer)).text("name", item.name);
  if (!item.groups.empty()) out.always("groups", json_quotes(item.groups));
  out.text("subscription", subscription_of(item)).flag("pending_out", item.pending_out);
  out.flag("pending_in", item.pending_in).flag("approved", item.approved).flag("listed", item.listed);
  out.list("request", texts_json(item.request)).flag("deleted", item.deleted);
  return out.number("version", item.version).take() + "\n";
}

std::string block_line(const Address& peer) {
  JsonObject out;
  return out.text("type", "block").text("address", to_string(peer)).take() + "\n";
}

std::string presence_line(const core::Presence& last) {
  JsonObject out;
  out.text("type", "presence").text("status", name_of(last.status)).list("signature", texts_json(last.signature));
  out.text("listening", last.listening);
  if (last.since.ms != 0) out.text("since", format_utc(last.since));
  return out.take() + "\n";
}

std::string header_line(const VerbCall& call, const core::AccountRow& row) {
  JsonObject out;
  out.text("format", "confab-export").number("version", 1).text("account", to_string(row.address));
  out.text("exported", format_utc(call.loop.now().wall)).text("server", CONFAB_VERSION);
  return out.take() + "\n";
}

ControlReply first_part(VerbCall& call, const core::AccountRow& row) {
  const auto profile = call.loop.wait<core::Profile>(
      kStoreWait, [&](auto answer) { call.ports.store->load_profile(row.uid, call.loop, std::move(answer)); });
  if (!profile) return refuse(call, profile.error());
  std::string out = header_line(call, row) + account_line(row) + profile_line(*profile);
  for (const core::Device& device : row.devices) out += device_line(device);
  for (const core::RosterItem& item : row.roster) out += contact_line(item);
  for (const Address& peer : row.blocks.peers) out += block_line(peer);
  out += presence_line(row.last) + next_node(row, 0);
  return {kExitDone, std::move(out), {}};
}

std::string node_line(const core::Node& node) {
  static constexpr std::array<std::string_view, 4> kAccess{"presence", "open", "roster", "whitelist"};
  JsonObject out;
  out.text("type", "node")
      .text("name", node.name)
      .text("access", kAccess.at(static_cast<std::size_t>(node.config.access)));
  return out.flag("private_storage", !node.config.listed).text("title", node.config.title).take() + "\n";
}

std::string published_line(const core::Node& node, const core::Item& item) {
  JsonObject out;
  out.text("type", "published").text("node", node.name).text("item", item.id).text("at", format_utc(item.at));
  return out.text("payload", item.payload).take() + "\n";
}

// The newest items first, page by page.
ControlReply node_part(VerbCall& call, const core::AccountRow& row, std::size_t place, const std::string& before) {
  const std::vector<core::Node> nodes = row.nodes.all();
  if (place >= nodes.size()) return {kExitDone, next_node(row, place), {}};
  const core::Node& node = nodes[place];
  core::ItemQuery query;
  query.before = before;
  const auto page = call.loop.wait<core::ItemPage>(kStoreWait, [&](auto answer) {
    call.ports.store->load_items(row.uid, node.name, query, kBytesOfPart, call.loop, std::move(answer));
  });
  // What went away meanwhile is not there to be exported.
  if (!page && page.error().code != Errc::not_found) return refuse(call, page.error());
  std::string out = before.empty() ? node_line(node) : std::string();
  if (!page || page->items.empty()) return {kExitDone, out + next_node(row, place + 1), {}};
  for (const core::Item& item : page->items) out += published_line(node, item);
  out += page->whole ? next_node(row, place + 1) : next_node(row, place, page->items.front().id);
  return {kExitDone, std::move(out), {}};
}

ControlReply log_part(VerbCall& call, const core::AccountRow& row, Upos after) {
  const auto page = call.loop.wait<std::vector<engine::LogRow>>(kStoreWait, [&](auto answer) {
    call.ports.store->read_log(row.uid, after, kRowsOfPart, kBytesOfPart, call.loop, std::move(answer));
  });
  if (!page) return refuse(call, page.error());
  std::string out;
  for (const engine::LogRow& one : *page) out += event_json(one.upos, *one.event, row.address) + "\n";
  out += page->empty() ? "{\"type\":\"end\"}\n" : next_line(row.uid, {"--after=" + std::to_string(page->back().upos)});
  return {kExitDone, std::move(out), {}};
}

}  // namespace

ControlReply user_export(VerbCall& call) {
  const auto uid = number_flag(call, "--uid", 0, static_cast<std::uint64_t>(INT64_MAX));
  const auto after = number_flag(call, "--after", 0, static_cast<std::uint64_t>(INT64_MAX));
  const auto node = number_flag(call, "--node", 0, 1'000'000);
  if (!uid || !after || !node) return usage("--uid, --after and --node: wanted numbers");
  const auto address = account_of(call, call.names[0]);
  if (!address) return refuse(call, address.error());
  const auto row = load(call, *address);
  if (!row) return refuse(call, row.error());
  if (*uid == 0) return first_part(call, *row);
  if (*uid != row->uid) return refuse(call, {Errc::conflict, to_string(*address) + " is another account by now"});
  if (*node == 0) return log_part(call, *row, *after);
  const auto before = call.flags.find("--before");
  return node_part(call, *row, *node - 1, before == call.flags.end() ? std::string() : before->second);
}

}  // namespace confab::app
