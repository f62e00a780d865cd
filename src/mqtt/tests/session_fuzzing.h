// What mqtt_session_fuzz plays with: the input, a domain's answers, what it may be asked, and what a client may hear.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "auth/credentials.h"
#include "auth/scram_client.h"
#include "core/command.h"
#include "mqtt/config.h"
#include "mqtt/wire.h"
#include "topics/filter.h"

namespace confab::mqtt {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// What is left of the input; zeros behind its end.
class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  unsigned byte() {
    if (bytes_.empty()) return 0;
    const auto one = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return one;
  }
  std::string_view text(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view text() { return text(byte()); }

 private:
  std::string_view bytes_;
};

inline const core::CredentialsFound& credentials() {
  static const core::CredentialsFound kept = [] {
    const RandomBytes random = [](unsigned char* out, std::size_t size) { std::fill(out, out + size, 'x'); };
    const auth::NewPassword set{"alice@example.org", "alice", "example.org", "secret", 4096};
    return core::CredentialsFound{7, auth::encode(auth::derive(set, nullptr, random))};
  }();
  return kept;
}

// What proves that the client knows the password, to who has had kFirst; empty: the challenge is none.
inline constexpr std::string_view kFirst = "n,,n=alice,r=abcdefgh";
inline std::string proof_of(const std::string& challenge) {
  static auth::SaltedPassword salted;  // PBKDF2 once
  auth::ScramLogin login;
  login.username = "alice";
  login.password = "secret";
  auth::ScramClient client(*auth::parse_mechanism("SCRAM-SHA-256"), std::move(login), "abcdefgh");
  require(client.first() == kFirst);
  client.use(salted);
  const Result<std::string> proof = client.on_challenge(challenge);
  if (!proof) return {};
  salted = client.salted();
  return *proof;
}

inline core::Reply answer_to(const core::Command& command, unsigned how, const std::string& memo) {
  if (how % 8 == 7) return core::Refused{how % 16 == 7 ? Errc::not_authorized : Errc::unavailable, "refused"};
  if (how % 8 == 6) return core::Done{};
  if (std::holds_alternative<core::FindCredentials>(command)) return credentials();
  if (std::holds_alternative<core::OpenTopicSession>(command)) return core::TopicSessionOpened{!memo.empty(), memo};
  if (std::holds_alternative<core::PublishTopic>(command)) return core::TopicPublished{how % 2 == 0, how % 4 == 3};
  if (const auto* subscribe = std::get_if<core::SubscribeTopics>(&command)) {
    core::TopicsSubscribed answer;
    for (const core::TopicFilter& each : subscribe->filters) {
      if (how % 8 == 5) answer.granted.emplace_back(fail(Errc::too_big));
      if (how % 8 != 5) answer.granted.emplace_back(each.qos);
    }
    return answer;
  }
  if (const auto* unsubscribe = std::get_if<core::UnsubscribeTopics>(&command)) {
    return core::TopicsUnsubscribed{std::vector<bool>(unsubscribe->filters.size(), how % 2 == 0)};
  }
  if (std::holds_alternative<core::OpenSession>(command)) {
    return core::SessionOpened{.id = 1, .resource = "made", .present = how % 2 == 0};
  }
  if (std::holds_alternative<core::GetRoster>(command)) return core::RosterItems{};
  if (std::holds_alternative<core::GetPresences>(command)) return core::PresencesFound{};
  if (std::holds_alternative<core::Send>(command)) return core::Sent{.id = {}, .at = {}, .seq = how};
  return core::Done{};
}

inline void check_message(const core::TopicMessage& message) {
  require(topics::is_topic_name(message.topic) && message.qos <= 2 && is_mqtt_text(message.content_type));
  for (const auto& [name, value] : message.user) require(is_mqtt_text(name) && is_mqtt_text(value));
}

inline void check_command(const core::Command& command) {
  if (const auto* publish = std::get_if<core::PublishTopic>(&command)) {
    check_message(publish->message);
    require((publish->key != 0) == (publish->message.qos == 2));
  } else if (const auto* subscribe = std::get_if<core::SubscribeTopics>(&command)) {
    for (const core::TopicFilter& each : subscribe->filters) {
      require(topics::split_filter(each.filter).has_value() && each.qos <= 2 && each.retain_handling <= 2);
    }
  } else if (const auto* unsubscribe = std::get_if<core::UnsubscribeTopics>(&command)) {
    for (const std::string& each : unsubscribe->filters) require(topics::split_filter(each).has_value());
  } else if (const auto* open = std::get_if<core::OpenTopicSession>(&command)) {
    require(!open->client.empty());
    if (open->will) check_message(open->will->message);
  }
}

// What the client knows of its connection, by what went in and what comes out.
class Client {
 public:
  explicit Client(const Config& config) : said_(config.packet_bytes_before) {}

  void say(std::string_view bytes) {
    if (known_) return;
    heard_bytes_.append(bytes);
    said_.feed(bytes);
    const Result<std::optional<Packet>> first = said_.next();
    if (first && !*first) return said_.keep();
    known_ = true;
    const auto* connect = first ? std::get_if<Connect>(&**first) : nullptr;
    if (connect != nullptr) aliases_ = connect->topic_alias_maximum;
    if (connect != nullptr) receive_maximum_ = connect->receive_maximum;
    const std::size_t limit = connect == nullptr ? 0 : connect->maximum_packet_size;
    reader_.emplace(limit == 0 ? std::size_t{1} << 28U : limit, From::server);
    reader_->set_level(said_.level());
  }
  void hear(const std::string& bytes) {
    if (bytes.empty()) return;
    require(reader_.has_value() && !over_);
    reader_->feed(bytes);
    for (;;) {
      const Result<std::optional<Packet>> packet = reader_->next();
      require(packet.has_value());
      if (!*packet) break;
      take(**packet);
    }
    require(reader_->buffered() == 0);  // whole packets
  }
  bool is_open() const { return open_ && !over_; }
  std::uint16_t receive_maximum() const { return receive_maximum_; }
  // Of the server's last AUTH.
  const std::string& challenge() const { return challenge_; }

 private:
  void take(const Packet& packet) {
    require(!over_);
    if (const auto* connack = std::get_if<Connack>(&packet)) {
      require(!open_);
      open_ = connack->reason == Reason::success;
      over_ = !open_;
      return;
    }
    if (const auto* auth = std::get_if<Auth>(&packet)) {
      challenge_ = auth->data;
      return;
    }
    require(open_);
    over_ = std::holds_alternative<Disconnect>(packet);
    if (const auto* publish = std::get_if<Publish>(&packet)) take(*publish);
  }
  void take(const Publish& publish) {
    const std::uint16_t alias = publish.topic_alias.value_or(0);
    require(alias <= aliases_);
    if (alias == 0) return;
    if (!publish.topic.empty()) names_.insert(alias);
    require(names_.contains(alias));
  }

  Reader said_;
  std::string heard_bytes_;
  bool known_ = false;
  std::optional<Reader> reader_;
  std::uint16_t aliases_ = 0;
  std::uint16_t receive_maximum_ = 65535;
  std::set<std::uint16_t> names_;
  std::string challenge_;
  bool open_ = false;
  bool over_ = false;
};

}  // namespace confab::mqtt
