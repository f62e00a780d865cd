// Arbitrary bytes, cut arbitrarily, into a session before login, after binding, and with stream management; a scripted
// domain answers. What comes out must be a stream that our own strict reader reads, and memory stays bounded.
#include <cstdint>
#include <cstdlib>

#include "xmpp/tests/peer.h"

namespace confab::xmpp {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

core::Reply answer_to(const core::Command& command, bool refuse) {
  if (refuse) return core::Refused{Errc::not_found, "refused"};
  if (std::holds_alternative<core::OpenSession>(command)) return core::SessionOpened{1, "made"};
  if (std::holds_alternative<core::FindCredentials>(command)) return core::CredentialsFound{};
  if (std::holds_alternative<core::GetRoster>(command)) return core::RosterItems{};
  if (std::holds_alternative<core::Send>(command)) return core::Sent{};
  if (std::holds_alternative<core::GetProfile>(command)) return core::ProfileFound{{}, "111f"};
  if (std::holds_alternative<core::GetNodes>(command)) return core::NodesFound{{{"n", {}}}, true};
  return core::Done{};
}

// What accounts publish comes back as it was published, whoever asks for it.
core::Reply published_answer(const core::Command& command, const core::Publish& last, bool refuse) {
  if (refuse) return core::Refused{Errc::conflict, std::string(core::why::kPrecondition)};
  if (const auto* publish = std::get_if<core::Publish>(&command)) {
    return core::ItemsPublished{std::vector<std::string>(publish->publications.size(), "i")};
  }
  if (std::holds_alternative<core::ConfigureNode>(command)) return core::NodeMade{"made"};
  if (std::holds_alternative<core::GetItems>(command)) {
    core::ItemsFound found;
    for (const core::Publication& each : last.publications) found.page.items.push_back({each.item, each.payload, {}});
    found.page.count = found.page.items.size() + 1;
    return found;
  }
  return answer_to(command, false);
}

core::Event event_of(const core::Publish& publish) {
  core::Event event;
  event.from = {"alice", "example.org", {}};
  core::Published published;
  if (!publish.publications.empty()) {
    published.node = publish.publications.front().node;
    published.payload = publish.publications.front().payload;
  }
  event.body = std::move(published);
  return event;
}

// What was sent, read back stream by stream.
class Check {
 public:
  void operator()(std::string_view out) {
    // Each stream begins with its XML declaration.
    while (!out.empty()) {
      const std::size_t next = out.find("<?xml", 1);
      const std::string_view part = out.substr(0, next);
      if (part.starts_with("<?xml")) reader_.reset();
      reader_.feed(part);
      for (;;) {
        const Result<xml::Item> item = reader_.next();
        require(item.has_value());
        if (item->kind == xml::Item::Kind::none) break;
      }
      if (next == std::string_view::npos) return;
      out.remove_prefix(next);
    }
  }

 private:
  static xml::Limits wide() {
    xml::Limits limits;
    limits.bytes = 1U << 24;
    limits.elements = 1U << 20;
    limits.depth = 100;
    limits.namespaces = 1000;
    return limits;
  }
  xml::Reader reader_{wide()};
};

void run(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return;
  FakeWorld world;
  Config config;
  config.registration = (data[0] & 4) != 0 ? Registration::open : Registration::invite;
  config.messages_per_second = 0;
  const auto site = world.site(config);
  Peer peer(*site);
  Check check;
  const unsigned state = data[0] & 3U;
  const std::size_t cut = 1 + data[1];
  if (state >= 1) {
    peer.log_in();
    check(kOpen);
    if (state >= 2) check(peer.feed("<enable xmlns='urn:xmpp:sm:3' resume='true'/>"));
  } else {
    check(peer.open());
  }
  std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  unsigned turn = data[0] >> 3U;
  core::Publish last;
  while (!rest.empty() && !peer.closed) {
    check(peer.feed(rest.substr(0, cut)));
    rest.remove_prefix(std::min(cut, rest.size()));
    for (int budget = 100; !peer.commands.empty() && budget > 0; --budget) {
      session::Submit submit = std::move(peer.commands.front());
      peer.commands.pop_front();
      if (auto* send = std::get_if<core::Send>(&submit.command)) {
        if (state >= 1 && !peer.closed) check(peer.deliver(send->event, turn % 2 == 0 ? turn : 0));
      } else if (auto* presence = std::get_if<core::SetPresence>(&submit.command)) {
        if (state >= 1 && !peer.closed) check(peer.deliver(presence->event));
      }
      if (auto* publish = std::get_if<core::Publish>(&submit.command)) {
        last = *publish;
        if (state >= 1 && !peer.closed) check(peer.deliver(event_of(last), 0, turn % 2 == 0));
      }
      const bool refuse = ++turn % 5 == 0;
      if (submit.request == 0) continue;
      check(peer.reply_to(submit.request, state == 0 ? answer_to(submit.command, refuse)
                                                     : published_answer(submit.command, last, refuse)));
    }
    require(peer.session->memory() < 4'000'000);
  }
  peer.lose();
}

}  // namespace
}  // namespace confab::xmpp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  confab::xmpp::run(data, size);
  return 0;
}
