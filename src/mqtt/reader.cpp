#include <algorithm>
#include <cassert>
#include <utility>

#include "base/bytes.h"
#include "mqtt/decode.h"
#include "mqtt/map.h"
#include "mqtt/wire.h"

namespace confab::mqtt {
namespace {

Errc errc_of(Reason reason) {
  if (reason == Reason::packet_too_large) return Errc::too_big;
  if (reason == Reason::unsupported_protocol_version) return Errc::unsupported;
  return Errc::bad_frame;
}

// What the beginning of a packet says already, before its body is here.
Fault judge_beginning(std::string_view bytes, const std::optional<FixedHeader>& header, const Mode& mode,
                      std::size_t max_packet) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto type = static_cast<Type>(first >> 4U);
  if (const Fault fault = judge(type, first & 15U, mode.level, mode.from)) return fault;
  if (!header) return {};
  if (!header->minimal && mode.level == Level::v5 && type != Type::connect) {  // [MQTT-1.5.5-1]
    return {Reason::malformed_packet, "a length in more bytes than it needs"};
  }
  if (header->size() > max_packet) return {Reason::packet_too_large, "a packet over the limit"};
  return {};
}

bool is_connect(std::string_view bytes) {
  return static_cast<unsigned char>(bytes[0]) >> 4U == static_cast<unsigned>(Type::connect);
}

}  // namespace

void Reader::feed(std::string_view bytes) {
  assert(fresh_.empty());  // else bytes that have perhaps gone would be read
  if (problem_ == Reason::success) fresh_ = bytes;
}

Result<std::optional<Packet>> Reader::next() {
  if (problem_ != Reason::success) return fail(Errc::closed, "mqtt: read after an error");
  drop_read();
  for (;;) {
    const bool owned = !buffer_.empty();
    const std::string_view bytes = owned ? std::string_view(buffer_).substr(read_) : fresh_;
    if (bytes.empty()) return std::nullopt;
    Fault fault;
    const auto header = decode_fixed_header(bytes, fault);
    if (const Fault early = judge_beginning(bytes, header, {level_, from_}, max_packet_)) fault = early;
    if (fault) return is_connect(bytes) ? refuse_connect(Level::v311, fault) : refuse(fault);
    if (header && header->size() <= bytes.size()) {
      if (owned) {
        read_ += header->size();
      } else {
        fresh_.remove_prefix(header->size());
      }
      return decode(*header, bytes.substr(0, header->size()));
    }
    if (fresh_.empty() || !owned) {
      keep();
      return std::nullopt;
    }
    take(header ? header->size() - bytes.size() : 1);
  }
}

void Reader::keep() {
  if (read_ > 0) buffer_.erase(0, std::exchange(read_, 0));
  buffer_.append(std::exchange(fresh_, {}));
}

// A buffer that has been read to its end is given back; assigning an empty string would keep its memory.
void Reader::drop_read() {
  if (read_ < buffer_.size()) return;
  std::string().swap(buffer_);
  read_ = 0;
}

// Moves up to `size` of the fed bytes behind those that are kept. The room grows with what has come, not with what a
// header announces.
void Reader::take(std::size_t size) {
  if (read_ > 0) buffer_.erase(0, std::exchange(read_, 0));
  size = std::min(size, fresh_.size());
  buffer_.append(fresh_.substr(0, size));
  fresh_.remove_prefix(size);
}

Result<std::optional<Packet>> Reader::decode(const FixedHeader& header, std::string_view packet) {
  Cursor in(packet.substr(header.length));
  Packet decoded = decode_body(header, in, {level_, from_});
  const auto* connect = std::get_if<Connect>(&decoded);
  if (!in.good()) return connect != nullptr ? refuse_connect(connect->level, in.fault()) : refuse(in.fault());
  if (connect != nullptr && !std::exchange(connected_, true)) level_ = connect->level;
  return decoded;
}

tl::unexpected<Error> Reader::refuse(const Fault& fault) {
  problem_ = fault.reason;
  fresh_ = {};
  std::string().swap(buffer_);
  read_ = 0;
  return fail(errc_of(fault.reason), std::string("mqtt: ") + std::string(name_of(fault.reason)) + ": " + fault.why);
}

tl::unexpected<Error> Reader::refuse_connect(Level level, const Fault& fault) {
  failed_in_connect_ = true;
  if (!connected_) level_ = level;
  return refuse(fault);
}

bool is_mqtt_text(std::string_view text) {
  return text.find('\0') == std::string_view::npos && is_utf8(text);
}

bool has_valid_payload(const Publish& publish) {
  return !publish.properties.utf8 || is_utf8(publish.payload);
}

bool has_valid_payload(const Will& will) {
  return !will.properties.utf8 || is_utf8(will.payload);
}

}  // namespace confab::mqtt
