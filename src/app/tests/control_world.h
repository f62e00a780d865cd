// A site for tests of confabctl's verbs: its store in memory, and whether it runs.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "app/control.h"
#include "app/password_pool.h"
#include "store/memory/memory_store.h"

namespace confab::app {

// What a running site was told.
class FakeSite final : public LiveSite {
 public:
  void account_changed(Uid, const Address& account, AccountChange change) override {
    told += to_string(account) + " " + std::to_string(static_cast<int>(change)) + "\n";
  }
  Result<> remove_account(const Address& account, bool retire) override {
    told += to_string(account) + (retire ? " erased\n" : " removed\n");
    return {};
  }
  Result<std::vector<SessionLine>> list_sessions() override {
    return std::vector<SessionLine>{{{"alice", "a.example", "desk"}, "xmpp", "192.0.2.1", WallMs{0}}};
  }
  std::string metrics() override { return "# EOF\n"; }
  Result<> reload() override { return fail(Errc::bad_payload, "confab.toml:1: x: unknown key"); }
  std::vector<std::pair<std::string, std::string>> listeners() override { return {}; }
  std::string told;
};

inline auth::SiteKey test_key() {
  return auth::SiteKey(auth::SiteKey::Bytes{1, 2, 3});
}

struct Site {
  Site() {
    config.domain = "a.example";
    config.data_dir = "/nonexistent";
  }
  ControlReply run(std::vector<std::string> args, std::string input = {}) {
    const ControlPorts ports{&config, &store, &passwords, nullptr, running ? &live : nullptr};
    return Control(ports, loop).run({std::move(args), std::move(input)});
  }
  core::AccountRow row(const std::string& name) {
    return *loop.wait<core::AccountRow>(
        seconds(5), [&](auto done) { store.load_account({name, "a.example", {}}, loop, std::move(done)); });
  }
  Result<engine::Committed> commit(core::Change change) {
    engine::Transaction transaction;
    transaction.changes.push_back(std::move(change));
    return loop.wait<engine::Committed>(
        seconds(5), [&](auto done) { store.commit(std::move(transaction), loop, std::move(done)); });
  }
  // In both logs. The event's id is 1, 2, and so on.
  void say(const std::string& from, const std::string& to, core::Body body, core::Annex annex = {}) {
    core::Event event;
    event.id.bytes[15] = ++said;
    event.at = {1'800'000'000'000 + said};
    event.from = {from, "a.example", "desk"};
    event.to = {to, "a.example", {}};
    event.source = core::Wire::xmpp;
    event.body = std::move(body);
    event.annex = std::move(annex);
    core::Append append;
    append.event = std::make_shared<const core::Event>(std::move(event));
    append.logs.push_back({row(to).uid, 0});
    if (from != to) append.logs.push_back({row(from).uid, 0});
    REQUIRE(commit(std::move(append)).has_value());
  }
  void say(const std::string& from, const std::string& to, const std::string& text) {
    core::Message message;
    message.bodies.push_back({{}, text});
    say(from, to, message);
  }

  unsigned char said = 0;
  Config config;
  BlockingLoop loop;
  store::MemoryStore store;
  PasswordPool passwords{{"a.example", 4096, true, 1, 10, 10}, test_key(), system_random()};
  FakeSite live;
  bool running = false;
};

}  // namespace confab::app
