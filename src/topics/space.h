// The free topics of one shard: who is after what, what is retained, and what waits for whom.
#pragma once

#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "topics/counters.h"
#include "topics/ground.h"
#include "topics/group.h"
#include "topics/options.h"
#include "topics/recent.h"
#include "topics/retained.h"
#include "topics/sessions.h"
#include "topics/trie.h"

namespace confab::topics {

// A SubscribeTopics that waits until it is known everywhere, and durable.
struct Subscribing {
  Asker asker;
  SessionRef session;
  std::size_t missing = 1;
  std::vector<core::TopicFilter> filters;
  core::TopicsSubscribed answer;
  std::vector<bool> fresh;  // the session did not have the filter before
};

// A machine without I/O. A topic session lives on the shard that owns its client. Each shard has the filters of its own
// sessions, and of the others' that there are any; so a message is matched where it is published, and goes once to each
// shard where somebody is after it. Lives on: its shard.
class Space {
 public:
  Space(const Options& options, Ground& ground);

  // How many there are. Before anything else.
  void set_shards(std::uint32_t shards) { options_.shards = shards; }

  // ---- From connections. Answers and deliveries go out before it returns. ----

  void submit(Link from, RequestId request, core::Command command);
  // The connection is gone: as CloseTopicSession, if that was not said.
  void closed(Link connection);

  // ---- From the store: all rows of the log, in order, on every shard. ----

  void on_rows(const std::vector<core::TopicRow>& rows);

  // ---- The start, before all else: start_at, sessions, what is retained, then the log's rows by on_rows, and
  // start_at again. Then what has been put off must be durable before the first message. ----

  void start_at(core::TopicSeq seen);
  void restore(const core::StoredTopicSession& stored, const core::StoredPlaces& places);
  void restore(const core::StoredRetained& stored);
  // ---- What has been put off: is written, then `done`; or is moved out, at the end. ----

  void write(Task done);
  void collect_put_off(std::vector<core::Change>& changes);

  const Counters& counters() const { return counters_; }
  std::size_t filters() const { return trie_.nodes(); }

  // ---- From the other shards' spaces. ----

  // Who is after `filter` on the shard `from`, as bits: somebody 1, somebody who must have it kept 2, somebody who
  // cannot take any more 4.
  void learn(std::uint32_t from, const std::string& filter, std::uint8_t bits);
  void take(const core::TopicMessagePtr& message);
  void retain(const core::TopicMessagePtr& message, std::uint64_t stamp);
  void join(const std::string& group, const Member& member, std::uint32_t from,
            std::shared_ptr<Subscribing> subscribing);
  void leave(const std::string& group, const MemberName& member, const std::vector<core::TopicSeq>& kept);
  void come_back(const std::string& group, const MemberName& member, Link link);
  void go_away(const std::string& group, const MemberName& member, const std::vector<core::TopicSeq>& kept);
  void acknowledge_shared(core::TopicSeq seq, const MemberName& member);
  void give_shared(SessionRef to, Link link, const Parcel& parcel);
  void confirm(std::uint64_t fence);
  void settle(const std::shared_ptr<Subscribing>& subscribing);

 private:
  void restore(const core::StoredSubscription& stored, const Member& member, const core::StoredPlaces& places);

  // space_sessions.cpp
  void open(Asker asker, core::OpenTopicSession& command);
  void make(Asker asker, core::OpenTopicSession& command, std::vector<core::Change> changes);
  void resume(Session& session, Asker asker, core::OpenTopicSession& command);
  void put_will(Session& session, std::optional<core::TopicWill>& will);
  void close(Session& session, core::CloseTopicSession& command);
  void detach(Session& session, bool with_will);
  void end_session(Session& session, std::vector<core::Change>* changes);
  void say_will(Session& session);
  void expire_at(Session& session, MonoMs& field, std::uint32_t seconds);
  void arm(MonoMs due);
  void on_alarm();
  void on_due(Session& session);
  core::TopicSessionRow row_of(const Session& session) const;
  void commit_or_warn(std::vector<core::Change> changes);

