// A JSON object's members, as slices of its text (RFC 8259).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace confab::json {

struct Limits {
  std::size_t depth = 64;      // of objects and arrays inside each other
  std::size_t members = 1000;  // of the object itself, or items of the array
};

struct Member {
  std::string name;        // decoded
  std::string_view value;  // the value's text, without white space around it
};

// The members of the one object that `text` is. What is inside of their values is checked, too: strict RFC 8259, UTF-8,
// no lone surrogate. A name that comes twice is refused, since readers differ on which counts. Errors: bad_payload;
// too_big. `text` must outlive the members.
Result<std::vector<Member>> read_object(std::string_view text, const Limits& limits = {});

// The items of the one array that `text` is, as slices of it; likewise.
Result<std::vector<std::string_view>> read_array(std::string_view text, const Limits& limits = {});

// Whether `text` is one value; names that come twice are no fault here. Errors: bad_payload; too_big.
Result<> check_value(std::string_view text, const Limits& limits = {});

// Null: no such member.
const Member* find(const std::vector<Member>& members, std::string_view name);

// The text of a value that is a string, decoded. Errors: bad_payload: it is none.
Result<std::string> read_string(std::string_view value);

// The text of a value that is a whole number, written without fraction and exponent. Errors: bad_payload: it is none;
// too_big: over 64 bits.
Result<std::int64_t> read_integer(std::string_view value);

// The text of a value that is true or false. Errors: bad_payload.
Result<bool> read_flag(std::string_view value);

}  // namespace confab::json
