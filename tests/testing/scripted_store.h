// A store in memory that does what it is asked when the test says so, and fails when the test says so.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/ports.h"
#include "store/memory/memory_topics.h"

namespace confab::testing {

// Lives on: one thread.
class ScriptedStore final : public engine::Store {
 public:
  enum class Kind { commit, load, profile, log, archive, presence, items, last, list, search, chore, topics };
  struct Call {
    Kind kind;
    std::vector<core::Change> changes;                   // of a commit
    UniqueFunction<void(std::optional<Error>)> perform;  // does it, or fails so
  };
  struct Account {
    core::AccountRow row;
    core::Profile profile;
    std::vector<core::EventPtr> log;                       // position 1 first
    std::map<std::string, std::vector<core::Item>> items;  // by node
  };

  engine::LogListener* listener = nullptr;
  bool held = false;                      // calls wait for step()
  std::map<Kind, Errc> failing;           // calls of this kind fail
  std::deque<Call> waiting;               // while held
  std::map<std::string, Account> people;  // by local part
  std::size_t commits = 0;                // that succeeded
  std::vector<core::ArchiveQuery> queries;
  std::vector<core::SearchQuery> searches;
  std::vector<std::string> retired;      // local parts
  std::deque<engine::LastPage> pages;    // what load_last_said answers, one after the other
  std::vector<engine::LastQuery> asked;  // of it
  store::MemoryTopics topics;
  std::size_t topic_pages = 0;  // that were read of their log

  Account& add(const std::string& name, const std::string& credentials = {}) {
    Account& account = people[name];
    account.row.uid = ++last_uid_;
    account.row.address = {name, "example.net", {}};
    account.row.credentials = credentials;
    return account;
  }
  const core::Device* device(const std::string& name, const std::string& device) {
    for (const core::Device& each : people.at(name).row.devices) {
      if (each.name == device) return &each;
    }
    return nullptr;
  }

  // Does the oldest call that waits; with `error` it fails.
  void step(std::optional<Errc> error = {}) {
    Call call = std::move(waiting.front());
    waiting.pop_front();
    call.perform(error ? std::optional(Error{*error, "as the test says"}) : std::nullopt);
  }
  void release() {
    held = false;
    while (!waiting.empty()) step();
  }

