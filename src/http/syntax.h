// The letters of HTTP's grammar (RFC 9110 §5).
#pragma once

#include <string>
#include <string_view>

namespace confab::http {

bool is_token(std::string_view text);  // §5.6.2
bool is_value(std::string_view text);  // §5.5: visible characters, spaces, tabs, and bytes beyond ASCII
std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text);  // of spaces and tabs

}  // namespace confab::http
