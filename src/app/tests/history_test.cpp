#include "app/tests/control_world.h"

namespace confab::app {
namespace {

struct Verona : Site {
  Verona() {
    for (const char* name : {"romeo", "juliet", "nurse"}) run({"user", "add", name}, "p");
    say("juliet", "romeo", "Wherefore art thou Romeo?");
    say("romeo", "juliet", "I take thee at thy word.\nCall me but love");
    say("nurse", "juliet", "Your lady mother is coming to your chamber, Romeo is banished");
  }
};

TEST_CASE("history search: text for people, newest first") {
  Verona site;
  CHECK(site.run({"history", "search", "juliet"}, "romeo").out ==
        "3  2027-01-15T08:00:00.003Z  nurse@a.example/desk -> juliet@a.example  "
        "Your lady mother is coming to your chamber, Romeo is banished\n"
        "1  2027-01-15T08:00:00.001Z  juliet@a.example/desk -> romeo@a.example  Wherefore art thou Romeo?\n");
  CHECK(site.run({"history", "search", "romeo"}, "thee love").out ==
        "2  2027-01-15T08:00:00.002Z  romeo@a.example/desk -> juliet@a.example  "
        "I take thee at thy word. Call me but love\n");
  CHECK(site.run({"history", "search", "romeo"}, "banished").out.empty());  // was not said to him
  CHECK(site.run({"history", "search", "romeo"}, "--json").out.empty());    // a word like any other
}

TEST_CASE("history search: JSON, with one person, a few at a time") {
  Verona site;
  const auto found = site.run({"history", "search", "juliet", "--with=romeo", "--json"}, "romeo");
  CHECK(found.out ==
        "{\"found\":[{\"type\":\"event\",\"seq\":1,\"id\":\"00000000-0000-0000-0000-000000000001\","
        "\"at\":\"2027-01-15T08:00:00.001Z\",\"from\":\"juliet@a.example/desk\",\"to\":\"romeo@a.example\","
        "\"direction\":\"out\",\"wire\":\"xmpp\",\"kind\":\"message\",\"message_type\":\"chat\","
        "\"texts\":[{\"text\":\"Wherefore art thou Romeo?\"}]}],\"next\":0}\n");
  const auto newest = site.run({"history", "search", "juliet", "--limit=1"}, "romeo");
  CHECK(newest.out.find("banished") != std::string::npos);
  CHECK(newest.out.ends_with("(older ones: --before 3)\n"));
  CHECK(site.run({"history", "search", "juliet", "--limit=1", "--before=3"}, "romeo").out.find("Wherefore") !=
        std::string::npos);
  site.config.limits.search_rows = 1;  // page after page, all the same
  CHECK(site.run({"history", "search", "juliet", "--with=nurse@A.example/desk"}, "romeo").out.starts_with("3  "));
  CHECK(site.run({"history", "search", "juliet"}, "wherefore").out.starts_with("1  "));
}

TEST_CASE("history search: nothing that a terminal would obey") {
  Verona site;
  site.say("nurse", "juliet",
           "evil \x1B[2J\xC2\x9B"
           "31m\r\x7F" +
               std::string(300, 'x') + "\xE6\x99\x9A");
  const std::string out = site.run({"history", "search", "juliet"}, "evil").out;
  for (const char c : out.substr(0, out.size() - 1)) CHECK(static_cast<unsigned char>(c) >= 0x20);
  CHECK(out.find("\xC2\x9B") == std::string::npos);
  CHECK(out.ends_with("xxx…\n"));
}

TEST_CASE("history search: refusals") {
  Verona site;
  CHECK(site.run({"history", "search", "juliet"}, "?!").err == "confabctl: no word to look for\n");
  CHECK(site.run({"history", "search", "tybalt"}, "x").err == "confabctl: there is no account tybalt@a.example\n");
  CHECK(site.run({"history", "search", "juliet", "--with=a@b@c"}, "x").exit == kExitRefused);
  CHECK(site.run({"history", "search", "juliet", "--limit=0"}, "x").exit == kExitUsage);
  CHECK(site.run({"history", "search", "juliet", "--limit=x"}, "x").exit == kExitUsage);
  CHECK(site.run({"history", "search", "juliet", "--before=-1"}, "x").exit == kExitUsage);
}

TEST_CASE("search rebuild: a stopped site waits for it") {
  Verona site;
  CHECK(site.run({"search", "rebuild", "--json"}).out == "{\"state\":\"filled\"}\n");
  site.running = true;
  CHECK(site.run({"search", "rebuild", "--json"}).out == "{\"state\":\"filling\"}\n");
}

}  // namespace
}  // namespace confab::app