  void commit(engine::Transaction transaction, Loop& loop,
              UniqueFunction<void(Result<engine::Committed>)> done) override {
    auto changes = transaction.changes;
    take(
        Kind::commit, loop, std::move(done),
        [this, transaction = std::move(transaction)] { return write_all(transaction); }, std::move(changes));
  }
  void load_account(const Address& bare, Loop& loop, UniqueFunction<void(Result<core::AccountRow>)> done) override {
    take(Kind::load, loop, std::move(done), [this, name = bare.local]() -> Result<core::AccountRow> {
      if (!people.contains(name)) return fail(Errc::not_found);
      core::AccountRow row = people.at(name).row;
      row.head = people.at(name).log.size();
      return row;
    });
  }
  void load_profile(Uid uid, Loop& loop, UniqueFunction<void(Result<core::Profile>)> done) override {
    take(Kind::profile, loop, std::move(done), [this, uid]() -> Result<core::Profile> {
      const Account* account = find(uid);
      if (account == nullptr) return fail(Errc::not_found);
      return account->profile;
    });
  }
  void read_log(Uid uid, Upos after, std::size_t rows, std::size_t, Loop& loop,
                UniqueFunction<void(Result<std::vector<engine::LogRow>>)> done) override {
    take(Kind::log, loop, std::move(done), [this, uid, after, rows]() -> Result<std::vector<engine::LogRow>> {
      std::vector<engine::LogRow> page;
      const Account* account = find(uid);
      for (Upos at = after; account != nullptr && at < account->log.size() && page.size() < rows; ++at) {
        if (account->log[at]) page.push_back({uid, 0, at + 1, account->log[at]});
      }
      return page;
    });
  }
  // All of the log that is not before query.after, as one page.
  void read_archive(Uid uid, core::ArchiveQuery query, std::size_t, Loop& loop,
                    UniqueFunction<void(Result<core::ArchivePage>)> done) override {
    take(Kind::archive, loop, std::move(done), [this, uid, query = std::move(query)]() -> Result<core::ArchivePage> {
      core::ArchivePage page;
      queries.push_back(query);
      const Account* account = find(uid);
      for (Upos at = 0; account != nullptr && at < account->log.size(); ++at) {
        if (page.events.size() < query.limit) page.events.push_back({account->log[at], at + 1});
      }
      page.complete = account == nullptr || page.events.size() == account->log.size();
      return page;
    });
  }
  // Messages of that page, and whatever else of it speaks of something.
  void read_history(Uid uid, core::ArchiveQuery query, std::size_t, Loop& loop,
                    UniqueFunction<void(Result<core::HistoryRows>)> done) override {
    take(Kind::archive, loop, std::move(done), [this, uid, query = std::move(query)]() -> Result<core::HistoryRows> {
      core::HistoryRows rows;
      queries.push_back(query);
      const Account* account = find(uid);
      for (Upos at = 0; account != nullptr && at < account->log.size(); ++at) {
        const core::EventPtr& event = account->log[at];
        const bool message = std::holds_alternative<core::Message>(event->body);
        if (message && rows.page.events.size() < query.limit) rows.page.events.push_back({event, at + 1});
        if (!message && !event->about.empty()) rows.events.push_back(event);
      }
      return rows;
    });
  }
  void load_read_markers(Uid, std::size_t limit, Loop& loop,
                         UniqueFunction<void(Result<core::ReadMarkersFound>)> done) override {
    take(Kind::archive, loop, std::move(done), [limit]() -> Result<core::ReadMarkersFound> {
      core::ReadMarkersFound found;
      found.markers.resize(std::min<std::size_t>(limit, 2));
      return found;
    });
  }
  void read_archive_ends(Uid uid, Loop& loop, UniqueFunction<void(Result<core::ArchiveEnds>)> done) override {
    take(Kind::archive, loop, std::move(done), [this, uid]() -> Result<core::ArchiveEnds> {
      const Account* account = find(uid);
      if (account == nullptr || account->log.empty()) return core::ArchiveEnds{};
      return core::ArchiveEnds{account->log.front(), account->log.back()};
    });
  }
  void load_last_presence(std::vector<Address> of, Loop& loop,
                          UniqueFunction<void(Result<std::vector<LastPresence>>)> done) override {
    take(Kind::presence, loop, std::move(done), [this, of = std::move(of)]() -> Result<std::vector<LastPresence>> {
      std::vector<LastPresence> found;
      for (const Address& person : of) {
        if (people.contains(person.local)) found.emplace_back(person, people.at(person.local).row.last);
      }
      return found;
    });
  }
  void load_items(Uid uid, std::string node, core::ItemQuery, std::size_t, Loop& loop,
                  UniqueFunction<void(Result<core::ItemPage>)> done) override {
    take(Kind::items, loop, std::move(done), [this, uid, node = std::move(node)]() -> Result<core::ItemPage> {
      const Account* account = find(uid);
      if (account == nullptr || !account->items.contains(node)) return fail(Errc::not_found);
      const auto& items = account->items.at(node);
      return core::ItemPage{items, items.size(), true};
    });
  }
  void load_last_said(engine::LastQuery query, Loop& loop,
                      UniqueFunction<void(Result<engine::LastPage>)> done) override {
    asked.push_back(std::move(query));
    take(Kind::last, loop, std::move(done), [this]() -> Result<engine::LastPage> {
      if (pages.empty()) return engine::LastPage{{}, asked.back().people.size(), 0};
      engine::LastPage page = std::move(pages.front());
      pages.pop_front();
      return page;
    });
  }
  void list_accounts(Address after, std::size_t limit, Loop& loop,
                     UniqueFunction<void(Result<std::vector<AccountLine>>)> done) override {
    take(Kind::list, loop, std::move(done), [this, after, limit]() -> Result<std::vector<AccountLine>> {
      std::vector<AccountLine> lines;
      for (const auto& [name, account] : people) {
        if (name > after.local && lines.size() < limit) lines.push_back({account.row.uid, account.row.address});
      }
      return lines;
    });
  }
  // Whatever is looked for: the newest rows of the log. What was asked is kept.
  void search_log(Uid uid, core::SearchQuery query, Loop& loop,
                  UniqueFunction<void(Result<core::FoundEvents>)> done) override {
    searches.push_back(query);
    take(Kind::search, loop, std::move(done), [this, uid, limit = query.limit]() -> Result<core::FoundEvents> {
      core::FoundEvents found;
      const Account* account = find(uid);
      if (account == nullptr) return fail(Errc::not_found);
      for (Upos at = account->log.size(); at > 0 && found.found.size() < limit; --at) {
        found.found.push_back({at, account->log[at - 1]});
      }
      return found;
    });
  }
  void load_topic_sessions(std::string after, std::size_t limit, Loop& loop,
                           UniqueFunction<void(Result<std::vector<core::StoredTopicSession>>)> done) override {
    take(Kind::topics, loop, std::move(done), [this, after, limit]() -> Result<std::vector<core::StoredTopicSession>> {
      return topics.load_sessions(after, limit);
    });
  }
  void load_retained(std::string after, std::size_t limit, Loop& loop,
                     UniqueFunction<void(Result<std::vector<core::StoredRetained>>)> done) override {
    take(Kind::topics, loop, std::move(done), [this, after, limit]() -> Result<std::vector<core::StoredRetained>> {
      return topics.load_retained(after, limit);
    });
  }
  void load_topic_places(Loop& loop, UniqueFunction<void(Result<core::StoredPlaces>)> done) override {
    take(Kind::topics, loop, std::move(done), [this]() -> Result<core::StoredPlaces> { return topics.load_places(); });
  }
  void read_topics(core::TopicSeq after, std::size_t rows, std::size_t bytes, Loop& loop,
                   UniqueFunction<void(Result<std::vector<core::TopicRow>>)> done) override {
    ++topic_pages;
    take(Kind::topics, loop, std::move(done), [this, after, rows, bytes]() -> Result<std::vector<core::TopicRow>> {
      return topics.read(after, rows, bytes);
    });
  }
  void work_on(Chore, Loop& loop, UniqueFunction<void(Result<>)> done) override {
    take(Kind::chore, loop, std::move(done), []() -> Result<> { return {}; });
  }

