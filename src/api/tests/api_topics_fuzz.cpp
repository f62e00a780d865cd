// Arbitrary publishes, "topic \n payload": what is accepted keeps the server's own members, comes out as sound JSON,
// and once it has been through, goes through unchanged.
#include <cstdint>
#include <cstdlib>

#include "api/members.h"
#include "api/topics.h"

namespace {

using namespace confab;
using namespace confab::api;

const Viewer kAlice{{"alice", "example.org", "phone"}, false};
const Viewer kBob{{"bob", "example.org", "desk"}, false};

void require(bool holds) {
  if (!holds) std::abort();
}

core::Event delivered(core::Send send) {
  send.event.id.bytes[15] = 7;
  send.event.at = {5};
  send.event.from = kAlice.me;
  send.event.source = core::Wire::mqtt;
  return std::move(send.event);
}

std::string told(core::Event event) {
  const auto out = write_all({.event = std::make_shared<const core::Event>(std::move(event)), .seq = 1}, kBob);
  if (out.empty()) return {};
  Result<Members> members = Members::read(out[0].payload);
  require(members.has_value());
  require(members->text("from").starts_with("alice@example.org"));
  require(members->number("ts", 5, 5) == 5);
  return out[0].payload;
}

void check_send(core::Send send, std::string_view topic) {
  const bool envelope = std::holds_alternative<core::Message>(send.event.body) ||
                        std::holds_alternative<core::Edit>(send.event.body) ||
                        std::holds_alternative<core::Recall>(send.event.body);
  const std::string first = told(delivered(std::move(send)));
  // A name that begins with the prefix twice is another one once it has lost the first.
  if (!envelope || first.find("cid:") != std::string::npos) return;
  Result<Said> again = read({.topic = topic, .payload = first, .content_type = kContentType}, kAlice, 0);
  require(again.has_value());
  require(told(delivered(std::get<core::Send>(std::move(*again)))) == first);
}

void check_presence(const PresenceChange& change) {
  core::Event event;
  event.body = core::Presence{};
  apply(change, event);
  event.from = kAlice.me;
  event.at = {5};
  told(std::move(event));
}

void check_listening(core::SetListening listening) {
  core::Event event;
  event.body = core::Listening{std::move(listening.text)};
  event.annex = std::move(listening.annex);
  event.from = kAlice.me;
  event.at = {5};
  told(std::move(event));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(bytes), size);
  const std::size_t line = all.find('\n');
  const std::string_view topic = all.substr(0, line);
  const std::string_view payload = line == std::string_view::npos ? std::string_view() : all.substr(line + 1);
  Result<Said> said = read({.topic = topic, .payload = payload}, kAlice, 4096);
  if (!said) return 0;
  if (auto* send = std::get_if<core::Send>(&*said)) check_send(std::move(*send), topic);
  if (auto* change = std::get_if<PresenceChange>(&*said)) check_presence(*change);
  if (auto* listening = std::get_if<core::SetListening>(&*said)) check_listening(std::move(*listening));
  if (auto* request = std::get_if<Request>(&*said)) {
    require(Members::read(request->params).has_value());
    require(request->rid.empty() || json::check_value(request->rid).has_value());
  }
  return 0;
}
