// Which words mean which verb, and what each may be given.
#include "app/control.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "app/control_verbs.h"
#include "app/json_text.h"

namespace confab::app {
namespace {

struct VerbRow {
  std::string_view words;  // "user add"
  std::size_t names;       // arguments that are no flags: exactly so many
  std::string_view flags;  // those allowed, each with a space behind it
  Verb verb;
};

constexpr std::array kVerbs{
    VerbRow{"user add", 1, "--admin --password-stdin --reuse-name ", user_add},
    VerbRow{"user list", 0, "", user_list},
    VerbRow{"user passwd", 1, "--password-stdin ", user_passwd},
    VerbRow{"user remove", 1, "", user_remove},
    VerbRow{"user erase", 1, "--yes ", user_erase},
    VerbRow{"user disable", 1, "", user_disable},
    VerbRow{"user enable", 1, "", user_enable},
    VerbRow{"user export", 1, "--uid --after --node --before ", user_export},
    VerbRow{"user import", 0, "--line ", user_import},
    VerbRow{"history search", 1, "--with --limit --before ", history_search},
    VerbRow{"search rebuild", 0, "", search_rebuild},
    VerbRow{"invite create", 0, "--days --uses ", invite_create},
    VerbRow{"session list", 0, "", session_list},
    VerbRow{"backup", 1, "", backup},
    VerbRow{"restore", 1, "--verify ", restore},
    VerbRow{"doctor", 0, "", doctor},
    VerbRow{"config check", 0, "", config_check},
    VerbRow{"config show", 0, "--effective ", config_show},
    VerbRow{"keys show", 0, "", keys_show},
    VerbRow{"cert show", 0, "", cert_show},
    VerbRow{"reload", 0, "", reload},
    VerbRow{"metrics", 0, "", metrics},
    VerbRow{"version", 0, "", version},
};

// The row whose words begin `args`, and how many words they are.
std::pair<const VerbRow*, std::size_t> find_verb(std::span<const std::string> args) {
  for (std::size_t count = std::min<std::size_t>(2, args.size()); count > 0; --count) {
    const std::string words = count == 2 ? args[0] + " " + args[1] : args[0];
    const auto found =
        std::find_if(kVerbs.begin(), kVerbs.end(), [&](const VerbRow& row) { return row.words == words; });
    if (found != kVerbs.end()) return {&*found, count};
  }
  return {nullptr, 0};
}

// "": fine.
std::string sort_arguments(std::span<const std::string> args, const VerbRow& row, VerbCall& call) {
  for (const std::string& arg : args) {
    if (!arg.starts_with("--")) {
      call.names.push_back(arg);
      continue;
    }
    const std::size_t equals = arg.find('=');
    const std::string flag = arg.substr(0, equals);
    if (row.flags.find(flag + " ") == std::string_view::npos)
      return std::string(row.words) + ": unknown option " + flag;
    call.flags[flag] = equals == std::string::npos ? "" : arg.substr(equals + 1);
  }
  if (call.names.size() == row.names) return {};
  return std::string(row.words) + (row.names == 0 ? ": takes no argument" : ": takes one argument");
}

}  // namespace

ControlReply refuse(const VerbCall& call, const Error& error) {
  const std::string reason = error.text.empty() ? std::string(to_string(error.code)) : error.text;
  ControlReply reply{kExitRefused, {}, "confabctl: " + reason + "\n"};
  if (call.json) {
    reply.out = "{\"error\":" + json_quote(to_string(error.code)) + ",\"reason\":" + json_quote(reason) + "}\n";
  }
  return reply;
}

ControlReply usage(std::string_view why) {
  return {kExitUsage, {}, "confabctl: " + std::string(why) + "\n"};
}

ControlReply done(const VerbCall& call, std::string text, std::string json) {
  return {kExitDone, call.json ? std::move(json) + "\n" : std::move(text), {}};
}

std::optional<std::uint64_t> number_flag(const VerbCall& call, const std::string& flag, std::uint64_t standard,
                                         std::uint64_t most) {
  const auto given = call.flags.find(flag);
  if (given == call.flags.end()) return standard;
  std::uint64_t value = 0;
  const char* end = given->second.data() + given->second.size();
  const auto read = std::from_chars(given->second.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || value > most) return std::nullopt;
  return value;
}

ControlReply Control::run(const ControlRequest& request) {
  std::vector<std::string> args = request.args;
  const bool json = std::erase(args, "--json") > 0;
  const auto [row, words] = find_verb(args);
  if (row == nullptr) return usage("unknown verb" + (args.empty() ? "" : ": " + args.front()));
  VerbCall call{ports_, loop_, {}, {}, request.input, json};
  const std::string wrong = sort_arguments(std::span(args).subspan(words), *row, call);
  if (!wrong.empty()) return usage(wrong);
  return row->verb(call);
}

}  // namespace confab::app
