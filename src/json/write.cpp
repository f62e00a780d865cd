#include "json/write.h"

#include "base/bytes.h"

namespace confab::json {
namespace {

void append_escape(std::string& out, unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 0xF];
  }
}

// The bytes of the character that `text` begins with; 0: there is none.
std::size_t character_bytes(std::string_view text) {
  for (std::size_t bytes = 1; bytes <= 4 && bytes <= text.size(); ++bytes) {
    if (is_utf8(text.substr(0, bytes))) return bytes;
  }
  return 0;
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  const bool sound = is_utf8(text);
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    const std::size_t bytes = sound || c < 0x80 ? 1 : character_bytes(text);
    if (c < 0x20 || c == '"' || c == '\\') {
      append_escape(out, c);
    } else if (bytes == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out.append(text.substr(0, bytes));
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  out += '"';
}

std::string quoted(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

std::string array_of(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out.append(out.size() == 1 ? "" : ",").append(item);
  return out += ']';
}

std::string array_of_texts(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ',';
    append_string(out, text);
  }
  return out += ']';
}

void ObjectText::name(std::string_view name) {
  if (!empty_) out_ += ',';
  empty_ = false;
  append_string(out_, name);
  out_ += ':';
}

ObjectText& ObjectText::raw(std::string_view member, std::string_view json) {
  name(member);
  out_.append(json);
  return *this;
}

ObjectText& ObjectText::text(std::string_view member, std::string_view value) {
  name(member);
  append_string(out_, value);
  return *this;
}

ObjectText& ObjectText::number(std::string_view member, std::int64_t value) {
  return raw(member, std::to_string(value));
}

ObjectText& ObjectText::flag(std::string_view member, bool value) {
  return raw(member, value ? "true" : "false");
}

std::string ObjectText::take() {
  close();
  return std::move(own_);
}

}  // namespace confab::json
