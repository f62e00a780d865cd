// Runs the transcripts of tests/golden/xmpp. A line is
//   C: bytes of the client            S: what the server sends, "*" for anything; several S: lines follow each other
//   > a command's name, as expected   < the domain's answer to the oldest command (answers below)
//   @ open | bound                    where it begins: a new connection from this machine, or alice@example.org/balcony
// and # begins a remark.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "xmpp/tests/peer.h"

namespace confab::xmpp {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> golden_folder() {
  for (fs::path at = fs::current_path(); !at.empty(); at = at.parent_path()) {
    if (fs::exists(at / "tests/golden/xmpp")) return at / "tests/golden/xmpp";
    if (at == at.root_path()) break;
  }
  return std::nullopt;
}

bool matches(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  pattern.remove_prefix(star + 1);
  for (text.remove_prefix(star);; text.remove_prefix(1)) {
    if (matches(pattern, text)) return true;
    if (text.empty()) return false;
  }
}

std::string_view name_of(const core::Command& command) {
  static constexpr std::string_view kNames[] = {"FindCredentials",
                                                "VerifyPassword",
                                                "Register",
                                                "ChangePassword",
                                                "Disable",
                                                "RemoveAccount",
                                                "OpenSession",
                                                "CloseSession",
                                                "Acknowledge",
                                                "NoteDevice",
                                                "WantBacklog",
                                                "HoldBacklog",
                                                "SetAttached",
                                                "SetPresence",
                                                "Send",
                                                "GetRoster",
                                                "SetRosterItem",
                                                "RemoveRosterItem",
                                                "Subscribe",
                                                "GetBlocks",
                                                "Block",
                                                "Unblock",
                                                "GetProfile",
                                                "SetProfile",
                                                "SetCopies",
                                                "QueryArchive",
                                                "GetArchiveEnds",
                                                "GetArchivePreferences",
                                                "SetArchivePreferences",
                                                "SearchLog",
                                                "Publish",
                                                "ConfigureNode",
                                                "ClearNode",
                                                "GetItems",
                                                "GetNodes",
                                                "SetListening",
                                                "GetListening",
                                                "ShowLast",
                                                "SetReadMarker",
                                                "GetReadMarkers",
                                                "GetPresences",
                                                "AwaitBacklog",
                                                "GetHistory",
                                                "ReadLog",
                                                "GetSessions",
                                                "EndSession",
                                                "OpenTopicSession",
                                                "CloseTopicSession",
                                                "SubscribeTopics",
                                                "UnsubscribeTopics",
                                                "PublishTopic",
                                                "ForgetTopicKey",
                                                "AcknowledgeTopic",
                                                "WantTopics"};
  static_assert(std::size(kNames) == std::variant_size_v<core::Command>);
  return kNames[command.index()];
}

core::RosterItem juliets_nurse() {
  core::RosterItem item;
  item.peer = {"nurse", "example.org", {}};
  item.name = "Nurse";
  item.to = item.from = true;
  item.version = 3;
  return item;
}

core::Reply answer(std::string_view text) {
  static const std::map<std::string_view, core::Reply> kAnswers{
      {"done", core::Done{}},
      {"sent", core::Sent{}},
      {"opened balcony", core::SessionOpened{1, "balcony"}},
      {"refused not_found", core::Refused{Errc::not_found, {}}},
      {"refused not_authorized", core::Refused{Errc::not_authorized, {}}},
      {"refused blocked", core::Refused{Errc::blocked, {}}},
      {"refused too_fast", core::Refused{Errc::too_fast, {}}},
      {"refused conflict", core::Refused{Errc::conflict, {}}},
      {"roster nurse", core::RosterItems{{juliets_nurse()}, 3, true}},
      {"roster unchanged", core::RosterItems{{}, 3, false}},
  };
  const auto found = kAnswers.find(text);
  REQUIRE_MESSAGE(found != kAnswers.end(), std::string(text));
  return found->second;
}

class Transcript {
 public:
  explicit Transcript(const fs::path& file) : file_(file) {}

  void run() {
    Config config;
    config.registration = Registration::open;
    site_ = world_.site(config);
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line);) step(line);
    check_said();
  }

 private:
  void step(const std::string& line) {
    if (line.empty() || line.front() == '#') return;
    const std::string rest = line.size() > 2 ? line.substr(line.find(' ') + 1) : std::string();
    if (line.starts_with("S:")) {
      expected_ += rest;
      return;
    }
    check_said();
    INFO(line);
    if (line.front() == '@') {
      peer_ = std::make_unique<Peer>(*site_);
      rest == "bound" ? peer_->log_in() : static_cast<void>(peer_->open());
    } else if (line.starts_with("C:")) {
      said_ = peer_->feed(rest);
    } else if (line.front() == '>') {
      REQUIRE(!peer_->commands.empty());
      CHECK(name_of(peer_->commands.front().command) == rest);
      if (peer_->commands.front().request == 0) peer_->commands.pop_front();
    } else if (line.front() == '<') {
      said_ = peer_->reply(answer(rest));
    } else {
      FAIL("not a step");
    }
  }

  void check_said() {
    INFO(file_.string());
    INFO("expected " << expected_);
    INFO("said     " << said_);
    CHECK(matches(expected_, said_));
    expected_.clear();
    said_.clear();
  }

  fs::path file_;
  FakeWorld world_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<Peer> peer_;
  std::string expected_;
  std::string said_;
};

TEST_CASE("golden transcripts") {
  const auto folder = golden_folder();
  REQUIRE(folder.has_value());
  int count = 0;
  for (const auto& entry : fs::directory_iterator(*folder)) {
    if (entry.path().extension() != ".txt") continue;
    Transcript(entry.path()).run();
    ++count;
  }
  CHECK(count >= 6);
}

}  // namespace
}  // namespace confab::xmpp
