// confabctl user export: everything that is kept of a person, as lines of JSON (docs/admin/export.md). One request
// brings a part, so that neither side holds more than that: first what is not the log, then the log page by page. The
// last line of a part says how the next one is asked for, or that there is none.
#include "app/control_verbs.h"
#include "app/event_json.h"

namespace confab::app {
namespace {

constexpr std::size_t kRowsOfPart = 500;
constexpr std::size_t kBytesOfPart = 1U << 20;

std::string next_line(Uid uid, Upos after) {
  return "{\"type\":\"next\",\"uid\":" + std::to_string(uid) + ",\"after\":" + std::to_string(after) + "}\n";
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
  out += presence_line(row.last) + next_line(row.uid, 0);
  return {kExitDone, std::move(out), {}};
}

ControlReply log_part(VerbCall& call, const core::AccountRow& row, Upos after) {
  const auto page = call.loop.wait<std::vector<engine::LogRow>>(kStoreWait, [&](auto answer) {
    call.ports.store->read_log(row.uid, after, kRowsOfPart, kBytesOfPart, call.loop, std::move(answer));
  });
  if (!page) return refuse(call, page.error());
  std::string out;
  for (const engine::LogRow& one : *page) out += event_json(one.upos, *one.event, row.address) + "\n";
  out += page->empty() ? "{\"type\":\"end\"}\n" : next_line(row.uid, page->back().upos);
  return {kExitDone, std::move(out), {}};
}

}  // namespace

ControlReply user_export(VerbCall& call) {
  const auto uid = number_flag(call, "--uid", 0, static_cast<std::uint64_t>(INT64_MAX));
  const auto after = number_flag(call, "--after", 0, static_cast<std::uint64_t>(INT64_MAX));
  if (!uid || !after) return usage("--uid and --after: wanted numbers");
  const auto address = account_of(call, call.names[0]);
  if (!address) return refuse(call, address.error());
  const auto row = load(call, *address);
  if (!row) return refuse(call, row.error());
  if (*uid == 0) return first_part(call, *row);
  if (*uid != row->uid) return refuse(call, {Errc::conflict, to_string(*address) + " is another account by now"});
  return log_part(call, *row, *after);
}

}  // namespace confab::app