  // space_subscriptions.cpp
  void subscribe(Session& session, core::SubscribeTopics& command, Asker asker);
  void unsubscribe(Session& session, const core::UnsubscribeTopics& command, Asker asker);
  Result<std::uint8_t> add(Session& session, const core::TopicFilter& filter,
                           const std::shared_ptr<Subscribing>& subscribing);
  bool put(Session& session, const core::TopicFilter& filter, core::TopicSeq since);
  void undo(Session& session, Subscribing& subscribing, const Error& why);
  std::optional<std::uint32_t> find_held(const Session& session, std::string_view filter) const;
  bool drop(Session& session, std::string_view filter);
  void drop_held(Session& session, std::uint32_t slot);
  void count(const Session& session, const Subscriber& subscriber, int sign);
  std::uint8_t bits_of(const Leaf& leaf) const;
  void announce(Trie::Place place);
  void fence(Task done);
  template <class Each>
  void for_other_shards(std::uint64_t mask, Each each) const {
    for (std::uint32_t shard = 0; shard < options_.shards; ++shard) {
      if (shard != options_.shard && (mask & bit(shard)) != 0) each(shard);
    }
  }
  std::uint64_t bit(std::uint32_t shard) const { return std::uint64_t{1} << (shard % 64); }

  // space_publish.cpp
  void publish(Session& session, core::PublishTopic& command, Asker asker);
  struct Spread {
    bool matched = false;
    bool durable = false;  // somebody must have it kept
    bool full = false;     // somebody cannot take it: it went to nobody
  };
  Spread spread(const core::TopicMessagePtr& message, const Session* from);
  void keep(const core::TopicMessagePtr& message, const Session& from, std::uint16_t key, Asker asker, Spread spread);
  std::optional<core::Refused> refusal(const core::TopicMessage& message);
  bool is_repeat(Session& session, std::uint16_t key, Asker asker);
  void settle_key(Session& session, std::uint16_t key, const core::Reply& reply, bool stored);
  void forget_key(Session& session, std::uint16_t key, Asker asker);
  void retain_everywhere(const core::TopicMessagePtr& message, std::uint64_t stamp);
  void count_retained();
  void forget_removed();
  void publish_own(core::TopicMessage message);
  struct Match {
    std::uint32_t session = 0;
    std::uint32_t ids = 0xFFFF'FFFFU;  // the first of them
    std::uint8_t qos = 0;              // the highest that was granted
    bool as_published = false;
  };
  // What a message is to be held against: live, or a row of the log.
  struct Sought {
    const core::TopicMessage& message;
    std::string_view from;
    core::TopicSeq seq = 0;
  };
  void collect(const Sought& sought);
  void collect(const Sought& sought, const Subscriber& subscriber);
  void hand_out(const core::TopicMessagePtr& message);
  void fill(core::TopicDelivery& delivery, const core::TopicMessagePtr& message, const Match& match);

  // space_delivery.cpp
  bool hand_over(Session& session, core::TopicDelivery& delivery, bool again = false);
  void give(Session& session, core::TopicDelivery& delivery);
  void hand_parcel(Session& session, Parcel parcel);
  bool has_queue(const Session& session) const { return session.extra && !session.extra->queue.empty(); }
  void want(Session& session, std::size_t room);
  void feed(Session& session);
  void acknowledge(Session& session, core::TopicSeq seq);
  void return_owed(Session& session);
  void show(Session& session);
  bool show_some(Session& session, Showing& showing);
  void update_full(Session& session);

  // space_log.cpp
  void on_row(Session& session, const core::TopicRow& row, const Match& match);
  void catch_up(Session& session);
  bool offer(Session& session, const core::TopicRow& row);
  std::optional<Match> match_one(const Session& session, const core::TopicRow& row);
  // Rows from `from` on; everything up to `seen` was in the log by then.
  struct PageRead {
    core::TopicSeq from = 0;
    core::TopicSeq seen = 0;
  };
  void read_page(Session& session);
  void on_page(SessionRef ref, PageRead read, const Result<std::vector<core::TopicRow>>& page);
  void mark_dirty(Session& session);
  void schedule_writing();
  void collect_dirty(std::vector<core::Change>& changes);
  using DirtyRetained = std::unordered_map<std::string, std::pair<core::TopicMessagePtr, std::uint64_t>>;
  void on_not_written(const Error& why, DirtyRetained retained);

