#include "topics/space.h"

#include <algorithm>

#include "base/log.h"

namespace confab::topics {

Space::Space(const Options& options, Ground& ground)
    : options_(options),
      ground_(ground),
      trie_(options.seed),
      recent_(options.recent_rows, options.recent_bytes),
      started_(ground.now().mono) {}

void Space::submit(Link from, RequestId request, core::Command command) {
  const Asker asker{from, request};
  if (auto* opening = std::get_if<core::OpenTopicSession>(&command)) return open(asker, *opening);
  Session* session = sessions_.find(from);
  if (session == nullptr) return refuse(asker, Errc::not_authorized, "no topic session");
  if (auto* publishing = std::get_if<core::PublishTopic>(&command)) {
    publish(*session, *publishing, asker);
  } else if (const auto* acknowledged = std::get_if<core::AcknowledgeTopic>(&command)) {
    acknowledge(*session, acknowledged->seq);
  } else if (const auto* wanted = std::get_if<core::WantTopics>(&command)) {
    want(*session, wanted->room);
  } else if (const auto* forgotten = std::get_if<core::ForgetTopicKey>(&command)) {
    forget_key(*session, forgotten->key, asker);
  } else if (auto* subscribing = std::get_if<core::SubscribeTopics>(&command)) {
    subscribe(*session, *subscribing, asker);
  } else if (const auto* unsubscribing = std::get_if<core::UnsubscribeTopics>(&command)) {
    unsubscribe(*session, *unsubscribing, asker);
  } else if (auto* closing = std::get_if<core::CloseTopicSession>(&command)) {
    close(*session, *closing);
  } else {
    refuse(asker, Errc::unsupported);
  }
}

void Space::closed(Link connection) {
  if (Session* session = sessions_.find(connection)) return detach(*session, true);
  // It may have waited for another one's session.
  const auto at = successors_.find(connection);
  if (at == successors_.end()) return;
  if (Session* session = sessions_.find(at->second)) {
    session->more().successor.reset();
    session->tidy();
  }
  successors_.erase(at);
}

void Space::answer(const Asker& asker, const core::Reply& reply) {
  if (asker.request != 0) ground_.reply(asker.link, asker.request, reply);
}

void Space::refuse(const Asker& asker, Errc code, std::string_view text) {
  answer(asker, core::Refused{code, std::string(text)});
}

// ---- What is written when convenient. ----

void Space::mark_dirty(Session& session) {
  if (!session.durable || session.dirty) return;
  session.dirty = true;
  dirty_.push_back(session.ref);
  schedule_writing();
}

void Space::mark_dirty(Group& group) {
  if (group.dirty) return;
  group.dirty = true;
  dirty_groups_.insert(group.name);
  schedule_writing();
}

void Space::schedule_writing() {
  if (writing_scheduled_) return;
  writing_scheduled_ = true;
  ground_.after(options_.write_delay, [this] {
    writing_scheduled_ = false;
    write([] {});
  });
}

void Space::write(Task done) {
  auto retained = dirty_retained_;
  std::vector<core::Change> changes;
  collect_put_off(changes);
  if (changes.empty()) return done();
  ground_.commit(std::move(changes),
                 [this, retained = std::move(retained), done = std::move(done)](Result<> written) mutable {
                   if (!written) on_not_written(written.error(), std::move(retained));
                   done();
                 });
}

// What was not written is not told again row by row: places are true as they are then, and the mark holds them back.
void Space::on_not_written(const Error& why, DirtyRetained retained) {
  log::warn("topics", "places_not_written", {{"error", to_string(why.code)}});
  marked_ = kUnmarked;
  dirty_retained_.merge(retained);  // what came meanwhile is later
  sessions_.for_each([this](Session& session) {
    if (!session.durable) return;
    session.row_dirty = true;
    session.log.written = kUnmarked;
    mark_dirty(session);
  });
  for (const auto& [name, group] : groups_) {
    group->log.written = kUnmarked;
    mark_dirty(*group);
  }
  schedule_writing();
}

void Space::collect_put_off(std::vector<core::Change>& changes) {
  collect_dirty(changes);
  for (auto& [topic, kept] : std::exchange(dirty_retained_, {})) {
    changes.emplace_back(core::TopicChange(core::PutRetained{std::move(kept.first), kept.second}));
  }
  if (recent_.seen() == marked_) return;
  marked_ = recent_.seen();
  changes.emplace_back(core::TopicChange(core::PutTopicMark{options_.shard, options_.shards, marked_}));
}

void Space::collect_dirty(std::vector<core::Change>& changes) {
  const auto put_place = [&](const std::string& name, bool group, LogPlace& place) {
    const auto done = place.done();
    if (done == place.written) return;
    place.written = done;
    changes.emplace_back(core::TopicChange(core::PutTopicPlace{name, group, done}));
  };
  for (const SessionRef ref : std::exchange(dirty_, {})) {
    Session* session = sessions_.find(ref);
    if (session == nullptr) continue;
    session->dirty = false;
    if (std::exchange(session->row_dirty, false)) {
      changes.emplace_back(core::TopicChange(core::PutTopicSession{row_of(*session)}));
    }
    put_place(session->client, false, session->log);
  }
  for (const std::string& name : std::exchange(dirty_groups_, {})) {
    const auto at = groups_.find(name);
    if (at == groups_.end()) {
      changes.emplace_back(core::TopicChange(core::PutTopicPlace{name, true, std::nullopt}));
      continue;
    }
    at->second->dirty = false;
    put_place(name, true, at->second->log);
  }
}

// ---- The start. ----

void Space::start_at(core::TopicSeq seen) {
  recent_.start_at(seen);
  marked_ = kUnmarked;
}

void Space::restore(const core::StoredRetained& stored) {
  if (core::is_expired(*stored.message, ground_.now().wall)) return;
  if (retained_.put(stored.message, stored.stamp, ground_.now().mono)) count_retained();
}

void Space::restore(const core::StoredTopicSession& stored, const core::StoredPlaces& places) {
  const Now now = ground_.now();
  Session& session = sessions_.add(stored.row.client);
  counters_.sessions.add();
  session.account = stored.row.account;
  session.expiry = stored.row.expiry;
  session.memo = stored.row.memo;
  session.durable = true;
  session.closed = stored.row.closed.value_or(now.wall);
  session.log = LogPlace(stored.place.value_or(places.mark));
  session.log.written = stored.place;
  for (const std::uint16_t key : stored.keys) session.more().keys.push_back({key, true, false, {}});
  for (const core::StoredSubscription& each : stored.subscriptions) {
    if (!split_filter(each.filter.filter)->shared()) {
      put(session, each.filter, each.since);
      continue;
    }
    session.more().shared.push_back(each.filter.filter);
    const Member member{name_of(session), 0, each.filter.qos, each.filter.retain_as_published, true, each.filter.id, 0};
    at_home(each.filter.filter, [&](Space& home) { home.restore(each, member, places); });
  }
  const auto passed = static_cast<std::uint32_t>(std::max<std::int64_t>(0, (now.wall.ms - session.closed->ms) / 1000));
  const auto left = [passed](std::uint32_t span) { return span > passed ? span - passed : 0; };
  if (stored.row.will) {
    session.will = std::make_unique<core::TopicWill>(*stored.row.will);
    expire_at(session, session.will_at, left(session.will->delay));
  }
  if (session.expiry != core::kNeverExpires) expire_at(session, session.expires_at, left(session.expiry));
  if (!stored.row.closed) {
    session.row_dirty = true;
    mark_dirty(session);
  }
}

// A group that is not behind begins where the first of its members came.
void Space::restore(const core::StoredSubscription& stored, const Member& member, const core::StoredPlaces& places) {
  const std::string& name = stored.filter.filter;
  const auto place =
      std::find_if(places.groups.begin(), places.groups.end(), [&](const auto& each) { return each.first == name; });
  const core::TopicSeq from = std::max(places.mark, stored.since);
  const bool fresh = !groups_.contains(name);
  Group& group = make_group(name);
  if (place != places.groups.end()) {
    group.log = LogPlace(place->second);
    group.log.written = place->second;
  } else {
    group.log = LogPlace(fresh ? from : std::min(from, group.log.next() - 1));
  }
  group.members.push_back(member);
  announce(group.place);
}

}  // namespace confab::topics
