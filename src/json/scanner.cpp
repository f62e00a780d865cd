#include "json/scanner.h"

namespace confab::json {
namespace {

tl::unexpected<Error> broken(std::string_view what) {
  return fail(Errc::bad_payload, "json: " + std::string(what));
}

// A code point that was checked.
void append_utf8(std::string& out, std::uint32_t point) {
  const auto byte = [&out](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) return byte(0xC0 | point >> 6), byte(0x80 | (point & 0x3F));
  if (point < 0x10000) return byte(0xE0 | point >> 12), byte(0x80 | (point >> 6 & 0x3F)), byte(0x80 | (point & 0x3F));
  byte(0xF0 | point >> 18);
  byte(0x80 | (point >> 12 & 0x3F));
  byte(0x80 | (point >> 6 & 0x3F));
  byte(0x80 | (point & 0x3F));
}

}  // namespace

void Scanner::skip_space() {
  while (at_ < text_.size() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
}

bool Scanner::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

Result<> Scanner::value() {
  if (at_end()) return broken("cut off");
  switch (peek()) {
    case '{':
      return object();
    case '[':
      return array();
    case '"':
      return string(nullptr);
    case 't':
      return word("true");
    case 'f':
      return word("false");
    case 'n':
      return word("null");
    default:
      return number();
  }
}

Result<> Scanner::object() {
  if (depth_ == 0) return fail(Errc::too_big, "json: depth");
  --depth_;
  take('{');
  skip_space();
  for (bool first = true; !take('}'); first = false) {
    if (!first && !take(',')) return broken("object");
    skip_space();
    if (auto name = string(nullptr); !name) return name;
    skip_space();
    if (!take(':')) return broken("object");
    skip_space();
    if (auto member = value(); !member) return member;
    skip_space();
  }
  ++depth_;
  return {};
}

Result<> Scanner::array() {
  if (depth_ == 0) return fail(Errc::too_big, "json: depth");
  --depth_;
  take('[');
  skip_space();
  for (bool first = true; !take(']'); first = false) {
    if (!first && !take(',')) return broken("array");
    skip_space();
    if (auto item = value(); !item) return item;
    skip_space();
  }
  ++depth_;
  return {};
}

bool Scanner::digits() {
  const std::size_t start = at_;
  while (peek() >= '0' && peek() <= '9') ++at_;
  return at_ != start;
}

Result<> Scanner::number() {
  take('-');
  if (!take('0') && !digits()) return broken("value");
  if (take('.') && !digits()) return broken("number");
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!digits()) return broken("number");
  }
  return {};
}

Result<> Scanner::word(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return broken("value");
  at_ += word.size();
  return {};
}

Result<> Scanner::string(std::string* decoded) {
  if (!take('"')) return broken("string");
  while (!take('"')) {
    if (auto next = character(decoded); !next) return next;
  }
  return {};
}

Result<> Scanner::character(std::string* decoded) {
  if (at_end()) return broken("cut off");
  if (take('\\')) return escape(decoded);
  if (static_cast<unsigned char>(peek()) < 0x20) return broken("control character");
  if (decoded != nullptr) decoded->push_back(peek());
  ++at_;
  return {};
}

Result<> Scanner::escape(std::string* decoded) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
  const std::size_t known = at_end() ? std::string_view::npos : kNames.find(peek());
  if (known != std::string_view::npos) {
    ++at_;
    if (decoded != nullptr) decoded->push_back(kValues[known]);
    return {};
  }
  if (!take('u')) return broken("escape");
  const Result<std::uint32_t> high = hex();
  if (!high) return fail(high.error());
  std::uint32_t point = *high;
  if (point >= 0xDC00 && point < 0xE000) return broken("lone surrogate");
  if (point >= 0xD800 && point < 0xDC00) {
    if (!take('\\') || !take('u')) return broken("lone surrogate");
    const Result<std::uint32_t> low = hex();
    if (!low) return fail(low.error());
    if (*low < 0xDC00 || *low > 0xDFFF) return broken("lone surrogate");
    point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
  }
  if (decoded != nullptr) append_utf8(*decoded, point);
  return {};
}

Result<std::uint32_t> Scanner::hex() {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = peek();
    const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!letter && (c < '0' || c > '9')) return broken("escape");
    value = value << 4 | static_cast<std::uint32_t>(letter ? (c | 0x20) - 'a' + 10 : c - '0');
  }
  return value;
}

}  // namespace confab::json
