// The contract of every store: what is found in a log, and in whose.
#include <random>

#include "store/tests/search_bench.h"

using namespace confab;
using namespace confab::store::testing;

TEST_CASE("search: words, newest first, in messages, subjects and what replaces them") {
  for_each_search([](Talk& t) {
    t.add("romeo");
    t.add("juliet");
    t.say("juliet", "romeo", text("Wherefore art thou Romeo?"));
    t.say("romeo", "juliet", text("Neither, fair saint, if either thee dislike."));
    core::Message letter = text("Deny thy father");
    letter.subjects.push_back({"en", "Thou art thyself"});
    t.say("juliet", "romeo", letter);
    t.say("juliet", "romeo", core::Edit{"m1", text("Art thou not Romeo, and a Montague?")});
    CHECK(t.find("romeo", "thou art") == Numbers{4, 3, 1});
    CHECK(t.find("juliet", "thou art") == Numbers{4, 3, 1});
    CHECK(t.find("romeo", "ROMEO") == Numbers{4, 1});
    CHECK(t.find("romeo", "father thyself") == Numbers{3});
    CHECK(t.find("romeo", "mont") == Numbers{4});
    CHECK(t.find("romeo", "mont art") == Numbers{});
    CHECK(t.find("romeo", "capulet") == Numbers{});
    CHECK(t.find("romeo", "a") == Numbers{4, 3, 1});  // begins so
    CHECK(t.find("romeo", "a montague") == Numbers{4});
  });
}

TEST_CASE("search: Chinese words in the middle of a sentence, single characters, and longer stretches") {
  for_each_search([](Talk& t) {
    t.add("ann");
    t.add("bo");
    t.say("ann", "bo", text("我们今天晚饭吃面"));
    t.say("bo", "ann", text("晚上见，Java 面试以后"));
    t.say("ann", "bo", text("晚饭天下"));
    CHECK(t.find("bo", "晚饭") == Numbers{3, 1});
    CHECK(t.find("bo", "面") == Numbers{2, 1});
    CHECK(t.find("bo", "今天晚饭") == Numbers{1});
    CHECK(t.find("bo", "天晚") == Numbers{1});
    CHECK(t.find("bo", "java面试") == Numbers{2});
    CHECK(t.find("bo", "晚面") == Numbers{});
    CHECK(t.find("bo", "饭 天") == Numbers{3, 1});
  });
}

TEST_CASE("search: nothing but texts is looked through") {
  for_each_search([](Talk& t) {
    t.add("ann");
    t.add("bo");
    core::Message message = text("visible");
    message.thread = "hidden1";
    message.re = "hidden2";
    message.media.push_back({.url = "https://hidden3.example"});
    message.app = {"hidden4", "hidden5"};
    auto event = *said(1, "ann", "bo", message);
    event.cid = "hidden6";
    event.annex.push_back({core::Wire::xmpp, "hidden7", "hidden8"});
    REQUIRE(t.bench.commit_all(append(std::make_shared<const core::Event>(event), {t.people["bo"], t.people["ann"]})));
    t.last = 1;
    t.say("bo", "ann", core::Receipt{core::Receipt::Kind::read, {"hidden9"}});
    t.say("bo", "ann", core::Reaction{"hiddenA", {"hiddenB"}});
    CHECK(t.find("bo", "hidden") == Numbers{});
    CHECK(t.find("bo", "visible") == Numbers{1});
    CHECK(t.find("bo", "example") == Numbers{});  // not even of an address
  });
}

TEST_CASE("search: one's own log, and nobody else's") {
  for_each_search([](Talk& t) {
    const Uid ann = t.add("ann");
    t.add("bo");
    t.add("eve");
    t.say("ann", "bo", text("the secret word"));
    t.say("ann", "ann", text("a secret note"));
    t.say("eve", "ann", text("what is the secret?"));
    t.say("eve", "eve", text("u" + std::to_string(ann) + " secret of mine"));
    CHECK(t.find("ann", "secret") == Numbers{3, 2, 1});
    CHECK(t.find("bo", "secret") == Numbers{1});
    CHECK(t.find("eve", "secret") == Numbers{4, 3});
    // By what a question can say.
    const std::string token = "u" + std::to_string(ann);
    for (const std::string& words :
         {std::string("secret OR note"), "secret* OR who : " + token, token + " note", std::string("\" OR word"),
          std::string("note\") OR who : (\"" + token), std::string("secret word"), std::string("NEAR(secret word)")}) {
      CAPTURE(words);
      for (const std::uint64_t n : t.find("eve", words)) CHECK(n >= 3);
    }
    CHECK(t.find("eve", core::SearchQuery{.text = "secret", .with = person("bo")}) == Numbers{});
    CHECK(t.find("eve", core::SearchQuery{.text = "word", .before = 1'000'000}) == Numbers{});
    CHECK(t.find("eve", core::SearchQuery{.text = "word", .before = static_cast<Upos>(-1)}) == Numbers{});
    CHECK(t.ask(ann + 100, {.text = "secret"}).error().code == Errc::not_found);
  });
}

