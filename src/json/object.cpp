#include "json/object.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "json/scanner.h"

namespace confab::json {

Result<std::vector<Member>> read_object(std::string_view text, const Limits& limits) {
  if (!is_utf8(text)) return fail(Errc::bad_payload, "json: not UTF-8");
  Scanner scan(text, limits.depth);
  scan.skip_space();
  if (!scan.take('{')) return fail(Errc::bad_payload, "json: not an object");
  std::vector<Member> members;
  scan.skip_space();
  while (!scan.take('}')) {
    if (!members.empty() && !scan.take(',')) return fail(Errc::bad_payload, "json: object");
    if (members.size() == limits.members) return fail(Errc::too_big, "json: members");
    Member& member = members.emplace_back();
    scan.skip_space();
    if (auto name = scan.string(&member.name); !name) return fail(std::move(name.error()));
    if (find(members, member.name) != &member) return fail(Errc::bad_payload, "json: a member twice");
    scan.skip_space();
    if (!scan.take(':')) return fail(Errc::bad_payload, "json: object");
    scan.skip_space();
    const std::size_t start = scan.place();
    if (auto value = scan.value(); !value) return fail(std::move(value.error()));
    member.value = scan.from(start);
    scan.skip_space();
  }
  scan.skip_space();
  if (!scan.at_end()) return fail(Errc::bad_payload, "json: something behind the object");
  return members;
}

Result<std::vector<std::string_view>> read_array(std::string_view text, const Limits& limits) {
  if (!is_utf8(text)) return fail(Errc::bad_payload, "json: not UTF-8");
  Scanner scan(text, limits.depth);
  scan.skip_space();
  if (!scan.take('[')) return fail(Errc::bad_payload, "json: not an array");
  std::vector<std::string_view> items;
  scan.skip_space();
  while (!scan.take(']')) {
    if (!items.empty() && !scan.take(',')) return fail(Errc::bad_payload, "json: array");
    if (items.size() == limits.members) return fail(Errc::too_big, "json: items");
    scan.skip_space();
    const std::size_t start = scan.place();
    if (auto value = scan.value(); !value) return fail(std::move(value.error()));
    items.push_back(scan.from(start));
    scan.skip_space();
  }
  scan.skip_space();
  if (!scan.at_end()) return fail(Errc::bad_payload, "json: something behind the array");
  return items;
}

Result<> check_value(std::string_view text, const Limits& limits) {
  if (!is_utf8(text)) return fail(Errc::bad_payload, "json: not UTF-8");
  Scanner scan(text, limits.depth);
  scan.skip_space();
  if (auto value = scan.value(); !value) return value;
  scan.skip_space();
  if (!scan.at_end()) return fail(Errc::bad_payload, "json: something behind the value");
  return {};
}

const Member* find(const std::vector<Member>& members, std::string_view name) {
  const auto at = std::find_if(members.begin(), members.end(), [name](const auto& one) { return one.name == name; });
  return at == members.end() ? nullptr : &*at;
}

Result<std::string> read_string(std::string_view value) {
  Scanner scan(value, 0);
  std::string text;
  if (auto read = scan.string(&text); !read) return fail(std::move(read.error()));
  if (!scan.at_end()) return fail(Errc::bad_payload, "json: not a string");
  return text;
}

Result<std::int64_t> read_integer(std::string_view value) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc::result_out_of_range) return fail(Errc::too_big, "json: number");
  if (error != std::errc() || end != value.data() + value.size()) return fail(Errc::bad_payload, "json: not whole");
  return number;
}

Result<bool> read_flag(std::string_view value) {
  if (value != "true" && value != "false") return fail(Errc::bad_payload, "json: neither true nor false");
  return value == "true";
}

}  // namespace confab::json
