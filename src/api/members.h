// A client's JSON object while it is read: every member is asked for by name and type, and what nobody asks for is kept
// as it came.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event.h"
#include "json/object.h"

namespace confab::api {

// The annex key, on the wire `mqtt`, under which an event keeps what only clients that speak JSON understand: one
// object of the members that no typed field says, or not exactly. On those wires a member in there beats the typed one.
inline constexpr std::string_view kJsonKey = "json";

// What the server fills in; from a client it means nothing.
bool is_server_member(std::string_view name);

// A member that is null is as good as none. The first member of a wrong type, or out of its range, is remembered, and
// reads as absent from then on. Lives on: one thread at a time; looks into text that the caller keeps.
class Members {
 public:
  // Errors: as json::read_object.
  static Result<Members> read(std::string_view text, const json::Limits& limits = {});

  bool has(std::string_view name) const;
  std::string text(std::string_view name);
  std::string text(std::string_view name, std::size_t max_bytes);  // too_big over that
  std::int64_t number(std::string_view name, std::int64_t least, std::int64_t most, std::int64_t otherwise = 0);
  bool flag(std::string_view name, bool otherwise);
  std::vector<std::string> texts(std::string_view name);  // an array of strings
  std::vector<Members> objects(std::string_view name);    // an array of objects
  std::optional<Members> object(std::string_view name);
  std::string raw(std::string_view name);  // the value's text; empty: none

  // Takes all that the server fills in.
  void skip_server_members();
  // Though it was read, it stays among the rest: the typed field does not say it all.
  void keep(std::string_view name);
  // What `part`, which was read as the value of `name`, complains of is this object's fault.
  void adopt(std::string_view name, const Members& part);
  void refuse(std::string_view name, Errc code = Errc::bad_payload);

  // Names of all members, in their order, and a value's text as it stands there; empty: none, or null.
  std::vector<std::string> names() const;
  std::string_view look(std::string_view name) const;

  // Names of the members that nobody asked for, in their order.
  std::vector<std::string> left() const;
  // Those as an object's text; empty: none.
  std::string rest() const;
  void keep_rest(core::Annex& annex) const;
  // Why the object is refused: its text is the member's name.
  Result<> verdict() const;

 private:
  struct One {
    json::Member member;
    bool taken = false;
  };
  std::string_view take(std::string_view name);  // empty: none

  std::vector<One> members_;
  json::Limits limits_;
  std::optional<Error> error_;
};

}  // namespace confab::api
