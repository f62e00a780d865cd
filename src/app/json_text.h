// JSON's string literal, written.
#pragma once

#include <string>
#include <string_view>

namespace confab::app {

// With its quotes. Bytes that are not UTF-8 come out as U+FFFD. A TOML basic string may hold the same.
std::string json_quote(std::string_view text);

}  // namespace confab::app
