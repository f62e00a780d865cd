// What is left in SQLite's files of somebody who was erased.
#include "store/tests/search_bench.h"

using namespace confab;
using namespace confab::store;
using namespace confab::store::testing;

TEST_CASE("sqlite: nothing is left in the files of somebody who was erased, but what others have") {
  Bench b("sqlite");
  Talk t(b, false);
  const Uid uid = t.add("annabella");
  t.add("bo");
  core::RosterItem item;
  item.peer = {"bo", "example.org", ""};
  item.name = "Nickname of bo";
  core::Event tune;
  tune.body = core::Listening{"Favourite song"};
  const core::Node diary{"urn:example:moods", {}};
  const core::Item mood{"today", "<mood>Published mood</mood>", {5}};
  REQUIRE(b.commit_all(core::PutRosterItem{uid, item, 1}, core::PutBlocks{uid, {{"enemy", "example.net", ""}}},
                       core::PutDevice{uid, {"Pocketphone", 1, {5}}},
                       core::PutListening{uid, std::make_shared<core::Event>(tune)}, core::PutNode{uid, diary},
                       core::PutItem{uid, diary.name, mood, 10, 10'000},
                       core::PutProfile{uid, {"Anna Bella", "anna@mail.example", "+1 555", {}}})
              .has_value());
  for (int i = 0; i < 50; ++i) {
    t.say("annabella", "annabella", text("Diary page " + std::to_string(i) + std::string(500, '.')));
  }
  const core::EventPtr note = said(++t.last, "annabella", "annabella", text("with a key"));
  REQUIRE(b.commit_all(append(note, {uid}, "duplicate-key-of-hers", uid)).has_value());
  t.say("bo", "bo", text("Nothing of hers"));
  t.fill();
  REQUIRE(t.work(engine::Store::Chore::scrub).has_value());
  const std::vector<std::string> hers{
      "annabella",  "Nickname of bo", "enemy",      "Pocketphone",           "Favourite song",
      "Anna Bella", "anna@mail",      "Diary page", "duplicate-key-of-hers", "Published mood"};
  for (const std::string& text : hers) CHECK_MESSAGE(is_in_files(b.options.path, text), text);
  REQUIRE(b.commit_all(core::DropAccount{uid, true}).has_value());
  REQUIRE(t.work(engine::Store::Chore::scrub).has_value());
  for (const std::string& text : hers) CHECK_MESSAGE(!is_in_files(b.options.path, text), text);
  CHECK(b.commit_all(new_account("annabella")).error().code == Errc::conflict);
  b.reopen();
  CHECK(b.commit_all(new_account("annabella")).error().code == Errc::conflict);
  CHECK(t.find("bo", "hers") == Numbers{t.last});
}
