#include "app/control.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/confabctl.h"
#include "app/control_socket.h"
#include "app/control_wire.h"
#include "app/csv.h"
#include "app/import.h"
#include "app/tests/control_world.h"
#include "auth/credentials.h"
#include "auth/hash.h"
#include "base/bytes.h"

namespace confab::app {
namespace {

TEST_CASE("an invitation is good for as many accounts as it says, and kept as a hash alone") {
  Site site;
  const auto made = site.run({"invite", "create", "--uses=2", "--json"});
  REQUIRE(made.exit == kExitDone);
  const std::string token = made.out.substr(std::string("{\"invite\":\"").size(), 36);
  CHECK(made.out.find("xmpp:a.example?register;preauth=" + token) != std::string::npos);
  const auto enrol = [&](const std::string& name, const std::string& key) {
    engine::Transaction transaction;
    transaction.changes.emplace_back(
        engine::CreateAccount{.address = {name, "a.example", {}},
                              .credentials = "x",
                              .at = site.loop.now().wall,
                              .invite = encode_hex(auth::digest(auth::Hash::sha256, key))});
    return site.loop
        .wait<engine::Committed>(
            seconds(5), [&](auto done) { site.store.commit(std::move(transaction), site.loop, std::move(done)); })
        .has_value();
  };
  CHECK_FALSE(enrol("eve", "guess"));
  CHECK(enrol("dave", token));
  CHECK(enrol("erin", token));
  CHECK_FALSE(enrol("frank", token));
  CHECK(site.run({"invite", "create", "--days=0"}).exit == kExitUsage);
}

TEST_CASE("a life of an account on a stopped site") {
  Site site;
  CHECK(site.run({"user", "add", "alice", "--admin", "--json"}, "secret\n").exit == kExitDone);
  CHECK(auth::verify_password(*auth::decode(site.row("alice").credentials), "secret"));
  CHECK(site.row("alice").admin);
  const auto again = site.run({"user", "add", "ALICE@a.example"}, "other");
  CHECK(again.exit == kExitRefused);
  CHECK(again.err == "confabctl: there is an account alice@a.example already\n");
  CHECK(site.run({"user", "passwd", "alice"}, "fresh").exit == kExitDone);
  CHECK(auth::verify_password(*auth::decode(site.row("alice").credentials), "fresh"));
  CHECK(site.run({"user", "disable", "alice"}).exit == kExitDone);
  CHECK(site.row("alice").disabled);
  CHECK(site.run({"user", "list"}).out.starts_with("alice@a.example  admin  disabled  since "));
  CHECK(site.run({"user", "enable", "alice"}).exit == kExitDone);
  CHECK(site.run({"user", "remove", "alice"}).exit == kExitDone);
  CHECK(site.run({"user", "list", "--json"}).out == "[]\n");
  const auto gone = site.run({"user", "remove", "alice", "--json"});
  CHECK(gone.exit == kExitRefused);
  CHECK(gone.out == "{\"error\":\"not_found\",\"reason\":\"there is no account alice@a.example\"}\n");
}

TEST_CASE("whoever gets a removed name sees nothing of its friends") {
  Site site;
  site.run({"user", "add", "alice"}, "p");
  site.run({"user", "add", "bob"}, "p");
  const auto befriend = [&](const std::string& who, const std::string& whom) {
    core::RosterItem item;
    item.peer = {whom, "a.example", {}};
    item.to = item.from = true;
    item.version = 1;
    engine::Transaction transaction;
    transaction.changes.emplace_back(core::PutRosterItem{site.row(who).uid, item, 1});
    CHECK(site.loop.wait<engine::Committed>(
        seconds(5), [&](auto done) { site.store.commit(std::move(transaction), site.loop, std::move(done)); }));
  };
  befriend("alice", "bob");
  befriend("bob", "alice");
  CHECK(site.run({"user", "remove", "alice"}).exit == kExitDone);
  const core::AccountRow bob = site.row("bob");
  const auto item = bob.roster.find({"alice", "a.example", {}});
  REQUIRE(item.has_value());
  CHECK(!item->from);
  CHECK(!item->to);
  CHECK(bob.roster.version == 2);
}

TEST_CASE("a running site is told") {
  Site site;
  site.running = true;
  site.run({"user", "add", "alice"}, "p");
  site.run({"user", "passwd", "alice"}, "p");
  site.run({"user", "disable", "alice"});
  site.run({"user", "remove", "alice"});
  CHECK(site.live.told == "alice@a.example 0\nalice@a.example 1\nalice@a.example 2\nalice@a.example removed\n");
  CHECK(site.run({"session", "list"}).out == "alice@a.example/desk  xmpp  192.0.2.1  since 1970-01-01T00:00:00.000Z\n");
  CHECK(site.run({"reload"}).err == "confabctl: confab.toml:1: x: unknown key\n");
  CHECK(site.run({"restore", "/x"}).exit == kExitRefused);
}

TEST_CASE("usage and refusals") {
  Site site;
  CHECK(site.run({}).exit == kExitUsage);
  CHECK(site.run({"user"}).exit == kExitUsage);
  CHECK(site.run({"user", "add"}).exit == kExitUsage);
  CHECK(site.run({"user", "add", "a", "b"}).exit == kExitUsage);
  CHECK(site.run({"user", "list", "--verify"}).exit == kExitUsage);
  CHECK(site.run({"user", "add", "a"}, "\n").err == "confabctl: an empty password\n");
  CHECK(site.run({"user", "add", "a b"}, "p").exit == kExitRefused);
  CHECK(site.run({"user", "add", "a@b.example"}, "p").exit == kExitRefused);
  CHECK(site.run({"session", "list"}).err == "confabctl: the site does not run\n");
  CHECK(site.run({"version", "--json"}).exit == kExitDone);
  const auto doctor = site.run({"doctor"});
  CHECK(doctor.exit == kExitRefused);
  CHECK(doctor.out.starts_with("fail\tdata folder: /nonexistent is not there\n"));
}

TEST_CASE("imports name the lines that were refused and add the others") {
  Site site;
  site.run({"user", "add", "bob"}, "p");
  const std::string rows = "name,password,display,email\nalice,p1,\"Alice, \"\"A\"\"\",a@x\nbob,p2,,\nc d,p3,,\n";
  const auto reply = site.run({"user", "import"}, rows);
  CHECK(reply.exit == kExitRefused);
  CHECK(reply.out == "1 added, 2 refused\n");
  CHECK(reply.err ==
        "confabctl: line 3: there is an account bob@a.example already\n"
        "confabctl: line 4: \"c d\" cannot be a name\n");
  CHECK(read_import("name,password\na,b,c\n").error().text == "line 2: 3 fields, the header has 2");
  CHECK(read_import("name,who\n").error().text == "line 1: unknown column \"who\"");
  CHECK(!read_import(""));
  CHECK(!read_import("name\nx\n"));
}

TEST_CASE("a big import is split; lines are still the file's") {
  std::string text = "name,password,display\r\n";
  for (int i = 0; i < 100; ++i) text += "u" + std::to_string(i) + ",p,\"two\nlines\"\r\n";
  const auto parts = split_import(text, 300);
  REQUIRE(parts);
  CHECK(parts->size() > 5);
  std::size_t next = 2;
  for (const ImportPart& part : *parts) {
    CHECK(part.text.size() <= 300);
    const auto rows = read_import(part.text, part.line);
    REQUIRE(rows);
    for (const ImportRow& row : *rows) {
      CHECK(row.line == next);
      next += 2;
    }
  }
  CHECK(next == 202);
}

TEST_CASE("CSV: quotes, breaks, errors (RFC 4180)") {
  const auto rows = parse_csv(
      "\xEF\xBB\xBF"
      "a,\"b \"\"x\"\"\r\nc\",\r\n\r\nd,,e");
  REQUIRE(rows);
  REQUIRE(rows->size() == 2);
  CHECK((*rows)[0].fields == std::vector<std::string>{"a", "b \"x\"\r\nc", ""});
  CHECK((*rows)[1].line == 4);
  CHECK((*rows)[1].fields == std::vector<std::string>{"d", "", "e"});
  CHECK(parse_csv("a\n\"b").error().text == "line 2: a quote that is never closed");
  CHECK(!parse_csv("\"a\"b\n"));
  CHECK(!parse_csv("a\"b\n"));
  CHECK(!parse_csv("\xFF"));
  CHECK(write_csv_row({"a", "b,\"", ""}) == "a,\"b,\"\"\",\n");
}

TEST_CASE("requests and replies as lines") {
  const auto request = decode_request(encode_request({{"user", "add", "\"\n\\"}, "p\n"}));
  REQUIRE(request);
  CHECK(request->args == std::vector<std::string>{"user", "add", "\"\n\\"});
  CHECK(request->input == "p\n");
  const auto reply = decode_reply(encode_reply({1, "o\t", "e"}));
  REQUIRE(reply);
  CHECK(reply->exit == 1);
  CHECK(reply->out == "o\t");
  for (const char* bad : {"", "[]", "{}", "{\"args\":1}", "{\"args\":[1]}", "{\"args\":[]"})
    CHECK(!decode_request(bad));
}

TEST_CASE("over the socket") {
  std::string name = (std::filesystem::temp_directory_path() / "confab-sock-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  const auto path = folder / "confabd.sock";
  CHECK(ask_site(path, {{"version"}, {}}, seconds(5)).error().code == Errc::not_found);
  {
    auto server =
        ControlServer::open(path, [](const ControlRequest& r) { return ControlReply{0, r.args[0], r.input}; });
    REQUIRE(server);
    struct stat status{};
    CHECK(::stat(path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    for (int i = 0; i < 3; ++i) {
      const auto reply = ask_site(path, {{"hello"}, "in"}, seconds(5));
      REQUIRE(reply);
      CHECK(reply->out == "hello");
      CHECK(reply->err == "in");
    }
    CHECK(ask_site(path, {{"x"}, std::string(70000, 'x')}, seconds(5)).error().code == Errc::too_big);
  }
  CHECK(!std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

TEST_CASE("a stopped site on disk: added, backed up, verified, restored") {
  std::string name = (std::filesystem::temp_directory_path() / "confab-site-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  Config config = dev_defaults((folder / "data").string());
  config.auth.scram_iterations = 4096;
  REQUIRE(check_config(config));
  const std::string file = (folder / "backup.db").string();
  {
    ControlClient client(config, open_stopped_site);
    CHECK(client.run({{"user", "list"}, {}}).exit == kExitRefused);
    CHECK(client.run({{"user", "add", "alice"}, "p"}).exit == kExitDone);
    CHECK(client.import_people("name,password\nbob,p\ncarol,p\n", false).out == "2 added, 0 refused\n");
    CHECK(client.run({{"backup", file}, {}}).exit == kExitDone);
    CHECK(client.run({{"user", "remove", "bob"}, {}}).exit == kExitDone);
    CHECK(client.run({{"backup", file}, {}}).exit == kExitRefused);
    CHECK(client.run({{"doctor"}, {}}).out.find("ok\tdatabase: whole\n") != std::string::npos);
  }
  {
    ControlClient client(config, open_stopped_site);
    CHECK(client.run({{"restore", file, "--verify"}, {}}).exit == kExitDone);
    CHECK(client.run({{"restore", file}, {}}).exit == kExitDone);
    CHECK(client.run({{"user", "list"}, {}}).out.find("bob@localhost") != std::string::npos);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace confab::app
