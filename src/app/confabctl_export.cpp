// confabctl user export: one part after the other, so that a long history is no big answer.
#include <algorithm>
#include <boost/json.hpp>

#include "app/confabctl.h"
#include "app/export_file.h"
#include "app/json_text.h"

namespace confab::app {
namespace {

// What the last line of a part says.
struct PartEnd {
  bool last = false;
  std::uint64_t uid = 0;
  std::uint64_t after = 0;
};

Result<PartEnd> read_end(std::string_view line) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(boost::json::string_view(line.data(), line.size()), error);
  const boost::json::object* object = error ? nullptr : value.if_object();
  const boost::json::value* type = object == nullptr ? nullptr : object->if_contains("type");
  if (type == nullptr || !type->is_string()) return fail(Errc::bad_payload, "a part without an end");
  if (type->as_string() == "end") return PartEnd{true, 0, 0};
  const boost::json::value* uid = object->if_contains("uid");
  const boost::json::value* after = object->if_contains("after");
  if (type->as_string() != "next" || uid == nullptr || after == nullptr || !uid->is_int64() || !after->is_int64()) {
    return fail(Errc::bad_payload, "a part without an end");
  }
  return PartEnd{false, uid->to_number<std::uint64_t>(), after->to_number<std::uint64_t>()};
}

// Takes the last line away from `part`.
std::string take_last_line(std::string& part) {
  if (part.ends_with('\n')) part.pop_back();
  const std::size_t begin = part.rfind('\n') + 1;  // npos + 1: the whole of it
  std::string line = part.substr(begin);
  part.resize(begin);
  return line;
}

ControlReply refused(const Error& error) {
  return {kExitRefused, {}, "confabctl: " + error.text + "\n"};
}

}  // namespace

ControlReply ControlClient::export_person(const std::string& name, const std::string& file, bool json) {
  // Before the site is asked: on a stopped one this process may become the site's user, who may write less.
  auto to = ExportFile::make(file);
  if (!to) return refused(to.error());
  ControlRequest request{{"user", "export", name}, {}};
  std::uint64_t events = 0;
  bool in_log = false;
  for (PartEnd end; !end.last; in_log = true) {
    ControlReply part = run(request);
    if (part.exit != kExitDone) return part;
    const auto read = read_end(take_last_line(part.out));
    if (!read) return refused(read.error());
    if (in_log) events += static_cast<std::uint64_t>(std::count(part.out.begin(), part.out.end(), '\n'));
    end = *read;
    if (end.last) part.out += "{\"type\":\"end\",\"events\":" + std::to_string(events) + "}\n";
    if (auto written = to->write(part.out); !written) return refused(written.error());
    request.args = {"user", "export", name, "--uid=" + std::to_string(end.uid), "--after=" + std::to_string(end.after)};
  }
  if (auto finished = to->finish(); !finished) return refused(finished.error());
  if (file.empty() || file == "-") return {};
  const std::string count = std::to_string(events);
  return {kExitDone,
          json ? "{\"file\":" + json_quote(file) + ",\"events\":" + count + "}\n" : file + ": " + count + " events\n",
          {}};
}

}  // namespace confab::app
