// Writing JSON.
#pragma once

#include <string>
#include <string_view>

namespace confab::json {

// Appends `text` as a string with its quotes. What is no UTF-8 becomes U+FFFD.
void append_string(std::string& out, std::string_view text);

}  // namespace confab::json
