#include "mqtt_packets.h"

namespace confab::load {
namespace {

constexpr unsigned char kReceiveMaximum = 0x21;
constexpr unsigned char kMethod = 0x15;
constexpr unsigned char kData = 0x16;
constexpr unsigned char kUserProperty = 0x26;
constexpr unsigned char kSubscriptionIdentifier = 0x0B;

void add_number(std::string& out, std::size_t value) {
  out += static_cast<char>(value >> 8 & 0xFF);
  out += static_cast<char>(value & 0xFF);
}

void add_text(std::string& out, std::string_view text) {
  add_number(out, text.size());
  out += text;
}

void add_length(std::string& out, std::size_t length) {
  do {
    const std::size_t rest = length >> 7;
    out += static_cast<char>((length & 0x7F) | (rest > 0 ? 0x80 : 0));
    length = rest;
  } while (length > 0);
}

void add_header(std::string& out, PacketType type, unsigned flags, std::size_t length) {
  out += static_cast<char>(static_cast<unsigned>(type) << 4 | flags);
  add_length(out, length);
}

void add_packet(std::string& out, PacketType type, unsigned flags, std::string_view body) {
  add_header(out, type, flags, body.size());
  out += body;
}

std::string authentication(std::string_view method, std::string_view data) {
  std::string properties;
  if (method.empty()) return properties;
  properties += static_cast<char>(kMethod);
  add_text(properties, method);
  properties += static_cast<char>(kData);
  add_text(properties, data);
  return properties;
}

// Takes from the front; what is not there any more makes it bad, and is 0 or empty.
class Front {
 public:
  explicit Front(std::string_view rest) : rest_(rest) {}

  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) {
      bad_ = true;
      count = rest_.size();
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::size_t number(std::size_t size) {
    std::size_t value = 0;
    for (const char c : bytes(size)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view text() { return bytes(number(2)); }
  std::size_t length() {
    std::size_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      const std::size_t byte = number(1);
      value |= (byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    bad_ = true;
    return 0;
  }
  bool is_empty() const { return rest_.empty(); }
  bool is_bad() const { return bad_; }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool bad_ = false;
};

// 5.0 §2.2.2.2: what a property that nobody asks for takes. 0: a text.
std::size_t size_of(std::size_t property) {
  switch (property) {
    case 0x01:
    case 0x17:
    case 0x19:
    case 0x24:
    case 0x25:
    case 0x28:
    case 0x29:
    case 0x2A:
      return 1;
    case 0x13:
    case 0x21:
    case 0x22:
    case 0x23:
      return 2;
    case 0x02:
    case 0x11:
    case 0x18:
    case 0x27:
      return 4;
    default:
      return 0;
  }
}

void read_properties(Front& from, Answer& answer) {
  Front properties(from.bytes(from.length()));
  while (!properties.is_empty() && !properties.is_bad()) {
    const std::size_t property = properties.length();
    if (property == kReceiveMaximum) {
      answer.receive_maximum = static_cast<std::uint16_t>(properties.number(2));
    } else if (property == kData) {
      answer.data = properties.text();
    } else if (property == kSubscriptionIdentifier) {
      properties.length();
    } else if (property == kUserProperty) {
      properties.text();
      properties.text();
    } else if (const std::size_t size = size_of(property); size > 0) {
      properties.bytes(size);
    } else {
      properties.text();
    }
  }
  if (properties.is_bad()) from.bytes(from.rest().size() + 1);
}

}  // namespace

std::size_t PacketCutter::cut(std::string_view bytes, const Take& take) {
  std::size_t done = 0;
  while (bytes.size() - done >= 2) {
    std::size_t at = done + 1;
    std::size_t length = 0;
    bool whole = false;
    for (unsigned shift = 0; at < bytes.size() && shift < 28 && !whole; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes[at++]);
      length |= static_cast<std::size_t>(byte & 0x7F) << shift;
      whole = (byte & 0x80) == 0;
    }
    if (!whole) {
      broken_ = at - done > 4;
      break;
    }
    if (bytes.size() - at < length) break;
    const auto first = static_cast<unsigned char>(bytes[done]);
    done = at + length;
    take({.type = static_cast<PacketType>(first >> 4),
          .flags = static_cast<unsigned char>(first & 0x0F),
          .body = bytes.substr(at, length)});
  }
  return done;
}

bool PacketCutter::add(std::string_view bytes, const Take& take) {
  if (kept_.empty()) {
    kept_.assign(bytes.substr(cut(bytes, take)));
  } else {
    kept_.append(bytes);
    kept_.erase(0, cut(kept_, take));
  }
  if (kept_.empty() && kept_.capacity() > 1024) std::string().swap(kept_);
  return !broken_;
}

void write_connect(std::string& out, const ConnectPacket& connect) {
  const bool named = !connect.user.empty();
  const bool authenticates = !connect.method.empty();
  std::string body;
  add_text(body, "MQTT");
  body += static_cast<char>(connect.level);
  // §3.1.2.3: clean start, user name, password.
  body += static_cast<char>(0x02 | (named && !authenticates ? 0xC0 : 0));
  add_number(body, connect.keep_alive);
  if (connect.level == MqttLevel::v5) {
    const std::string properties = authentication(connect.method, connect.data);
    add_length(body, properties.size());
    body += properties;
  }
  add_text(body, connect.client_id);
  if (named && !authenticates) {
    add_text(body, connect.user);
    add_text(body, connect.password);
  }
  add_packet(out, PacketType::connect, 0, body);
}

void write_publish(std::string& out, MqttLevel level, const Publication& publication) {
  const bool sure = publication.qos > 0;
  const bool is_v5 = level == MqttLevel::v5;
  const std::size_t length =
      2 + publication.topic.size() + (sure ? 2 : 0) + (is_v5 ? 1 : 0) + publication.payload.size();
  add_header(out, PacketType::publish, static_cast<unsigned>(publication.qos) << 1, length);
  add_text(out, publication.topic);
  if (sure) add_number(out, publication.id);
  if (is_v5) out += '\0';
  out += publication.payload;
}

// Without a reason it is the same at both levels: success (5.0 §3.4.2.1).
void write_puback(std::string& out, std::uint16_t id) {
  add_header(out, PacketType::puback, 0, 2);
  add_number(out, id);
}

void write_subscribe(std::string& out, MqttLevel level, std::uint16_t id, std::string_view filter, int qos) {
  std::string body;
  add_number(body, id);
  if (level == MqttLevel::v5) body += '\0';
  add_text(body, filter);
  body += static_cast<char>(qos);
  add_packet(out, PacketType::subscribe, 2, body);
}

void write_auth(std::string& out, std::string_view method, std::string_view data) {
  const std::string properties = authentication(method, data);
  std::string body(1, static_cast<char>(kContinueAuthentication));
  add_length(body, properties.size());
  add_packet(out, PacketType::auth, 0, body + properties);
}

void write_disconnect(std::string& out) {
  add_header(out, PacketType::disconnect, 0, 0);
}

std::optional<Publication> read_publish(const Packet& packet, MqttLevel level) {
  Front front(packet.body);
  Publication publication;
  publication.qos = packet.flags >> 1 & 3;
  publication.topic = front.text();
  if (publication.qos > 0) publication.id = static_cast<std::uint16_t>(front.number(2));
  if (level == MqttLevel::v5) front.bytes(front.length());
  publication.payload = front.rest();
  if (front.is_bad() || publication.qos > 1) return std::nullopt;
  return publication;
}

std::optional<Answer> read_answer(const Packet& packet, MqttLevel level) {
  Front front(packet.body);
  Answer answer;
  const bool is_v5 = level == MqttLevel::v5;
  const bool has_id = packet.type == PacketType::puback || packet.type == PacketType::suback;
  if (has_id) answer.id = static_cast<std::uint16_t>(front.number(2));
  if (packet.type == PacketType::connack) front.number(1);
  if (packet.type == PacketType::suback) {
    if (is_v5) read_properties(front, answer);
    answer.reason = static_cast<unsigned char>(front.number(1));
  } else {
    // 5.0 leaves out what is success and has no properties (§3.4.2.1, §3.14.2.1, §3.15.2.1).
    if (!front.is_empty()) answer.reason = static_cast<unsigned char>(front.number(1));
    if (is_v5 && !front.is_empty()) read_properties(front, answer);
  }
  if (front.is_bad()) return std::nullopt;
  return answer;
}

}  // namespace confab::load
