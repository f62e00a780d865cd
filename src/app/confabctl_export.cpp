// confabctl user export: one part after the other, so that a long history is no big answer.
#include <boost/json.hpp>

#include "app/confabctl.h"
#include "app/export_file.h"
#include "app/json_text.h"

namespace confab::app {
namespace {

// What the last line of a part says.
struct PartEnd {
  bool last = false;
  std::vector<std::string> args;  // of the next request
};

Result<PartEnd> read_end(std::string_view line) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(boost::json::string_view(line.data(), line.size()), error);
  const boost::json::object* object = error ? nullptr : value.if_object();
  const boost::json::value* type = object == nullptr ? nullptr : object->if_contains("type");
  if (type == nullptr || !type->is_string()) return fail(Errc::bad_payload, "a part without an end");
  PartEnd end;
  end.last = type->as_string() == "end";
  if (end.last) return end;
  const boost::json::value* args = object->if_contains("args");
  if (type->as_string() != "next" || args == nullptr || !args->is_array()) {
    return fail(Errc::bad_payload, "a part without an end");
  }
  for (const boost::json::value& arg : args->as_array()) {
    if (!arg.is_string()) return fail(Errc::bad_payload, "a part without an end");
    end.args.emplace_back(std::string_view(arg.as_string()));
  }
  return end;
}

std::uint64_t events_in(std::string_view part) {
  constexpr std::string_view kEvent = "{\"type\":\"event\"";
  std::uint64_t events = 0;
  while (!part.empty()) {
    if (part.starts_with(kEvent)) ++events;
    const std::size_t end = part.find('\n');
    part.remove_prefix(end == part.npos ? part.size() : end + 1);
  }
  return events;
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
  for (PartEnd end; !end.last;) {
    ControlReply part = run(request);
    if (part.exit != kExitDone) return part;
    auto read = read_end(take_last_line(part.out));
    if (!read) return refused(read.error());
    events += events_in(part.out);
    end = std::move(*read);
    if (end.last) part.out += "{\"type\":\"end\",\"events\":" + std::to_string(events) + "}\n";
    if (auto written = to->write(part.out); !written) return refused(written.error());
    request.args = {"user", "export", name};
    request.args.insert(request.args.end(), end.args.begin(), end.args.end());
  }
  if (auto finished = to->finish(); !finished) return refused(finished.error());
  if (file.empty() || file == "-") return {};
  const std::string count = std::to_string(events);
  return {kExitDone,
          json ? "{\"file\":" + json_quote(file) + ",\"events\":" + count + "}\n" : file + ": " + count + " events\n",
          {}};
}

}  // namespace confab::app
