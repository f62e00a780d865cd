#include "websocket/reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.h"

namespace confab::websocket {
namespace {

constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength = 0x7F;

bool is_known(Opcode opcode) {
  return opcode <= Opcode::binary || (opcode >= Opcode::close && opcode <= Opcode::pong);
}

std::size_t length_bytes(std::uint8_t length) {
  return length == 127 ? 8 : length == 126 ? 2 : 0;
}

}  // namespace

Result<std::optional<Event>> Reader::read(std::string_view& bytes, std::string& payload) {
  for (;;) {
    if (!in_frame_) {
      const auto begun = read_head(bytes);
      if (!begun) return fail(begun.error());
      if (!*begun) return std::nullopt;
    }
    if (auto taken = take_payload(bytes, payload); !taken) return fail(std::move(taken.error()));
    if (left_ > 0) return std::nullopt;
    in_frame_ = false;
    head_size_ = 0;
    if (is_control(opcode())) return end_control();
    if ((head_[0] & kFin) != 0) return end_message();
  }
}

// ---- The head: byte by byte, so that each fault is found at the same byte whatever the cuts are. ----

std::size_t Reader::head_wanted() const {
  if (head_size_ < 2) return 2;
  return 2 + length_bytes(head_[1] & kLength) + ((head_[1] & kMasked) != 0 ? 4 : 0);
}

// true: it is complete, and the payload comes next.
Result<bool> Reader::read_head(std::string_view& bytes) {
  while (head_size_ < head_wanted()) {
    if (bytes.empty()) return false;
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    head_[head_size_++] = byte;
    Result<> checked;
    if (head_size_ == 1) checked = check_first(byte);
    if (head_size_ == 2) checked = check_second(byte);
    if (!checked) return fail(std::move(checked.error()));
  }
  if (auto begun = begin_frame(); !begun) return fail(std::move(begun.error()));
  in_frame_ = true;
  return true;
}

Result<> Reader::check_first(std::uint8_t byte) const {
  // §5.2: no extension was negotiated that gives them a meaning.
  if ((byte & kReserved) != 0) return fail(Errc::bad_frame, "a reserved bit is set");
  if (!is_known(opcode())) return fail(Errc::bad_frame, "a reserved opcode");
  if (is_control(opcode())) {
    if ((byte & kFin) == 0) return fail(Errc::bad_frame, "a control frame in fragments");  // §5.5
    return {};
  }
  const bool under_way = message_opcode_ != Opcode::continuation;
  if (under_way != (opcode() == Opcode::continuation)) {
    return fail(Errc::bad_frame, under_way ? "a message inside a message" : "nothing to continue");  // §5.4
  }
  if (opcode() == Opcode::text && wanted_ == Messages::binary) return fail(Errc::unsupported, "text is not wanted");
  if (opcode() == Opcode::binary && wanted_ == Messages::text) return fail(Errc::unsupported, "binary is not wanted");
  return {};
}

Result<> Reader::check_second(std::uint8_t byte) const {
  const bool masked = (byte & kMasked) != 0;
  if (masked != (side_ == Side::server)) return fail(Errc::bad_frame, masked ? "masked" : "not masked");  // §5.1
  if (is_control(opcode()) && (byte & kLength) > kMostControlBytes) {
    return fail(Errc::bad_frame, "a control frame that is too long");
  }
  return {};
}

Result<> Reader::begin_frame() {
  const std::uint8_t coded = head_[1] & kLength;
  const std::size_t size = length_bytes(coded);
  std::uint64_t length = size == 0 ? coded : 0;
  for (std::size_t i = 0; i < size; ++i) length = length << 8 | head_[2 + i];
  const std::uint64_t least = size == 8 ? 65536 : size == 2 ? 126 : 0;
  if (length < least || length >> 63 != 0) return fail(Errc::bad_frame, "not the shortest form of the length");
  mask_ = {};
  if ((head_[1] & kMasked) != 0) std::copy_n(head_.begin() + 2 + static_cast<std::ptrdiff_t>(size), 4, mask_.begin());
  mask_at_ = 0;
  left_ = length;
  if (is_control(opcode())) return {};
  if (length > limits_.frame_bytes) return fail(Errc::too_big, "the frame is too big");
  if (length > limits_.message_bytes - message_) return fail(Errc::too_big, "the message is too big");
  message_ += length;
  if (opcode() != Opcode::continuation) message_opcode_ = opcode();
  return {};
}

// ---- The payload. ----

Result<> Reader::take_payload(std::string_view& bytes, std::string& payload) {
  const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  std::string& to = is_control(opcode()) ? control_ : payload;
  const std::size_t before = to.size();
  to.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  left_ -= size;
  unmask(to.data() + before, size);
  if (is_control(opcode()) || message_opcode_ != Opcode::text) return {};
  const std::size_t good = utf8_.take(std::string_view(to).substr(before));
  if (good == size) return {};
  to.resize(before + good);
  return fail(Errc::bad_payload, "not UTF-8");
}

// §5.3, eight bytes at a time.
void Reader::unmask(char* at, std::size_t size) {
  if (side_ == Side::client) return;
  std::array<std::uint8_t, 8> turned{};
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask_[(mask_at_ + i) % 4];
  std::uint64_t key = 0;
  std::memcpy(&key, turned.data(), sizeof key);
  std::size_t done = 0;
  for (; done + sizeof key <= size; done += sizeof key) {
    std::uint64_t word = 0;
    std::memcpy(&word, at + done, sizeof word);
    word ^= key;
    std::memcpy(at + done, &word, sizeof word);
  }
  for (; done < size; ++done) at[done] = static_cast<char>(static_cast<std::uint8_t>(at[done]) ^ turned[done % 8]);
  mask_at_ = static_cast<std::uint8_t>((mask_at_ + size) % 4);
}

// ---- What is complete. ----

Result<std::optional<Event>> Reader::end_control() {
  Event event{opcode(), std::exchange(control_, {}), CloseCode::none};
  if (event.opcode != Opcode::close || event.payload.empty()) return event;
  // §5.5.1: if there is a body, it begins with a code.
  if (event.payload.size() == 1) return fail(Errc::bad_frame, "half a close code");
  const auto high = static_cast<std::uint8_t>(event.payload[0]);
  const auto low = static_cast<std::uint8_t>(event.payload[1]);
  event.code = static_cast<CloseCode>(high << 8 | low);
  event.payload.erase(0, 2);
  if (!is_sendable(event.code)) return fail(Errc::bad_frame, "a close code that nobody may send");
  if (!is_utf8(event.payload)) return fail(Errc::bad_payload, "the reason is not UTF-8");
  return event;
}

Result<std::optional<Event>> Reader::end_message() {
  if (!utf8_.complete()) return fail(Errc::bad_payload, "the text ends inside a character");
  message_ = 0;
  return Event{std::exchange(message_opcode_, Opcode::continuation), {}, CloseCode::none};
}

}  // namespace confab::websocket
