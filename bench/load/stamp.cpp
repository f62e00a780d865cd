#include "stamp.h"

#include <charconv>

namespace confab::load {
namespace {

// A number up to `end`, which it leaves out; nothing if that isn't there.
std::optional<std::uint64_t> take_number(std::string_view& text, char end) {
  std::uint64_t value = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto taken = static_cast<std::size_t>(at - text.data());
  if (error != std::errc() || taken >= text.size() || *at != end) return std::nullopt;
  text.remove_prefix(taken + 1);
  return value;
}

}  // namespace

void Stamp::write(std::string& out, std::size_t number, Clock::time_point sent, std::size_t bytes) const {
  const std::size_t began = out.size();
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(sent.time_since_epoch());
  out += mark_;
  out += std::to_string(number);
  out += ':';
  out += std::to_string(since.count());
  out += ';';
  if (const std::size_t written = out.size() - began; written < bytes) out.append(bytes - written, 'x');
}

std::optional<Stamp::Read> Stamp::find(std::string_view payload) const {
  const std::size_t at = payload.find(mark_);
  if (at == payload.npos) return std::nullopt;
  std::string_view rest = payload.substr(at + mark_.size());
  const auto number = take_number(rest, ':');
  const auto sent = number ? take_number(rest, ';') : std::nullopt;
  if (!sent) return std::nullopt;
  return Read{.number = static_cast<std::size_t>(*number),
              .sent = Clock::time_point(std::chrono::microseconds(static_cast<std::int64_t>(*sent)))};
}

}  // namespace confab::load
