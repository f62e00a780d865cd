#include "app/restore_topics.h"

#include "base/log.h"

namespace confab::app {
namespace {

constexpr seconds kAnswerTime{60};
constexpr std::size_t kAtOnce = 1'000;
constexpr std::size_t kBytesAtOnce = 4U << 20U;

Result<std::size_t> restore_sessions(engine::Node& node, engine::Store& store, BlockingLoop& loop,
                                     const core::StoredPlaces& places) {
  std::string after;
  for (std::size_t count = 0;;) {
    const auto page = loop.wait<std::vector<core::StoredTopicSession>>(
        kAnswerTime, [&](auto done) { store.load_topic_sessions(after, kAtOnce, loop, std::move(done)); });
    if (!page) return fail(page.error());
    if (page->empty()) return count;
    for (const core::StoredTopicSession& session : *page) node.restore_topic_session(session, places);
    after = page->back().row.client;
    count += page->size();
  }
}

Result<> restore_retained(engine::Node& node, engine::Store& store, BlockingLoop& loop) {
  std::string after;
  while (true) {
    const auto page = loop.wait<std::vector<core::StoredRetained>>(
        kAnswerTime, [&](auto done) { store.load_retained(after, kAtOnce, loop, std::move(done)); });
    if (!page) return fail(page.error());
    if (page->empty()) return {};
    for (const core::StoredRetained& retained : *page) node.restore_retained(retained);
    after = page->back().message->topic;
  }
}

Result<> replay(engine::Node& node, engine::Store& store, BlockingLoop& loop, core::TopicSeq after) {
  while (true) {
    const auto page = loop.wait<std::vector<core::TopicRow>>(
        kAnswerTime, [&](auto done) { store.read_topics(after, kAtOnce, kBytesAtOnce, loop, std::move(done)); });
    if (!page) return fail(page.error());
    if (page->empty()) return {};
    node.replay_topics(*page);
    after = page->back().seq;
  }
}

}  // namespace

Result<> restore_topics(engine::Node& node, engine::Store& store, BlockingLoop& loop) {
  const auto places =
      loop.wait<core::StoredPlaces>(kAnswerTime, [&](auto done) { store.load_topic_places(loop, std::move(done)); });
  if (!places) return fail(places.error());
  const core::TopicSeq from = node.begin_topics(*places);
  const auto sessions = restore_sessions(node, store, loop, *places);
  if (!sessions) return fail(sessions.error());
  if (auto done = restore_retained(node, store, loop); !done) return done;
  if (auto done = replay(node, store, loop, from); !done) return done;
  const auto written = loop.wait<engine::Committed>(
      kAnswerTime, [&](auto done) { store.commit(node.end_topics(*places), loop, std::move(done)); });
  if (!written) return fail(written.error());
  if (*sessions > 0) log::info("app", "topic_sessions_restored", {{"sessions", *sessions}});
  return {};
}

}  // namespace confab::app