 private:
  template <class Done, class Work>
  void take(Kind kind, Loop& loop, Done done, Work work, std::vector<core::Change> changes = {}) {
    auto perform = [this, kind, &loop, done = std::move(done),
                    work = std::move(work)](std::optional<Error> error) mutable {
      if (!error && failing.contains(kind)) error = Error{failing.at(kind), "as the test says"};
      auto result = error ? decltype(work())(tl::unexpect, *error) : work();
      loop.post([done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
    };
    Call call{kind, std::move(changes), std::move(perform)};
    if (held) {
      waiting.push_back(std::move(call));
    } else {
      call.perform({});
    }
  }

  Account* find(Uid uid) {
    for (auto& [name, account] : people) {
      if (account.row.uid == uid) return &account;
    }
    return nullptr;
  }

  Result<engine::Committed> write_all(const engine::Transaction& transaction) {
    engine::Committed committed;
    for (const core::Change& change : transaction.changes) {
      if (auto done = write_change(change, committed); !done) return fail(done.error());
    }
    auto rows = topics.take_rows();
    if (listener != nullptr && !rows.empty()) listener->on_topics(std::move(rows));
    ++commits;
    return committed;
  }
  Result<> write_change(const core::Change& change, engine::Committed& committed) {
    if (const auto* append = std::get_if<core::Append>(&change)) return write_append(*append, committed);
    if (const auto* change_of = std::get_if<core::TopicChange>(&change)) {
      topics.apply(*change_of);
      return {};
    }
    if (const auto* create = std::get_if<core::CreateAccount>(&change)) {
      if (people.contains(create->address.local)) return fail(Errc::conflict, "taken");
      committed.created = add(create->address.local, create->credentials).row.uid;
      return {};
    }
    Account* account = find(std::visit(
        [](const auto& one) {
          if constexpr (requires { one.uid; }) return one.uid;
          return Uid{0};
        },
        change));
    if (account == nullptr) return fail(Errc::not_found);
    if (const auto* drop = std::get_if<core::DropAccount>(&change)) {
      if (drop->retire) retired.push_back(account->row.address.local);
      people.erase(account->row.address.local);
      return {};
    }
    core::Account state{.row = std::move(account->row), .sessions = {}};
    core::apply(state, change);
    if (const auto* put = std::get_if<core::PutDelivered>(&change)) {
      state.row.delivered = std::max(state.row.delivered, put->upto);
    }
    if (const auto* put = std::get_if<core::PutDevice>(&change)) {
      state.row.delivered = std::max(state.row.delivered, put->device.cursor);
    }
    if (const auto* put = std::get_if<core::PutProfile>(&change)) account->profile = put->profile;
    if (const auto* put = std::get_if<core::PutNode>(&change)) account->items[put->node.name];
    if (const auto* put = std::get_if<core::PutItem>(&change)) account->items[put->node].push_back(put->item);
    account->row = std::move(state.row);
    return {};
  }
  Result<> write_append(const core::Append& append, engine::Committed& committed) {
    const auto key = std::pair(append.source, append.key);
    if (!append.key.empty() && keys_.contains(key)) {
      const core::EventPtr first = keys_.at(key);
      committed.appended.push_back({first->id, first->at, true, std::vector<Upos>(append.logs.size(), 0)});
      return {};
    }
    for (const core::LogTarget& log : append.logs) {
      if (find(log.uid) == nullptr) return fail(Errc::not_found);
    }
    if (!append.key.empty()) keys_[key] = append.event;
    engine::Appended appended{append.event->id, append.event->at, false, {}};
    std::vector<engine::LogRow> rows;
    for (const core::LogTarget& log : append.logs) {
      Account* account = find(log.uid);
      account->log.push_back(append.event);
      appended.positions.push_back(account->log.size());
      rows.push_back({log.uid, log.owner, account->log.size(), append.event});
    }
    committed.appended.push_back(std::move(appended));
    if (listener != nullptr) listener->on_appended(std::move(rows));
    return {};
  }

  Uid last_uid_ = 100;
  std::map<std::pair<Uid, std::string>, core::EventPtr> keys_;
};

}  // namespace confab::testing
