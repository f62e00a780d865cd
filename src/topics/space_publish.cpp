// A message comes: who is after it, who gets it at once, and what has to be durable before it is acknowledged.
#include <algorithm>

#include "base/log.h"
#include "topics/space.h"

namespace confab::topics {
namespace {

constexpr std::uint32_t kNoMore = 0xFFFF'FFFFU;
constexpr std::string_view kSys = "$SYS";

bool is_sys(std::string_view topic) {
  return topic.starts_with(kSys) && (topic.size() == kSys.size() || topic[kSys.size()] == '/');
}

}  // namespace

void Space::publish(Session& session, core::PublishTopic& command, Asker asker) {
  const std::uint16_t key = command.message.qos == 2 ? command.key : std::uint16_t{0};
  if (key != 0 && is_repeat(session, key, asker)) return;
  counters_.received.add();
  counters_.bytes_received.add(command.message.topic.size() + command.message.payload.size());
  auto message = std::make_shared<core::TopicMessage>(std::move(command.message));
  message->at = ground_.now().wall;
  if (auto refused = refusal(*message)) {
    counters_.refused.add();
    return answer(asker, std::move(*refused));
  }
  const Spread spread = this->spread(message, &session);
  if (spread.full) return refuse(asker, Errc::too_fast, "topic_queue_messages");
  if (key != 0) session.more().keys.push_back({key, false, true, {}});
  keep(message, session, key, asker, spread);
}

std::optional<core::Refused> Space::refusal(const core::TopicMessage& message) {
  if (is_sys(message.topic)) return core::Refused{Errc::forbidden, "the server's own topic"};
  if (count_levels(message.topic) > options_.levels) return core::Refused{Errc::too_big, "topic_levels"};
  if (!message.retain) return std::nullopt;
  const auto over = [&](std::size_t now, std::int64_t more, std::size_t most) {
    return more > 0 && now + static_cast<std::size_t>(more) > most;
  };
  Retained::Growth growth = retained_.growth(message);
  if (over(retained_.messages(), growth.messages, options_.retained_messages) ||
      over(retained_.bytes(), growth.bytes, options_.retained_bytes)) {
    retained_.drop_expired(ground_.now().wall);
    count_retained();
    growth = retained_.growth(message);
  }
  if (over(retained_.messages(), growth.messages, options_.retained_messages)) {
    return core::Refused{Errc::too_big, "retained_messages"};
  }
  if (over(retained_.bytes(), growth.bytes, options_.retained_bytes)) {
    return core::Refused{Errc::too_big, "retained_bytes"};
  }
  return std::nullopt;
}

// Hands the message to everybody who need not have it kept, here and on the other shards; the rest gets it by the log.
Space::Spread Space::spread(const core::TopicMessagePtr& message, const Session* from) {
  collect({*message, from != nullptr ? std::string_view(from->client) : std::string_view(), 0});
  Spread spread;
  spread.matched = !matches_.empty() || !match_groups_.empty() || match_elsewhere_.any != 0;
  if (message->qos > 0) {
    spread.durable = match_elsewhere_.durable != 0;
    spread.full = match_elsewhere_.full != 0;
    for (const Match& match : matches_) {
      const Session& session = sessions_.at(match.session);
      spread.durable |= session.durable && match.qos > 0;
      spread.full |= session.full && match.qos > 0;
    }
    for (const Group* group : match_groups_) {
      spread.durable |= group->durable();
      spread.full |= group->full;
    }
  }
  if (spread.full) {
    counters_.refused.add();
    return spread;
  }
  if (match_elsewhere_.any != 0) {
    for_other_shards(match_elsewhere_.any, [&](std::uint32_t shard) {
      ground_.post(shard, [message](Space& space) { space.take(message); });
    });
  }
  hand_out(message);
  return spread;
}

// What was published on another shard.
void Space::take(const core::TopicMessagePtr& message) {
  collect({*message, {}, 0});
  hand_out(message);
}

void Space::hand_out(const core::TopicMessagePtr& message) {
  for (const Match& match : matches_) {
    Session& session = sessions_.at(match.session);
    const std::uint8_t qos = std::min(match.qos, message->qos);
    if (qos == 0) {
      if (!session.connected()) continue;
      fill(delivery_, message, match);
      hand_over(session, delivery_);
    } else if (!session.durable) {
      fill(delivery_, message, match);
      give(session, delivery_);
    }
  }
  delivery_.message.reset();
  for (Group* group : match_groups_) {
    if (message->qos == 0 || !group->durable()) assign(*group, message, 0);
  }
}

// §3.3.4: one copy, at the highest QoS of all subscriptions that it matches, with all their identifiers.
void Space::fill(core::TopicDelivery& delivery, const core::TopicMessagePtr& message, const Match& match) {
  if (delivery.message != message) delivery.message = message;
  delivery.qos = std::min(match.qos, message->qos);
  delivery.retain = match.as_published && message->retain;
  delivery.takes_room = false;
  delivery.seq = 0;
  delivery.ids.clear();
  for (std::uint32_t at = match.ids; at != kNoMore; at = match_ids_[at].second) {
    delivery.ids.push_back(match_ids_[at].first);
  }
}

void Space::collect(const Sought& sought) {
  ++matching_;
  matches_.clear();
  match_ids_.clear();
  match_groups_.clear();
  match_elsewhere_ = {};
  trie_.match(sought.message.topic, [&](Trie::Place, const Leaf& leaf) {
    for (const Subscriber& subscriber : leaf.subscribers) collect(sought, subscriber);
    if (!leaf.rest) return;
    match_elsewhere_.any |= leaf.rest->elsewhere.any;
    match_elsewhere_.durable |= leaf.rest->elsewhere.durable;
    match_elsewhere_.full |= leaf.rest->elsewhere.full;
    match_groups_.insert(match_groups_.end(), leaf.rest->groups.begin(), leaf.rest->groups.end());
  });
}

void Space::collect(const Sought& sought, const Subscriber& subscriber) {
  if (sought.seq != 0 && sought.seq <= subscriber.since) return;
  Session& session = sessions_.at(subscriber.session);
  if (subscriber.no_local && session.client == sought.from) return;
  if (session.matching != matching_) {
    session.matching = matching_;
    session.match = static_cast<std::uint32_t>(matches_.size());
    matches_.push_back({subscriber.session, kNoMore, 0, false});
  }
  Match& match = matches_[session.match];
  match.qos = std::max(match.qos, subscriber.qos);
  match.as_published |= subscriber.as_published;
  if (subscriber.id == 0) return;
  match_ids_.emplace_back(subscriber.id, match.ids);
  match.ids = static_cast<std::uint32_t>(match_ids_.size() - 1);
}

// Whatever has to be durable of it is made so, then it is acknowledged.
void Space::keep(const core::TopicMessagePtr& message, const Session& from, std::uint16_t key, Asker asker,
                 Spread spread) {
  std::vector<core::Change> changes;
  const bool keeps_key = key != 0 && spread.durable && from.durable;
  if (spread.durable) {
    counters_.logged.add();
    changes.emplace_back(
        core::TopicChange(core::AppendTopic{message, from.client, keeps_key ? key : std::uint16_t{0}}));
  }
  std::uint64_t stamp = 0;
  if (message->retain) {
    stamp = ground_.next_stamp();
    retain_everywhere(message, stamp);
    if (message->qos > 0) {
      changes.emplace_back(core::TopicChange(core::PutRetained{message, stamp}));
    } else {
      dirty_retained_[message->topic] = {message, stamp};
      schedule_writing();
    }
  }
  const core::TopicPublished published{spread.matched, false};
  if (changes.empty()) {
    if (key != 0) {
      if (Session* session = sessions_.find(from.ref)) settle_key(*session, key, published, false);
    }
    return answer(asker, published);
  }
  ground_.commit(std::move(changes),
                 [this, message, stamp, ref = from.ref, key, keeps_key, asker, published](Result<> done) {
                   core::Reply reply = published;
                   if (!done) {
                     reply = core::Refused{done.error().code, done.error().text};
                     counters_.unstored.add();
                     if (stamp != 0) dirty_retained_[message->topic] = {message, stamp};
                   }
                   Session* session = key != 0 ? sessions_.find(ref) : nullptr;
                   if (session != nullptr) settle_key(*session, key, reply, keeps_key);
                   answer(asker, reply);
                 });
}

// ---- QoS 2: what comes twice (§4.3.3). ----

bool Space::is_repeat(Session& session, std::uint16_t key, Asker asker) {
  if (!session.extra) return false;
  for (Key& known : session.extra->keys) {
    if (known.key != key) continue;
    if (known.committing) {
      known.waiting.push_back(asker);
    } else {
      answer(asker, core::TopicPublished{false, true});
    }
    return true;
  }
  return false;
}

// Whether the first one was accepted is known now: so it is of those that came again meanwhile.
void Space::settle_key(Session& session, std::uint16_t key, const core::Reply& reply, bool stored) {
  if (!session.extra) return;
  auto& keys = session.extra->keys;
  const auto at = std::find_if(keys.begin(), keys.end(), [key](const Key& known) { return known.key == key; });
  if (at == keys.end() || !at->committing) return;
  at->committing = false;
  at->stored = stored;
  const bool accepted = std::holds_alternative<core::TopicPublished>(reply);
  const std::vector<Asker> waiting = std::move(at->waiting);
  if (!accepted) keys.erase(at);
  for (const Asker& asker : waiting) {
    answer(asker, accepted ? core::Reply(core::TopicPublished{false, true}) : reply);
  }
}

void Space::forget_key(Session& session, std::uint16_t key, Asker asker) {
  bool stored = false;
  if (session.extra) {
    auto& keys = session.extra->keys;
    const auto at = std::find_if(keys.begin(), keys.end(), [key](const Key& known) { return known.key == key; });
    if (at != keys.end()) {
      stored = at->stored || at->committing;
      keys.erase(at);
      session.tidy();
    }
  }
  if (!stored) return answer(asker, core::Done{});
  std::vector<core::Change> changes;
  changes.emplace_back(core::TopicChange(core::DropTopicKey{session.client, key}));
  ground_.commit(std::move(changes), [this, asker](Result<> done) {
    if (!done) return refuse(asker, done.error().code, done.error().text);
    answer(asker, core::Done{});
  });
}

// ---- What is retained. ----

void Space::retain_everywhere(const core::TopicMessagePtr& message, std::uint64_t stamp) {
  for_other_shards(~std::uint64_t{0}, [&](std::uint32_t shard) {
    ground_.post(shard, [message, stamp](Space& space) { space.retain(message, stamp); });
  });
  retain(message, stamp);
}

void Space::retain(const core::TopicMessagePtr& message, std::uint64_t stamp) {
  if (!retained_.put(message, stamp, ground_.now().mono)) return;
  count_retained();
  if (!retained_.has_removed() || forgetting_) return;
  forgetting_ = true;
  ground_.after(options_.forget_removed, [this] { forget_removed(); });
}

void Space::count_retained() {
  counters_.retained.add(retained_.messages() - counters_.retained.get());
  counters_.retained_bytes.add(retained_.bytes() - counters_.retained_bytes.get());
}

void Space::forget_removed() {
  const MonoMs now = ground_.now().mono;
  retained_.forget_removed({now.ms - options_.forget_removed.count() + 1});
  forgetting_ = retained_.has_removed();
  if (forgetting_) ground_.after(options_.forget_removed, [this] { forget_removed(); });
}

// The server's own: always retained, never stored.
void Space::publish_own(core::TopicMessage message) {
  message.retain = true;
  message.at = ground_.now().wall;
  const auto kept = std::make_shared<const core::TopicMessage>(std::move(message));
  spread(kept, nullptr);
  retain_everywhere(kept, ground_.next_stamp());
}

}  // namespace confab::topics
