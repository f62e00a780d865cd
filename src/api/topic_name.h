// Names of topics: levels between slashes, each address in one of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/viewer.h"
#include "base/result.h"

namespace confab::api {

// An address as one level: `/ + # %` and control characters are percent-encoded, nothing else (RFC 3986 §2.1).
std::string encode_level(std::string_view text);
// Any escape is read. Errors: bad_address.
Result<std::string> decode_level(std::string_view level);

// Always one level at least; levels may be empty.
std::vector<std::string_view> split_topic(std::string_view topic);

// Somebody in a topic: people of the viewer's site without their domain, unless he wants it. read: either form.
std::string person_level(const Address& person, const Viewer& viewer);
Result<Address> read_person(std::string_view level, const Viewer& viewer);

// An address as a client writes it: with "@", or a name of the viewer's site alone. Errors: bad_address.
Result<Address> complete_address(std::string_view text, const Viewer& viewer);

// "im/u/alice/msg".
void append_person_topic(std::string& out, const Address& person, std::string_view leaf, const Viewer& viewer);
std::string person_topic(const Address& person, std::string_view leaf, const Viewer& viewer);

}  // namespace confab::api
