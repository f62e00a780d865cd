// A JSON object for a client, made of an event: what the server says, what the typed fields say, and what the author's
// own client said beyond them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/members.h"
#include "api/viewer.h"
#include "core/command.h"
#include "json/write.h"

namespace confab::api {

// Empty texts and lists, and flags that are false, are left out. Lives on: one thread at a time; looks into the annex.
class Payload {
 public:
  // At the end of `out`.
  Payload(const core::Annex& annex, std::string& out);

  // The server's own members: nobody else's word counts.
  Payload& server_text(std::string_view name, std::string_view value);
  Payload& server_number(std::string_view name, std::int64_t value);
  Payload& server_list(std::string_view name, const std::vector<std::string>& items);  // JSON each
  // Who said it to whom, when, in which conversation (rulings.md, "forwarded objects"); with `seq` 0 it has no place.
  Payload& server_members(const core::Event& event, Upos seq, const Viewer& viewer);

  Payload& text(std::string_view name, std::string_view value);
  Payload& number(std::string_view name, std::uint64_t value);  // 0: left out
  Payload& flag(std::string_view name, bool value);
  Payload& texts(std::string_view name, const std::vector<std::string>& values);
  Payload& list(std::string_view name, const std::vector<std::string>& items);  // JSON each
  Payload& raw(std::string_view name, std::string_view json);

  // What the author's client said under `name` beyond the typed fields, as it stands there; empty: nothing.
  std::string_view said(std::string_view name) const;

  void close();

 private:
  bool is_open(std::string_view name) const { return said(name).empty(); }

  std::vector<json::Member> beyond_;
  json::ObjectText out_;
};

// The other party, as the holder of the log sees it: "u:bob@example.org".
std::string conversation_of(const core::Event& event, const Viewer& viewer);
// Whether it was the viewer's account that said it, to somebody else.
bool is_outgoing(const core::Event& event, const Viewer& viewer);

}  // namespace confab::api
