#include "app/json_text.h"

#include <array>
#include <cstdio>

#include "base/bytes.h"

namespace confab::app {

std::string json_quote(std::string_view text) {
  const bool utf8 = is_utf8(text);
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      out += escape.data();
    } else if (byte >= 0x80 && !utf8) {
      out += "\xEF\xBF\xBD";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) out.append(out.size() == 1 ? "" : ",").append(item);
  return out + "]";
}

std::string json_quotes(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  items.reserve(texts.size());
  for (const std::string& text : texts) items.push_back(json_quote(text));
  return json_list(items);
}

JsonObject& JsonObject::always(std::string_view name, std::string_view json) {
  fields_.append(fields_.empty() ? "" : ",").append(json_quote(name)).append(":").append(json);
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  return value.empty() ? *this : always(name, json_quote(value));
}

JsonObject& JsonObject::number(std::string_view name, std::uint64_t value) {
  return value == 0 ? *this : always(name, std::to_string(value));
}

JsonObject& JsonObject::flag(std::string_view name, bool value) {
  return value ? always(name, "true") : *this;
}

JsonObject& JsonObject::list(std::string_view name, const std::vector<std::string>& items) {
  return items.empty() ? *this : always(name, json_list(items));
}

}  // namespace confab::app
