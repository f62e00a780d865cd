// The engine between hand-made fakes: people log in, and every call to the store is the test's to let through.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/node.h"
#include "testing/fake_passwords.h"
#include "testing/manual_loop.h"
#include "testing/recording_connections.h"
#include "testing/scripted_store.h"

namespace confab::engine {

using testing::FakePasswords;
using testing::ManualLoop;
using testing::RecordingConnections;
using testing::ScriptedStore;
using Kind = testing::ScriptedStore::Kind;

// One connection, and what it was told.
struct Client {
  session::ConnectionId id;
  Address account;
};

class EngineWorld {
 public:
  static Options defaults() {
    Options options;
    options.domain = "example.net";
    options.registration = Registration::open;
    options.conversation = [](const Address&, const Address&) { return ConvId{}; };
    return options;
  }
  explicit EngineWorld(Options options = defaults(), std::uint32_t shards = 1)
      : node(std::move(options), [this](unsigned char* out, std::size_t size) { fill(out, size); }) {
    node.attach(store, passwords);
    store.listener = &node;
    for (std::uint32_t i = 0; i < shards; ++i) {
      loops.push_back(std::make_unique<ManualLoop>());
      connections.push_back(std::make_unique<RecordingConnections>());
      node.add_shard(*loops.back(), *connections.back());
    }
    run();
  }

  std::vector<std::unique_ptr<ManualLoop>> loops;
  std::vector<std::unique_ptr<RecordingConnections>> connections;
  ScriptedStore store;
  FakePasswords passwords;
  Node node;

  static Address address(const std::string& name) { return {name, "example.net", {}}; }

  // Everything that can happen without the store's leave.
  void run() {
    while (true) {
      std::size_t count = 0;
      for (auto& loop : loops) count += loop->run();
      if (count == 0) return;
    }
  }
  void pass(milliseconds span) {
    for (auto& loop : loops) loop->advance(span);
    run();
  }
  // Lets the store do its oldest call.
  void step(std::optional<Errc> error = {}) {
    REQUIRE_FALSE(store.waiting.empty());
    store.step(error);
    run();
  }
  void release() {
    while (!store.waiting.empty()) step();
    store.held = false;
  }

  Client connect(const std::string& name) {
    return {{node.owner_shard(address(name)), ++last_connection_}, address(name)};
  }
  session::RequestId ask(const Client& client, core::Command command) {
    node.submit(client.id, client.account, ++last_request_, std::move(command));
    run();
    return last_request_;
  }
  // Without a wish for an answer.
  void tell(const Client& client, core::Command command) {
    node.submit(client.id, client.account, 0, std::move(command));
    run();
  }
  RecordingConnections::Told& told(const Client& client) { return connections[client.id.shard]->told(client.id); }
  const core::Reply* reply(const Client& client, session::RequestId request) {
    const auto& replies = told(client).replies;
    const auto at = replies.find(request);
    return at == replies.end() ? nullptr : &at->second;
  }
  template <class T>
  const T& answer(const Client& client, session::RequestId request) {
    const core::Reply* got = reply(client, request);
    REQUIRE(got != nullptr);
    REQUIRE(std::holds_alternative<T>(*got));
    return std::get<T>(*got);
  }
  template <class T>
  T done(const Client& client, core::Command command) {
    return answer<T>(client, ask(client, std::move(command)));
  }
  Errc refused(const Client& client, core::Command command) {
    return done<core::Refused>(client, std::move(command)).code;
  }
  // By the site's own authority.
  std::optional<core::Reply> administer(const std::string& name, core::Command command) {
    std::optional<core::Reply> got;
    node.administer(address(name), std::move(command), *loops[0], [&](core::Reply answer) { got = std::move(answer); });
    run();
    return got;
  }

  // A session without presence.
  Client bind(const std::string& name, const std::string& resource) {
    const Client client = connect(name);
    done<core::SessionOpened>(client, core::OpenSession{core::Wire::xmpp, resource});
    return client;
  }
  // ... and with it.
  Client login(const std::string& name, const std::string& resource, int priority = 0) {
    const Client client = bind(name, resource);
    tell(client, presence(core::Status::online, priority));
    told(client).deliveries.clear();
    return client;
  }
  void hang_up(const Client& client) {
    node.closed(client.id, client.account);
    run();
  }

  static core::SetPresence presence(core::Status status, int priority = 0) {
    core::Event event;
    event.body = core::Presence{.status = status, .priority = priority, .signature = {}, .listening = {}, .since = {}};
    return {event};
  }
  static core::Event event_to(const Address& to, core::Body body) {
    core::Event event;
    event.to = to;
    event.body = std::move(body);
    return event;
  }
  static core::Send message(const Address& to, const std::string& text, const std::string& key = {}) {
    core::Message message;
    message.bodies.push_back({{}, text});
    core::Send send{event_to(to, message), {}};
    send.dedupe.key = key;
    return send;
  }
  static core::Subscribe subscription(const Address& to, core::Subscription::Step step) {
    return {event_to(to, core::Subscription{.step = step, .note = {}})};
  }
  // Rows that were in the log before.
  void fill_log(const std::string& name, const std::string& text, int rows) {
    auto& log = store.people.at(name).log;
    for (int i = 0; i < rows; ++i) {
      core::Event event = message(address(name), text + std::to_string(log.size() + 1)).event;
      event.from = address("juliet").with("balcony");
      event.id.bytes[15] = static_cast<unsigned char>(log.size() + 1);
      log.push_back(std::make_shared<core::Event>(event));
    }
  }
  // Both see each other.
  void befriend(const std::string& one, const std::string& other) {
    for (const auto& [mine, peer] : {std::pair(one, other), std::pair(other, one)}) {
      core::RosterItem item;
      item.peer = address(peer);
      item.to = item.from = true;
      store.people.at(mine).row.roster.put(item);
    }
  }

  // The texts of the messages that the connection was handed.
  std::vector<std::string> texts(const Client& client) {
    std::vector<std::string> all;
    for (const core::Delivery& delivery : told(client).deliveries) {
      const auto* message = std::get_if<core::Message>(&delivery.event->body);
      if (message != nullptr) all.push_back(message->bodies.front().text);
    }
    return all;
  }
  // The presences that it saw of `name`.
  std::vector<core::Status> statuses(const Client& client, const std::string& name) {
    std::vector<core::Status> all;
    for (const core::Delivery& delivery : told(client).deliveries) {
      const auto* seen = std::get_if<core::Presence>(&delivery.event->body);
      if (seen != nullptr && delivery.event->from.local == name) all.push_back(seen->status);
    }
    return all;
  }
  std::size_t sessions() {
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < node.shards(); ++i) count += node.shard(i).sessions();
    return count;
  }

 private:
  void fill(unsigned char* out, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<unsigned char>(++random_ * 37);
  }

  std::uint64_t last_connection_ = 0;
  session::RequestId last_request_ = 0;
  unsigned random_ = 0;
};

using Texts = std::vector<std::string>;
using Statuses = std::vector<core::Status>;

}  // namespace confab::engine
