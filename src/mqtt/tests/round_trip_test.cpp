// Any packet that is written reads the same, however its bytes are cut.
#include "mqtt/tests/random_packet.h"
#include "mqtt/tests/reading.h"

namespace confab::mqtt {

RandomPackets::RandomPackets(unsigned seed, Level level, From from) : random_(seed), level_(level), from_(from) {}

std::string_view RandomPackets::text(std::size_t least) {
  static constexpr std::string_view kLetters[] = {
      "a", "/", "$", "\x7F", "\xC3\xA9", "\xEF\xBB\xBF", "\xF0\x9F\x98\x80"};
  std::string text;
  for (std::size_t left = least + (below(8) == 0 ? below(300) : below(12)); left > 0; --left) {
    text += kLetters[below(std::size(kLetters))];
  }
  return keep(std::move(text));
}

std::string_view RandomPackets::bytes() {
  std::string bytes(below(10) == 0 ? below(20000) : below(40), '\0');
  for (char& c : bytes) c = static_cast<char>(random_());
  return keep(std::move(bytes));
}

UserProperties RandomPackets::user() {
  UserProperties user;
  if (level_ != Level::v5) return user;
  for (std::size_t left = below(4) == 0 ? below(6) : 0; left > 0; --left) user.emplace_back(text(), text());
  return user;
}

MessageProperties RandomPackets::message() {
  MessageProperties message;
  if (level_ != Level::v5) return message;
  message.utf8 = chance();
  if (chance()) message.expiry = number();
  message.content_type = maybe_text();
  if (chance()) message.response_topic = text(1);
  if (chance()) message.correlation = bytes();
  message.user = user();
  return message;
}

void RandomPackets::add_properties(Connect& connect) {
  connect.session_expiry = number();
  connect.receive_maximum = short_number();
  connect.maximum_packet_size = number();
  connect.topic_alias_maximum = static_cast<std::uint16_t>(number());
  connect.request_response_information = chance();
  connect.request_problem_information = chance();
  if (chance()) connect.authentication_method = text(1);
  if (!connect.authentication_method.empty() && chance()) connect.authentication_data = bytes();
  connect.user = user();
}

Connect RandomPackets::connect() {
  Connect connect;
  connect.level = level_;
  connect.clean_start = chance();
  connect.keep_alive = static_cast<std::uint16_t>(number());
  connect.client_id = text(level_ == Level::v5 ? 0 : 1);
  if (chance()) connect.user_name = text();
  if (chance() && (connect.user_name || level_ == Level::v5)) connect.password = bytes();
  if (chance()) {
    connect.will = Will{text(1), bytes(), static_cast<std::uint8_t>(below(3)), chance(), 0, message()};
    if (level_ == Level::v5) connect.will->delay = number();
  }
  if (level_ == Level::v5) {
    add_properties(connect);
  } else {
    connect.session_expiry = connect.clean_start ? 0 : 0xFFFFFFFF;
  }
  return connect;
}

void RandomPackets::add_properties(Connack& connack) {
  if (chance()) connack.session_expiry = number();
  connack.receive_maximum = short_number();
  connack.maximum_qos = static_cast<std::uint8_t>(below(3));
  connack.retain_available = chance();
  connack.maximum_packet_size = number();
  connack.assigned_client_id = maybe_text();
  connack.topic_alias_maximum = static_cast<std::uint16_t>(number());
  connack.reason_string = maybe_text();
  if (chance()) connack.server_keep_alive = static_cast<std::uint16_t>(number());
  connack.response_information = maybe_text();
  connack.authentication_method = maybe_text();
  connack.authentication_data = chance() ? bytes() : std::string_view();
  connack.user = user();
  connack.server_reference = maybe_text();
  connack.wildcard_subscriptions_available = chance();
  connack.subscription_ids_available = chance();
  connack.shared_subscriptions_available = chance();
}

Connack RandomPackets::connack() {
  Connack connack;
  connack.reason = pick({Reason::success, Reason::success, Reason::not_authorized, Reason::server_unavailable});
  connack.session_present = connack.reason == Reason::success && level_ != Level::v31 && chance();
  if (level_ == Level::v5) add_properties(connack);
  return connack;
}

Publish RandomPackets::publish() {
  Publish publish;
  publish.qos = static_cast<std::uint8_t>(below(3));
  publish.dup = publish.qos > 0 && chance();
  publish.retain = chance();
  publish.id = publish.qos > 0 ? short_number() : PacketId{0};
  publish.properties = message();
  publish.topic = text(1);
  publish.payload = bytes();
  if (level_ != Level::v5) return publish;
  if (chance()) publish.topic_alias = short_number();
  if (publish.topic_alias && chance()) publish.topic = {};
  for (std::size_t left = from_ == From::server ? below(3) : 0; left > 0; --left) {
    publish.subscription_ids.push_back(1 + number() % 268435455);
  }
  return publish;
}

Ack RandomPackets::ack() {
  Ack ack{static_cast<Ack::Kind>(4 + below(4)), short_number(), Reason::success, {}, {}};
  if (level_ != Level::v5) return ack;
  const bool received = ack.kind == Ack::Kind::puback || ack.kind == Ack::Kind::pubrec;
  if (chance()) ack.reason = received ? Reason::quota_exceeded : Reason::packet_identifier_not_found;
  ack.reason_string = maybe_text();
  ack.user = user();
  return ack;
}

Subscribe RandomPackets::subscribe() {
  Subscribe subscribe;
  subscribe.id = short_number();
  const bool five = level_ == Level::v5;
  if (five && chance()) subscribe.subscription_id = 1 + number() % 268435455;
  for (std::size_t left = 1 + below(5); left > 0; --left) {
    Subscription subscription{text(1), static_cast<std::uint8_t>(below(3)), false, false, 0};
    subscription.no_local = five && chance() && !subscription.filter.starts_with("$share/");
    subscription.retain_as_published = five && chance();
    subscription.retain_handling = five ? static_cast<std::uint8_t>(below(3)) : std::uint8_t{0};
    subscribe.subscriptions.push_back(subscription);
  }
  subscribe.user = user();
  return subscribe;
}

Suback RandomPackets::suback() {
  Suback suback;
  suback.id = short_number();
  for (std::size_t left = 1 + below(5); left > 0; --left) {
    suback.reasons.push_back(pick({Reason::success, Reason::granted_qos_1, Reason::unspecified}));
  }
  suback.reason_string = level_ == Level::v5 ? maybe_text() : std::string_view();
  suback.user = user();
  return suback;
}

Unsubscribe RandomPackets::unsubscribe() {
  Unsubscribe unsubscribe;
  unsubscribe.id = short_number();
  for (std::size_t left = 1 + below(5); left > 0; --left) unsubscribe.filters.push_back(text(1));
  unsubscribe.user = user();
  return unsubscribe;
}

Unsuback RandomPackets::unsuback() {
  Unsuback unsuback;
  unsuback.id = short_number();
  if (level_ != Level::v5) return unsuback;
  for (std::size_t left = 1 + below(5); left > 0; --left) {
    unsuback.reasons.push_back(pick({Reason::success, Reason::no_subscription_existed, Reason::topic_filter_invalid}));
  }
  unsuback.reason_string = maybe_text();
  unsuback.user = user();
  return unsuback;
}

Disconnect RandomPackets::disconnect() {
  Disconnect disconnect;
  if (level_ != Level::v5) return disconnect;
  disconnect.reason = pick({Reason::success, Reason::unspecified, Reason::packet_too_large});
  if (from_ == From::client && chance()) disconnect.session_expiry = number();
  if (from_ == From::server && chance()) disconnect.server_reference = text();
  disconnect.reason_string = maybe_text();
  disconnect.user = user();
  return disconnect;
}

Auth RandomPackets::auth() {
  Auth auth{Reason::continue_authentication, text(1), {}, maybe_text(), user()};
  if (chance()) auth.data = bytes();
  return auth;
}

Packet RandomPackets::next() {
  const bool client = from_ == From::client;
  switch (below(level_ == Level::v5 ? 8 : 6)) {
    case 0:
      return client ? Packet(connect()) : Packet(connack());
    case 1:
      return publish();
    case 2:
      return ack();
    case 3:
      return client ? Packet(subscribe()) : Packet(suback());
    case 4:
      return client ? Packet(unsubscribe()) : Packet(unsuback());
    case 5:
      return client ? Packet(Pingreq{}) : Packet(Pingresp{});
    case 6:
      return disconnect();
    default:
      return auth();
  }
}

namespace {

TEST_CASE("wire: whatever is written reads the same, of every version and side, at once and byte by byte") {
  for (const auto level : {Level::v31, Level::v311, Level::v5}) {
    for (const auto from : {From::client, From::server}) {
      for (unsigned seed = 0; seed < 40; ++seed) {
        RandomPackets random(seed, level, from);
        std::vector<Packet> packets;
        std::string bytes;
        for (int i = 0; i < 20; ++i) REQUIRE(write(packets.emplace_back(random.next()), level, bytes));
        const Reading read(bytes, level, from);
        CHECK(read.problem == Reason::success);
        CHECK(read.packets == packets);
        std::string again;
        for (const Packet& packet : read.packets) CHECK(write(packet, level, again));
        CHECK(again == bytes);
      }
    }
  }
}

// Reads in pieces of chance, each in memory of its own that is gone when the next comes.
void check_cuts(RandomPackets& random, const std::string& bytes, const std::vector<Packet>& packets, Level level,
                From from) {
  Reader reader(1 << 20, from);
  reader.set_level(level);
  std::size_t found = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t size = std::min(bytes.size() - at, 1 + random.below(random.below(3) == 0 ? 3000 : 9));
    const std::string piece = bytes.substr(at, size);
    at += size;
    reader.feed(piece);
    for (;;) {
      const auto next = reader.next();
      REQUIRE(next);
      if (!*next) break;
      CHECK(**next == packets.at(found++));
      if (random.below(4) == 0) reader.keep();
    }
  }
  CHECK(found == packets.size());
  CHECK(reader.buffered() == 0);
}

TEST_CASE("wire: any cut of the bytes, and keeping in between, gives the same packets") {
  for (const auto level : {Level::v311, Level::v5}) {
    for (const auto from : {From::client, From::server}) {
      for (unsigned seed = 100; seed < 160; ++seed) {
        RandomPackets random(seed, level, from);
        std::vector<Packet> packets;
        std::string bytes;
        for (int i = 0; i < 20; ++i) REQUIRE(write(packets.emplace_back(random.next()), level, bytes));
        check_cuts(random, bytes, packets, level, from);
      }
    }
  }
}

TEST_CASE("wire: a packet cut short is malformed or waits, and never another packet") {
  for (const auto from : {From::client, From::server}) {
    RandomPackets random(7, Level::v5, from);
    for (int i = 0; i < 300; ++i) {
      const Packet packet = random.next();
      std::string bytes;
      REQUIRE(write(packet, Level::v5, bytes));
      const std::size_t size = random.below(bytes.size());
      const Reading read(bytes.substr(0, size), Level::v5, from);
      CHECK(read.packets.empty());
      CHECK(read.problem == Reason::success);
      CHECK(read.buffered == size);
    }
  }
}

}  // namespace
}  // namespace confab::mqtt
