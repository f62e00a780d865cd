// Appends the data types of MQTT (5.0 §1.5), or counts what they would take: lengths stand before what they measure, so
// everything is counted first, and written without anything in between.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mqtt/properties.h"

namespace confab::mqtt {

class Sink {
 public:
  Sink() = default;  // counts
  explicit Sink(std::string& out) : out_(&out) {}

  void byte(std::uint8_t value) {
    ++size_;
    if (out_ != nullptr) out_->push_back(static_cast<char>(value));
  }
  void two_bytes(std::uint16_t value) {
    byte(static_cast<std::uint8_t>(value >> 8U));
    byte(static_cast<std::uint8_t>(value));
  }
  void four_bytes(std::uint32_t value) {
    two_bytes(static_cast<std::uint16_t>(value >> 16U));
    two_bytes(static_cast<std::uint16_t>(value));
  }
  void variable_integer(std::size_t value) {
    for (; value > 127; value >>= 7U) byte(static_cast<std::uint8_t>(value | 128U));
    byte(static_cast<std::uint8_t>(value));
  }
  void bytes(std::string_view bytes) {
    size_ += bytes.size();
    if (out_ != nullptr) out_->append(bytes);
  }
  // Binary Data too.
  void text(std::string_view text) {
    fits_ = fits_ && text.size() <= 65535;
    two_bytes(static_cast<std::uint16_t>(text.size()));
    bytes(text);
  }
  void property(PropertyId id) { byte(static_cast<std::uint8_t>(id)); }

  // What `fill(sink)` writes, with its length before it.
  template <class Fill>
  void counted(const Fill& fill) {
    Sink count;
    fill(count);
    fits_ = fits_ && count.fits_;
    variable_integer(count.size_);
    if (out_ != nullptr) {
      fill(*this);
    } else {
      size_ += count.size_;
    }
  }

  std::size_t size() const { return size_; }
  // Whether every text was short enough for its length.
  bool fits() const { return fits_; }

 private:
  std::string* out_ = nullptr;
  std::size_t size_ = 0;
  bool fits_ = true;
};

}  // namespace confab::mqtt