  // space_groups.cpp
  std::uint32_t home_of(std::string_view group) const;
  // Runs `call` with the space where the group is: at once if that is this one.
  template <class Call>
  void at_home(const std::string& group, Call call) {
    const std::uint32_t home = home_of(group);
    if (home == options_.shard) return call(*this);
    ground_.post(home, std::move(call));
  }
  MemberName name_of(const Session& session) const { return {options_.shard, session.ref}; }
  Group& make_group(const std::string& name);
  void drop_if_empty(Group& group);
  Member* next_member(Group& group, bool any_load);
  void reassign(Group& group, core::TopicSeq handle);
  bool assign(Group& group, const core::TopicMessagePtr& message, core::TopicSeq seq);
  void send(Group& group, Member& member, core::TopicSeq handle, const core::TopicMessagePtr& message);
  // What `member` was given and `kept` does not name goes to others; what it names stays with it, or is done with.
  enum class Kept : std::uint8_t { stays, done };
  void take_back(Group& group, const MemberName& member, const std::vector<core::TopicSeq>& kept, Kept what);
  void on_row(Group& group, const core::TopicRow& row);
  void catch_up(Group& group);
  bool offer(Group& group, const core::TopicRow& row);
  void read_page(Group& group);
  void on_page(const std::string& name, PageRead read, const Result<std::vector<core::TopicRow>>& page);
  void update_full(Group& group);
  void mark_dirty(Group& group);
  void part_groups(Session& session, bool ended);
  void leave_group(Session& session, const std::string& name);

  // space_sys.cpp
  void wake_sys();
  void say_sys();

  void answer(const Asker& asker, const core::Reply& reply);
  void refuse(const Asker& asker, Errc code, std::string_view text = {});

  // Sequence numbers of what does not come by the log: of a shared subscription with its home, else of this shard.
  static constexpr core::TopicSeq kApart = core::TopicSeq{1} << 63;
  static constexpr unsigned kHomeShift = 48;
  static constexpr core::TopicSeq kNoHome = 0x7FFF;
  core::TopicSeq next_apart(core::TopicSeq home) { return kApart | (home << kHomeShift) | ++last_apart_; }

  Options options_;
  Ground& ground_;
  Counters counters_;
  Trie trie_;
  Sessions sessions_;
  std::unordered_map<Link, SessionRef> successors_;  // connections that wait for the session of another one
  Retained retained_;
  Recent recent_;
  std::unordered_map<std::string, std::unique_ptr<Group>> groups_;
  std::unordered_map<core::TopicSeq, Assigned> assigned_;
  core::TopicSeq last_apart_ = 0;
  std::uint64_t last_group_ = 0;

  // What the last match found.
  std::uint32_t matching_ = 0;
  std::vector<Match> matches_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> match_ids_;  // id, and the next one's place
  std::vector<Group*> match_groups_;
  Elsewhere match_elsewhere_;
  std::vector<Trie::Place> match_places_;
  core::TopicDelivery delivery_;

  // What the other shards were told, and have confirmed.
  std::uint64_t told_ = 0;
  std::uint64_t confirmed_ = 0;
  struct Fence {
    std::uint64_t id = 0;
    std::uint64_t told = 0;
    std::uint32_t missing = 0;  // shards
    Task done;
  };
  std::vector<Fence> fences_;
  std::uint64_t last_fence_ = 0;

  struct Due {
    MonoMs at;
    SessionRef session;
    bool operator<(const Due& other) const { return other.at < at; }
  };
  std::priority_queue<Due> dues_;
  std::optional<MonoMs> alarm_;

  // What has been put off.
  std::vector<SessionRef> dirty_;
  std::set<std::string> dirty_groups_;
  DirtyRetained dirty_retained_;
  static constexpr core::TopicSeq kUnmarked = ~core::TopicSeq{0};
  core::TopicSeq marked_ = 0;
  bool writing_scheduled_ = false;

  bool sys_awake_ = false;
  bool forgetting_ = false;  // a turn is scheduled that forgets what was removed
  MonoMs started_;
};

}  // namespace confab::topics
