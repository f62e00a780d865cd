// confabctl user import. A row that is refused does not stop the others; each is reported with its line.
#include <charconv>

#include "app/control_verbs.h"
#include "app/import.h"
#include "app/json_text.h"

namespace confab::app {
namespace {

Result<> import_row(VerbCall& call, const ImportRow& row) {
  auto address = account_of(call, row.name);
  if (!address) return fail(std::move(address.error()));
  auto password = password_of(row.password);
  if (!password) return fail(std::move(password.error()));
  auto uid = create(call, {*address, *password, false, row.profile});
  if (!uid) return fail(std::move(uid.error()));
  return {};
}

}  // namespace

ControlReply user_import(VerbCall& call) {
  std::size_t first_line = 2;
  if (call.has("--line")) {
    const std::string& text = call.flags["--line"];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), first_line);
    if (error != std::errc{} || end != text.data() + text.size()) return usage("--line: wanted a number");
  }
  const auto rows = read_import(call.input, first_line);
  if (!rows) return refuse(call, rows.error());
  std::size_t added = 0;
  std::string errors, failed;
  for (const ImportRow& row : *rows) {
    const auto imported = import_row(call, row);
    if (imported) {
      ++added;
      continue;
    }
    const Error& error = imported.error();
    const std::string reason = error.text.empty() ? std::string(to_string(error.code)) : error.text;
    errors += "confabctl: line " + std::to_string(row.line) + ": " + reason + "\n";
    failed += (failed.empty() ? "" : ",") + std::string("{\"line\":") + std::to_string(row.line) +
              ",\"error\":" + json_quote(to_string(error.code)) + ",\"reason\":" + json_quote(reason) + "}";
  }
  ControlReply reply =
      done(call, std::to_string(added) + " added, " + std::to_string(rows->size() - added) + " refused\n",
           "{\"added\":" + std::to_string(added) + ",\"failed\":[" + failed + "]}");
  reply.err = std::move(errors);
  reply.exit = added == rows->size() ? kExitDone : kExitRefused;
  return reply;
}

}  // namespace confab::app
