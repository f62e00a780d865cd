#include "app/tests/control_world.h"

namespace confab::app {
namespace {

TEST_CASE("who is erased is gone, his name too, and his friends keep what he wrote to them") {
  Site site;
  for (const char* name : {"romeo", "juliet"}) site.run({"user", "add", name}, "p");
  site.say("romeo", "juliet", "good night");
  site.say("romeo", "romeo", "dear diary");
  CHECK(site.run({"user", "erase", "romeo"}).exit == kExitUsage);
  CHECK(site.run({"user", "erase", "romeo", "--yes", "--json"}).out == "{\"account\":\"romeo@a.example\"}\n");
  CHECK(site.run({"user", "list"}).out.find("romeo") == std::string::npos);
  CHECK(site.run({"history", "search", "juliet"}, "night").out.find("good night") != std::string::npos);
  CHECK(site.run({"user", "erase", "romeo", "--yes"}).exit == kExitRefused);
  const auto again = site.run({"user", "add", "romeo"}, "p");
  CHECK(again.exit == kExitRefused);
  CHECK(again.err ==
        "confabctl: romeo@a.example is the address of somebody who was erased: user add --reuse-name gives it anew\n");
  const auto imported = site.run({"user", "import"}, "name,password\nromeo,p\nnurse,p\n");
  CHECK(imported.out == "1 added, 1 refused\n");
  CHECK(site.run({"user", "add", "romeo", "--reuse-name"}, "p").exit == kExitDone);
  CHECK(site.run({"history", "search", "romeo"}, "night").out.empty());
  CHECK(site.run({"user", "remove", "romeo"}).exit == kExitDone);
  CHECK(site.run({"user", "add", "romeo"}, "p").exit == kExitDone);
}

TEST_CASE("a running site ends the sessions of who is erased") {
  Site site;
  site.run({"user", "add", "romeo"}, "p");
  site.running = true;
  CHECK(site.run({"user", "erase", "romeo", "--yes"}).out == "romeo@a.example is erased\n");
  CHECK(site.live.told == "romeo@a.example erased\n");
}

}  // namespace
}  // namespace confab::app
