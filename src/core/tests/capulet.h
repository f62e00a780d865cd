// Juliet's account and her friends, as XEP-0163 has them, and what tests look for in a plan.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>

#include "core/plan.h"

namespace confab::core {

inline const Address kJuliet{"juliet", "capulet.lit", {}};
inline const Address kRomeo{"romeo", "capulet.lit", {}};
inline const Address kNurse{"nurse", "capulet.lit", {}};
inline const Address kBenvolio{"benvolio", "capulet.lit", {}};
inline const std::string kGeoloc = "http://jabber.org/protocol/geoloc";

// XEP-0163 §1.2: the nurse (Servants) and romeo (Friends) see juliet's presence, benvolio does not.
struct Capulet {
  Policy policy;
  HybridClock ids{1,
                  [](unsigned char* out, std::size_t size) { std::fill_n(out, size, static_cast<unsigned char>(1)); }};
  Account account;

  Capulet() {
    account.row.uid = 7;
    account.row.address = kJuliet;
    befriend(kNurse, "Servants");
    befriend(kRomeo, "Friends");
    add_session(1, "balcony");
    add_session(2, "chamber");
  }
  void befriend(const Address& peer, std::string group) {
    RosterItem item;
    item.peer = peer;
    item.groups = {std::move(group)};
    item.to = item.from = true;
    account.row.roster.put(item);
  }
  void add_session(SessionId id, std::string resource) {
    SessionState session;
    session.id = id;
    session.wire = Wire::xmpp;
    session.resource = std::move(resource);
    session.available = true;
    auto event = std::make_shared<Event>();
    event->from = kJuliet.with(session.resource);
    event->body = Presence{.status = Status::online};
    session.presence = event;
    account.sessions.push_back(session);
  }
  Context context() {
    return {.policy = policy, .now = {1'000'000}, .ids = ids, .conversation = nullptr, .owner = nullptr};
  }
  Plan run(Command command) { return decide(account, 1, command, context()); }
  Plan done(Command command) {
    Plan plan = run(std::move(command));
    REQUIRE_FALSE(std::holds_alternative<Refused>(*plan.reply));
    for (const Change& change : plan.changes) apply(account, change);
    return plan;
  }
  Refused refused(Command command) { return std::get<Refused>(*run(std::move(command)).reply); }
};

inline Publish publication(std::string node, std::string item, std::string payload, NodeOptions options = {}) {
  Publish publish;
  publish.publications.push_back({std::move(node), std::move(item), std::move(payload), std::move(options)});
  return publish;
}

inline NodeOptions with_access(Access access) {
  NodeOptions options;
  options.access = access;
  return options;
}

inline std::vector<std::string> told_to(const Plan& plan) {
  std::vector<std::string> names;
  for (const Forward& forward : plan.forwards) {
    CHECK(forward.live_only);
    names.push_back(forward.to.local);
  }
  std::sort(names.begin(), names.end());
  return names;
}

template <class T>
const T* change_of(const Plan& plan) {
  for (const Change& change : plan.changes) {
    if (const T* found = std::get_if<T>(&change)) return found;
  }
  return nullptr;
}

using Names = std::vector<std::string>;

}  // namespace confab::core
