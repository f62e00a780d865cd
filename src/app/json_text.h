// JSON, written: string literals, and objects field by field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace confab::app {

// With its quotes. Bytes that are not UTF-8 come out as U+FFFD. A TOML basic string may hold the same.
std::string json_quote(std::string_view text);

// "[1,2]" of what is JSON already; of texts.
std::string json_list(const std::vector<std::string>& items);
std::string json_quotes(const std::vector<std::string>& texts);

// An object on its way. What is empty, 0 or false is left out, but for `always`.
class JsonObject {
 public:
  JsonObject& always(std::string_view name, std::string_view json);
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& number(std::string_view name, std::uint64_t value);
  JsonObject& flag(std::string_view name, bool value);
  JsonObject& list(std::string_view name, const std::vector<std::string>& items);  // JSON each

  bool empty() const { return fields_.empty(); }
  std::string take() { return "{" + std::move(fields_) + "}"; }

 private:
  std::string fields_;
};

}  // namespace confab::app
