#include <sys/stat.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "app/confabctl.h"
#include "app/tests/control_world.h"
#include "testing/temporary_folder.h"

namespace confab::app {
namespace {

std::string text_of(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::vector<boost::json::object> objects_of(const std::string& text) {
  std::vector<boost::json::object> objects;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    boost::json::error_code error;
    const auto value = boost::json::parse(line, error);
    REQUIRE_MESSAGE((!error && value.is_object()), line);
    objects.push_back(value.as_object());
  }
  return objects;
}

std::string type_of(const boost::json::object& object) {
  const auto* type = object.if_contains("type");
  return type == nullptr ? "" : std::string(type->as_string().c_str());
}

struct Verona : Site {
  Verona() {
    for (const char* name : {"romeo", "juliet"}) run({"user", "add", name}, "s3cr3t-password");
    const Uid uid = row("romeo").uid;
    core::RosterItem item;
    item.peer = {"juliet", "a.example", {}};
    item.name = "My \"love\"";
    item.groups = {"Capulets", ""};
    item.to = item.from = true;
    REQUIRE(commit(core::PutRosterItem{uid, item, 1}));
    REQUIRE(commit(core::PutBlocks{uid, {{"tybalt", "a.example", {}}}}));
    REQUIRE(commit(core::PutDevice{uid, {"orchard", 2, {5000}}}));
    core::Presence last;
    last.signature = {{"en", "in love"}};
    last.listening = "nightingale";
    REQUIRE(commit(core::PutLastPresence{uid, last}));
    core::Profile profile{"Romeo", "romeo@example.net", "", {{core::Wire::xmpp, "vcard-temp", "<vCard/>"}}};
    REQUIRE(commit(core::PutProfile{uid, profile}));
  }
  // By the client, out of a copy of the store.
  ControlReply export_to(const std::string& file, const std::string& name = "romeo") {
    ControlClient client(config, [this](const Config&, bool) -> Result<StoppedSite> {
      StoppedSite stopped;
      stopped.store = std::make_unique<store::MemoryStore>(store::MemoryOptions{}, store.snapshot());
      return stopped;
    });
    return client.export_person(name, file, false);
  }

  testing::TemporaryFolder folder;
};

TEST_CASE("an export holds what is kept of a person, and no credentials") {
  Verona site;
  core::Message message;
  message.bodies = {{"en", "He jests at scars"}, {"it", "Ride"}};
  message.subjects = {{"", "Act 2"}};
  message.thread = "t1";
  message.re = "m0";
  message.media = {{.url = "https://a.example/m/1", .mime = "image/png", .size = 7}};
  message.app = {"chess", "{\"move\":\"e4\"}"};
  message.wants = core::Ask::delivered | core::Ask::read;
  site.say("romeo", "juliet", message,
           {{core::Wire::xmpp, "xml", "<a b='\n'/>"}, {core::Wire::mqtt, "raw", "\xFF\x01"}});
  site.say("juliet", "romeo", core::Receipt{core::Receipt::Kind::read, {"m1", "m2"}});
  site.say("romeo", "juliet", core::Edit{"m1", message});
  site.say("romeo", "romeo", core::Recall{"m1"});
  site.say("juliet", "romeo", core::Reaction{"m1", {"\xF0\x9F\x91\x8D"}});
  const std::string file = (site.folder.path() / "romeo.jsonl").string();
  const auto reply = site.export_to(file);
  CHECK(reply.out == file + ": 5 events\n");
  struct stat status{};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const std::string text = text_of(file);
  CHECK(text.find("SCRAM") == std::string::npos);
  CHECK(text.find("s3cr3t") == std::string::npos);
  CHECK(text.find(site.row("romeo").credentials) == std::string::npos);
  const auto lines = objects_of(text);
  std::string types;
  for (const auto& line : lines) types += type_of(line) + " ";
  CHECK(types == " account profile device contact block presence event event event event event end ");
  CHECK(lines[0].at("format").as_string() == "confab-export");
  CHECK(lines[0].at("version").as_int64() == 1);
  CHECK(lines[1].at("address").as_string() == "romeo@a.example");
  CHECK(boost::json::serialize(lines[1]).find("password") == std::string::npos);
  CHECK(boost::json::serialize(lines[4]) ==
        "{\"type\":\"contact\",\"address\":\"juliet@a.example\",\"name\":\"My \\\"love\\\"\","
        "\"groups\":[\"Capulets\",\"\"],\"subscription\":\"both\",\"listed\":true}");
  const auto& said = lines[7];
  CHECK(said.at("kind").as_string() == "message");
  CHECK(said.at("direction").as_string() == "out");
  CHECK(boost::json::serialize(said.at("texts")) ==
        "[{\"lang\":\"en\",\"text\":\"He jests at scars\"},{\"lang\":\"it\",\"text\":\"Ride\"}]");
  CHECK(boost::json::serialize(said.at("app")) == "{\"app\":\"chess\",\"data\":\"{\\\"move\\\":\\\"e4\\\"}\"}");
  CHECK(boost::json::serialize(said.at("annex")) ==
        "[{\"wire\":\"xmpp\",\"key\":\"xml\",\"text\":\"<a b='\\n'/>\"},{\"wire\":\"mqtt\",\"key\":\"raw\","
        "\"base64\":\"/wE=\"}]");
  CHECK(boost::json::serialize(lines[8].at("about")) == "[\"m1\",\"m2\"]");
  CHECK(lines[8].at("direction").as_string() == "in");
  CHECK(lines[9].at("kind").as_string() == "edit");
  CHECK(lines[10].at("direction").as_string() == "self");
  CHECK(lines[11].at("kind").as_string() == "reaction");
  CHECK(lines[12].at("events").as_int64() == 5);
}

TEST_CASE("a long history comes in parts, whole and in order") {
  Verona site;
  const std::string long_text(300'000, '"');
  for (int i = 0; i < 8; ++i) site.say("romeo", "juliet", long_text);
  const Uid uid = site.row("romeo").uid;
  // One part is bounded, however long the log is.
  const auto part = site.run({"user", "export", "romeo", "--uid=" + std::to_string(uid), "--after=0"});
  CHECK(part.out.size() < 3'000'000);
  CHECK(part.out.find("{\"type\":\"next\",\"args\":[\"--uid=" + std::to_string(uid) + "\",\"--after=3\"]}\n") !=
        std::string::npos);
  const std::string file = (site.folder.path() / "romeo.jsonl").string();
  CHECK(site.export_to(file).exit == kExitDone);
  const auto lines = objects_of(text_of(file));
  std::int64_t seq = 0;
  for (const auto& line : lines) {
    CHECK(type_of(line) != "next");
    if (type_of(line) == "event") CHECK(line.at("seq").as_int64() == ++seq);
  }
  CHECK(seq == 8);
  CHECK(lines.back().at("events").as_int64() == 8);
}

TEST_CASE("an export that fails leaves no file; one that is there is not written over") {
  Verona site;
  const std::string file = (site.folder.path() / "x").string();
  CHECK(site.export_to(file, "tybalt").err == "confabctl: there is no account tybalt@a.example\n");
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK(site.export_to(file).exit == kExitDone);
  const std::string before = text_of(file);
  CHECK(site.export_to(file).err == "confabctl: " + file + ": is there already\n");
  CHECK(text_of(file) == before);
  CHECK(site.run({"user", "export", "romeo", "--uid=1"}).exit == kExitRefused);
  CHECK(site.run({"user", "export", "romeo", "--uid=x"}).exit == kExitUsage);
}

}  // namespace
}  // namespace confab::app
