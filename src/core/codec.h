// Bytes of what the store keeps: varints, lengths and tags. Shared by the event codec and the store's columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace confab::core {

// Writes. A field whose value is its default is left out. Lives on: one thread at a time.
class Encoder {
 public:
  explicit Encoder(std::size_t expected) { out_.reserve(expected); }

  void byte(std::uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80));
      value >>= 7;
    }
    byte(static_cast<std::uint8_t>(value));
  }
  // Zigzag, so that small negative numbers stay short.
  void signed_varint(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    varint((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
  }
  void raw(std::string_view bytes) { out_.append(bytes); }
  void text(std::string_view bytes) {
    varint(bytes.size());
    raw(bytes);
  }

  void text_field(std::uint8_t tag, std::string_view value) {
    if (value.empty()) return;
    byte(tag);
    text(value);
  }
  void number_field(std::uint8_t tag, std::uint64_t value) {
    if (value == 0) return;
    byte(tag);
    varint(value);
  }
  void signed_field(std::uint8_t tag, std::int64_t value) {
    if (value == 0) return;
    byte(tag);
    signed_varint(value);
  }
  void end() { byte(0); }

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// Reads. The first thing that is wrong is remembered, and from then on everything reads as zero and empty, so that a
// loop over tags ends. Lives on: one thread at a time; looks into bytes that the caller keeps.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  std::uint8_t byte() {
    if (rest_.empty()) return refuse("cut off"), std::uint8_t{0};
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      const std::uint64_t bits = next & 0x7FU;
      if (shift == 63 && bits > 1) break;
      value |= bits << shift;
      if (next < 0x80) return value;
    }
    refuse("a number over 64 bits");
    return 0;
  }
  std::int64_t signed_varint() {
    const std::uint64_t bits = varint();
    return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }
  // A number from 0 to `max`.
  std::uint64_t number(std::uint64_t max) {
    const std::uint64_t value = varint();
    if (value <= max) return value;
    refuse("a number out of range");
    return 0;
  }
  template <class Enum>
  Enum one_of(Enum last) {
    return static_cast<Enum>(number(static_cast<std::uint64_t>(last)));
  }
  std::string_view raw(std::uint64_t size) {
    if (size > rest_.size()) return refuse("cut off"), std::string_view{};
    const std::string_view value = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(value.size());
    return value;
  }
  std::string text() { return std::string(raw(varint())); }

  void refuse(std::string_view why) {
    if (why_.empty()) why_ = why;
    rest_ = {};
  }
  bool ok() const { return why_.empty(); }
  bool at_end() const { return rest_.empty(); }
  std::string_view why() const { return why_; }

 private:
  std::string_view rest_;
  std::string_view why_;  // always a literal
};

}  // namespace confab::core
