// What tests of the search share: messages between people, questions about them, and a store in each state of its
// index.
#pragma once

#include <fstream>
#include <sstream>

#include "store/tests/contract.h"

namespace confab::store::testing {

inline Address person(const std::string& name) {
  return {name, "example.org", {}};
}

inline core::EventPtr said(std::uint64_t n, const std::string& from, const std::string& to, core::Body body) {
  core::Event event;
  event.id = message_id(n);
  event.at = {static_cast<std::int64_t>(1000 + n)};
  event.from = person(from).with("phone");
  event.to = person(to);
  event.body = std::move(body);
  return std::make_shared<const core::Event>(std::move(event));
}

inline core::Message text(const std::string& body) {
  core::Message message;
  message.bodies.push_back({"", body});
  return message;
}

// People who write to each other, and look for what they wrote.
class Talk {
 public:
  // `filled`: before each question everything is brought into the store's index.
  Talk(Bench& to, bool filled) : bench(to), filled_(filled) {}

  Uid add(const std::string& name) { return people[name] = bench.create(name); }
  // In both logs, as what one says to the other is.
  void say(const std::string& from, const std::string& to, core::Body body) {
    std::vector<Uid> logs{people.at(to)};
    if (from != to) logs.push_back(people.at(from));
    REQUIRE(bench.commit_all(append(said(++last, from, to, std::move(body)), logs, {}, people.at(from))).has_value());
  }
  void fill() {
    const auto done = work(engine::Store::Chore::fill_search);
    REQUIRE_MESSAGE(done.has_value(), done.error().text);
  }
  Result<> work(engine::Store::Chore chore) {
    return wait_for<void>(bench.loop, [&](auto done) { bench.store->work_on(chore, bench.loop, std::move(done)); });
  }
  Result<core::FoundEvents> ask(Uid uid, core::SearchQuery query) {
    if (filled_) fill();
    if (query.limit == 0) query.limit = 100;
    if (query.rows == 0) query.rows = 100'000;
    return wait_for<core::FoundEvents>(
        bench.loop, [&](auto done) { bench.store->search_log(uid, query, bench.loop, std::move(done)); });
  }
  // The numbers of the messages that are found, newest first, page by page.
  std::vector<std::uint64_t> find(const std::string& who, core::SearchQuery query) {
    std::vector<std::uint64_t> numbers;
    do {
      const auto page = ask(people.at(who), query);
      REQUIRE_MESSAGE(page.has_value(), page.error().text);
      for (const core::Found& found : page->found) {
        numbers.push_back(found.event->id.bytes[15] + 256U * found.event->id.bytes[14]);
        const auto there = bench.log(people.at(who), found.seq - 1, 1);
        CHECK(*there->at(0).event == *found.event);
      }
      query.before = page->next;
    } while (query.before != 0);
    return numbers;
  }
  std::vector<std::uint64_t> find(const std::string& who, const std::string& words) {
    return find(who, core::SearchQuery{.text = words});
  }

  Bench& bench;
  std::map<std::string, Uid> people;
  std::uint64_t last = 0;  // message

 private:
  bool filled_;
};

// Every store, and SQLite with its index filled before each question as well.
inline void for_each_search(const std::function<void(Talk&)>& test) {
  for (const auto& [kind, filled] :
       {std::pair("memory", false), std::pair("sqlite", false), std::pair("sqlite", true)}) {
    CAPTURE(kind);
    CAPTURE(filled);
    Bench bench(kind);
    Talk talk(bench, filled);
    test(talk);
  }
}

// Whether the database or its write-ahead log has these bytes anywhere.
inline bool is_in_files(const std::string& path, const std::string& bytes) {
  for (const char* end : {"", "-wal"}) {
    std::ostringstream text;
    text << std::ifstream(path + end, std::ios::binary).rdbuf();
    if (text.str().find(bytes) != std::string::npos) return true;
  }
  return false;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace confab::store::testing
