#include "api/members.h"

#include <algorithm>
#include <array>

#include "json/write.h"

namespace confab::api {

bool is_server_member(std::string_view name) {
  constexpr std::array<std::string_view, 12> kNames{"v",    "id",  "seq", "ts",     "conv",      "to",
                                                    "from", "dir", "src", "edited", "reactions", "receipts"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Result<Members> Members::read(std::string_view text, const json::Limits& limits) {
  Result<std::vector<json::Member>> read = json::read_object(text, limits);
  if (!read) return fail(std::move(read.error()));
  Members members;
  members.limits_ = limits;
  members.members_.reserve(read->size());
  for (json::Member& member : *read) members.members_.push_back({std::move(member)});
  return members;
}

bool Members::has(std::string_view name) const {
  return !look(name).empty();
}

std::vector<std::string> Members::names() const {
  std::vector<std::string> names;
  for (const One& one : members_) names.push_back(one.member.name);
  return names;
}

std::string_view Members::look(std::string_view name) const {
  const auto at =
      std::find_if(members_.begin(), members_.end(), [name](const One& one) { return one.member.name == name; });
  return at == members_.end() || at->member.value == "null" ? std::string_view() : at->member.value;
}

std::string_view Members::take(std::string_view name) {
  for (One& one : members_) {
    if (one.member.name != name) continue;
    one.taken = true;
    return one.member.value == "null" ? std::string_view() : one.member.value;
  }
  return {};
}

std::string Members::text(std::string_view name) {
  const std::string_view value = take(name);
  if (value.empty()) return {};
  Result<std::string> text = json::read_string(value);
  if (!text) refuse(name);
  return text ? std::move(*text) : std::string();
}

std::string Members::text(std::string_view name, std::size_t max_bytes) {
  std::string value = text(name);
  if (value.size() <= max_bytes) return value;
  refuse(name, Errc::too_big);
  return {};
}

std::int64_t Members::number(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t otherwise) {
  const std::string_view value = take(name);
  if (value.empty()) return otherwise;
  const Result<std::int64_t> number = json::read_integer(value);
  if (number && *number >= least && *number <= most) return *number;
  refuse(name);
  return otherwise;
}

bool Members::flag(std::string_view name, bool otherwise) {
  const std::string_view value = take(name);
  if (value.empty()) return otherwise;
  const Result<bool> flag = json::read_flag(value);
  if (!flag) refuse(name);
  return flag ? *flag : otherwise;
}

std::vector<std::string> Members::texts(std::string_view name) {
  const std::string_view value = take(name);
  std::vector<std::string> texts;
  if (value.empty()) return texts;
  const auto items = json::read_array(value, limits_);
  if (!items) return refuse(name), texts;
  for (const std::string_view item : *items) {
    Result<std::string> text = json::read_string(item);
    if (!text) return refuse(name), std::vector<std::string>();
    texts.push_back(std::move(*text));
  }
  return texts;
}

std::vector<Members> Members::objects(std::string_view name) {
  const std::string_view value = take(name);
  std::vector<Members> objects;
  if (value.empty()) return objects;
  const auto items = json::read_array(value, limits_);
  if (!items) return refuse(name), objects;
  for (const std::string_view item : *items) {
    Result<Members> object = read(item, limits_);
    if (!object) return refuse(name), std::vector<Members>();
    objects.push_back(std::move(*object));
  }
  return objects;
}

std::optional<Members> Members::object(std::string_view name) {
  const std::string_view value = take(name);
  if (value.empty()) return std::nullopt;
  Result<Members> object = read(value, limits_);
  if (!object) return refuse(name), std::nullopt;
  return std::move(*object);
}

std::string Members::raw(std::string_view name) {
  return std::string(take(name));
}

void Members::skip_server_members() {
  for (One& one : members_) one.taken = one.taken || is_server_member(one.member.name);
}

void Members::keep(std::string_view name) {
  for (One& one : members_) {
    if (one.member.name == name) one.taken = false;
  }
}

void Members::adopt(std::string_view name, const Members& part) {
  if (!part.error_ || error_) return;
  error_ = Error{part.error_->code, std::string(name).append(1, '.').append(part.error_->text)};
}

void Members::refuse(std::string_view name, Errc code) {
  if (!error_) error_ = Error{code, std::string(name)};
}

std::vector<std::string> Members::left() const {
  std::vector<std::string> names;
  for (const One& one : members_) {
    if (!one.taken) names.push_back(one.member.name);
  }
  return names;
}

std::string Members::rest() const {
  json::ObjectText rest;
  for (const One& one : members_) {
    if (!one.taken) rest.raw(one.member.name, one.member.value);
  }
  return rest.empty() ? std::string() : rest.take();
}

void Members::keep_rest(core::Annex& annex) const {
  if (std::string kept = rest(); !kept.empty()) {
    annex.push_back({core::Wire::mqtt, std::string(kJsonKey), std::move(kept)});
  }
}

Result<> Members::verdict() const {
  if (error_) return fail(*error_);
  return {};
}

}  // namespace confab::api
