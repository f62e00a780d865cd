#include "app/confabctl.h"

#include <boost/json.hpp>

#include "app/control_socket.h"
#include "app/import.h"
#include "app/json_text.h"

namespace confab::app {
namespace {

constexpr seconds kAnswerLimit(3600);      // a backup of a big site
constexpr std::size_t kPartBytes = 24576;  // escaped it is at most twice as long, and stays below a request's limit

ControlReply refused(const Error& error, bool json) {
  ControlReply reply{kExitRefused, {}, "confabctl: " + error.text + "\n"};
  if (json) {
    reply.out = "{\"error\":" + json_quote(to_string(error.code)) + ",\"reason\":" + json_quote(error.text) + "}\n";
  }
  return reply;
}

// Verbs that look at the configuration alone, or must not open the database.
bool is_local(const ControlRequest& request) {
  if (request.args.empty()) return true;
  const std::string& verb = request.args.front();
  return verb == "config";
}

bool wants_json(const ControlRequest& request) {
  for (const std::string& arg : request.args) {
    if (arg == "--json") return true;
  }
  return false;
}

// Adds up the parts' answers; they are always asked for as JSON.
struct ImportSum {
  std::int64_t added = 0;
  boost::json::array failed;

  bool add(const ControlReply& reply) {
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse(reply.out, error);
    if (error || !value.is_object() || !value.as_object().contains("added")) return false;
    added += value.at("added").to_number<std::int64_t>();
    for (const boost::json::value& row : value.at("failed").as_array()) failed.push_back(row);
    return true;
  }
};

}  // namespace

ControlReply ControlClient::run(const ControlRequest& request) {
  if (is_local(request)) return Control({&config_, nullptr, nullptr, nullptr, nullptr}, loop_).run(request);
  if (site_.store == nullptr) {
    auto reply = ask_site(config_.control_socket(), request, kAnswerLimit);
    if (reply) return std::move(*reply);
    if (reply.error().code != Errc::not_found) return refused(reply.error(), wants_json(request));
  }
  return run_on_stopped_site(request);
}

ControlReply ControlClient::run_on_stopped_site(const ControlRequest& request) {
  const std::string& verb = request.args.front();
  ControlPorts ports{&config_, nullptr, nullptr, nullptr, nullptr};
  // restore opens the folder itself; version needs none; the doctor tells what is wrong where there is nothing to open.
  if (verb != "restore" && verb != "version" && site_.store == nullptr) {
    const bool creates =
        request.args.size() > 1 && verb == "user" && (request.args[1] == "add" || request.args[1] == "import");
    auto site = open_(config_, creates);
    if (site) {
      site_ = std::move(*site);
    } else if (verb != "doctor") {
      return refused(site.error(), wants_json(request));
    }
  }
  ports.store = site_.store.get();
  ports.passwords = site_.passwords.get();
  ports.files = site_.files.get();
  return Control(ports, loop_).run(request);
}

ControlReply ControlClient::import_people(const std::string& text, bool json) {
  const auto parts = split_import(text, kPartBytes);
  if (!parts) return refused(parts.error(), json);
  ImportSum sum;
  ControlReply total;
  for (const ImportPart& part : *parts) {
    const ControlReply reply = run({{"user", "import", "--line=" + std::to_string(part.line), "--json"}, part.text});
    total.err += reply.err;
    if (sum.add(reply)) continue;
    total.err += "confabctl: stopped at line " + std::to_string(part.line) + "\n";
    total.exit = kExitRefused;
    break;
  }
  if (!sum.failed.empty()) total.exit = kExitRefused;
  total.out =
      json ? "{\"added\":" + std::to_string(sum.added) + ",\"failed\":" + boost::json::serialize(sum.failed) + "}\n"
           : std::to_string(sum.added) + " added, " + std::to_string(sum.failed.size()) + " refused\n";
  return total;
}

}  // namespace confab::app