TEST_CASE("search: with one person alone") {
  for_each_search([](Talk& t) {
    for (const char* name : {"ann", "bo", "cy"}) t.add(name);
    t.say("ann", "bo", text("word"));
    t.say("bo", "ann", text("word"));
    t.say("cy", "ann", text("word"));
    t.say("ann", "ann", text("word"));
    const auto with = [&](const char* name) {
      return t.find("ann", core::SearchQuery{.text = "word", .with = person(name)});
    };
    CHECK(with("bo") == Numbers{2, 1});
    CHECK(with("cy") == Numbers{3});
    CHECK(with("ann") == Numbers{4});
    CHECK(with("nobody") == Numbers{});
  });
}

TEST_CASE("search: pages, by results and by rows") {
  for_each_search([](Talk& t) {
    const Uid ann = t.add("ann");
    t.add("bo");
    Numbers all;
    for (std::uint64_t n = 1; n <= 40; ++n) {
      t.say(n % 2 == 0 ? "ann" : "bo", n % 2 == 0 ? "bo" : "ann", text(n % 3 == 0 ? "needle" : "hay"));
      if (n % 3 == 0) all.insert(all.begin(), n);
    }
    CHECK(t.find("ann", core::SearchQuery{.text = "needle", .limit = 1}) == all);
    CHECK(t.find("ann", core::SearchQuery{.text = "needle", .limit = 5}) == all);
    CHECK(t.find("ann", core::SearchQuery{.text = "needle", .rows = 7}) == all);
    CHECK(t.find("ann", core::SearchQuery{.text = "ne", .rows = 1}) == all);
    CHECK(t.find("ann", core::SearchQuery{.text = "needle", .limit = 2, .rows = 3}) == all);
    const auto page = t.ask(ann, {.text = "needle", .limit = 2});
    REQUIRE(page->found.size() == 2);
    CHECK(page->found[0].seq == 39);
    CHECK(page->next == 36);
    CHECK(t.ask(ann, {.text = "needle", .before = 36, .limit = 2})->found[0].seq == 33);
    CHECK(t.ask(ann, {.text = "needle", .before = 3})->found.empty());
    CHECK(t.ask(ann, {.text = "needle", .before = 3})->next == 0);
    CHECK(t.ask(ann, {.text = "needle", .before = 1})->next == 0);
  });
}

TEST_CASE("search: questions that are none") {
  for_each_search([](Talk& t) {
    const Uid ann = t.add("ann");
    t.say("ann", "ann", text("word"));
    CHECK(t.ask(ann, {.text = "?!"}).error().code == Errc::bad_payload);
    CHECK(t.ask(ann, {.text = std::string(5000, 'x')}).error().code == Errc::too_big);
    CHECK(t.ask(ann, {.text = std::string("wo\0rd", 5)})->found.empty());
    CHECK(t.ask(ann, {.text = "\xFFword\xFE"})->found.size() == 1);
  });
}

TEST_CASE("search: who is removed finds nothing, nor who gets the name; the others find what they had") {
  for_each_search([](Talk& t) {
    const Uid ann = t.add("ann");
    t.add("bo");
    t.say("ann", "bo", text("word"));
    t.say("ann", "ann", text("word alone"));
    CHECK(t.find("ann", "word") == Numbers{2, 1});
    REQUIRE(t.bench.commit_all(core::DropAccount{ann}).has_value());
    CHECK(t.ask(ann, {.text = "word"}).error().code == Errc::not_found);
    CHECK(t.find("bo", "word") == Numbers{1});
    CHECK(t.add("ann") != ann);
    CHECK(t.find("ann", "word") == Numbers{});
    t.say("bo", "ann", text("word anew"));
    CHECK(t.find("ann", "word") == Numbers{3});
    CHECK(t.find("bo", "word") == Numbers{3, 1});
    t.bench.reopen();
    CHECK(t.find("ann", "word") == Numbers{3});
  });
}

// Whatever is in the index, all stores find the same.
TEST_CASE("search: at random, in every state of the index") {
  const std::vector<std::string> vocabulary{"apple", "app", "a", "banana", "ban", "苹果", "果", "苹", "香蕉果", "x9"};
  for (unsigned seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    Bench memory("memory"), sqlite("sqlite");
    Talk first(memory, false), second(sqlite, false);
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const auto some_words = [&](std::size_t most) {
      std::string out;
      for (std::size_t i = 0, n = 1 + below(most); i < n; ++i) out += vocabulary[below(vocabulary.size())] + " ";
      return out;
    };
    const std::vector<std::string> names{"ann", "bo", "cy"};
    for (const std::string& name : names) CHECK(first.add(name) == second.add(name));
    for (int round = 0; round < 60; ++round) {
      const std::string from = names[below(3)], to = names[below(3)], words = some_words(4);
      first.say(from, to, text(words));
      second.say(from, to, text(words));
      if (below(10) == 0) second.fill();
      const core::SearchQuery query{.text = some_words(2),
                                    .with = below(3) == 0 ? person(names[below(3)]) : Address{},
                                    .limit = 1 + below(4),
                                    .rows = 1 + below(20)};
      const std::string who = names[below(3)];
      CAPTURE(query.text);
      CHECK(first.find(who, query) == second.find(who, query));
    }
  }
}
