// confabctl: the operator's command line.
#include <grp.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "app/confabctl.h"
#include "app/config.h"
#include "base/log.h"

namespace {

using namespace confab;
using namespace confab::app;

// What stands on the command line.
struct CommandLine {
  std::string config;
  std::string data;
  bool json = false;
  bool admin = false;
  bool password_stdin = false;
  bool verify = false;
  bool yes = false;
  bool reuse_name = false;
  bool effective = false;
  std::string name;
  std::vector<std::string> verb;
  std::string output;
  std::vector<std::string> words;
  std::string with;
  std::string limit;
  std::string before;
  std::string days;
  std::string uses;
};

CLI::App* add_verb(CLI::App& to, CommandLine& line, const std::string& name, const std::string& help) {
  CLI::App* verb = to.add_subcommand(name, help);
  verb->add_flag("--json", line.json, "answer in JSON");
  const std::string parent = to.get_parent() == nullptr ? "" : to.get_name();
  verb->final_callback([&line, parent, name, verb] {
    if (!verb->get_subcommands().empty()) return;
    if (!parent.empty()) line.verb.push_back(parent);
    line.verb.push_back(name);
  });
  return verb;
}

CLI::App* add_group(CLI::App& to, const std::string& name, const std::string& help) {
  CLI::App* group = to.add_subcommand(name, help);
  group->require_subcommand(1);
  return group;
}

void declare_users(CLI::App& app, CommandLine& line) {
  CLI::App* user = add_group(app, "user", "accounts");
  CLI::App* add = add_verb(*user, line, "add", "adds an account; asks for its password");
  add->add_flag("--admin", line.admin, "make it an administrator");
  add->add_option("NAME", line.name)->required();
  add->add_flag("--reuse-name", line.reuse_name, "also the name of somebody who was erased");
  CLI::App* passwd = add_verb(*user, line, "passwd", "sets a new password");
  passwd->add_option("NAME", line.name)->required();
  for (CLI::App* verb : {add, passwd}) {
    verb->add_flag("--password-stdin", line.password_stdin, "read the password from standard input");
  }
  add_verb(*user, line, "list", "lists all accounts");
  add_verb(*user, line, "remove", "removes an account for good")->add_option("NAME", line.name)->required();
  CLI::App* erase = add_verb(*user, line, "erase", "removes a person, what he kept, and the traces of it");
  erase->add_option("NAME", line.name)->required();
  erase->add_flag("--yes", line.yes, "without asking");
  add_verb(*user, line, "disable", "ends its sessions and lets nobody log in")
      ->add_option("NAME", line.name)
      ->required();
  add_verb(*user, line, "enable", "lets it log in again")->add_option("NAME", line.name)->required();
  CLI::App* take_out = add_verb(*user, line, "export", "writes everything that is kept of a person, as lines of JSON");
  take_out->add_option("NAME", line.name)->required();
  take_out->add_option("--output", line.output, "into this file, which must not exist; by default standard output");
  CLI::App* import =
      add_verb(*user, line, "import", "adds everybody in a CSV file: name,password[,display,email,department]");
  import->add_option("FILE", line.name, "- for standard input")->required();
}

void declare_history(CLI::App& app, CommandLine& line) {
  CLI::App* search =
      add_verb(*add_group(app, "history", "what people wrote"), line, "search", "looks in one's own log");
  search->add_option("NAME", line.name, "whose log")->required();
  search->add_option("WORDS", line.words, "all of them must be there; the last one need only begin so")->required();
  search->add_option("--with", line.with, "only what was said with this address");
  search->add_option("--limit", line.limit, "how many at most (search_results)");
  search->add_option("--before", line.before, "only what stands before this place in the log");
  add_verb(*add_group(app, "search", "the search index"), line, "rebuild", "drops it and makes it anew");
}

void declare(CLI::App& app, CommandLine& line) {
  app.require_subcommand(1);
  app.add_option("--config", line.config, std::string("the configuration; by default ") + kDefaultConfigFile);
  app.add_option("--data", line.data, "the data folder, whatever the configuration says");
  app.add_flag("--json", line.json, "answer in JSON");
  declare_users(app, line);
  declare_history(app, line);
  CLI::App* invite = add_verb(*add_group(app, "invite", "invitations to register"), line, "create", "makes one");
  invite->add_option("--days", line.days, "how long it holds (7)");
  invite->add_option("--uses", line.uses, "how many accounts may be made with it (1)");
  add_verb(*add_group(app, "session", "logged-in devices"), line, "list", "lists them");
  add_verb(app, line, "backup", "writes the site into one file")->add_option("FILE", line.name)->required();
  CLI::App* restore =
      add_verb(app, line, "restore", "puts a backup into an empty data folder; the site must be stopped");
  restore->add_option("FILE", line.name)->required();
  restore->add_flag("--verify", line.verify, "only check the file");
  add_verb(app, line, "doctor", "looks at what usually goes wrong");
  CLI::App* config = add_group(app, "config", "the configuration");
  add_verb(*config, line, "check", "reads it and says what is wrong");
  add_verb(*config, line, "show", "writes all settings with their values")
      ->add_flag("--effective", line.effective, "defaults, files and environment together (always so)");
  add_verb(*add_group(app, "keys", "the site's keys"), line, "show", "where they are; never what they are");
  add_verb(*add_group(app, "cert", "the site's certificate"), line, "show", "names, validity, fingerprints");
  add_verb(app, line, "reload", "makes the running site read configuration and certificates again");
  add_verb(app, line, "metrics", "the running site's metrics");
  add_verb(app, line, "version", "this program's version");
}

// Whoever is asked says the name once more.
Result<> confirm_erasure(const CommandLine& line) {
  if (line.yes) return {};
  if (::isatty(STDIN_FILENO) == 0) return fail(Errc::bad_payload, "nobody is here to be asked: say --yes");
  std::fprintf(stderr, "%s and everything he kept will be gone for good. The name once more: ", line.name.c_str());
  std::string answer;
  if (std::getline(std::cin, answer) && answer == line.name) return {};
  return fail(Errc::bad_payload, "nothing was done");
}

// Without echo. nullopt: there is no terminal, or it was closed.
std::optional<std::string> prompt(const char* text) {
  if (::isatty(STDIN_FILENO) == 0) return std::nullopt;
  std::fputs(text, stderr);
  termios before{};
  ::tcgetattr(STDIN_FILENO, &before);
  termios silent = before;
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::fputs("\n", stderr);
  if (!read) return std::nullopt;
  return line;
}

Result<std::string> ask_password(const CommandLine& line) {
  if (line.password_stdin) {
    std::string text;
    if (!std::getline(std::cin, text)) return fail(Errc::bad_payload, "no password on standard input");
    return text;
  }
  const auto first = prompt("Password: ");
  if (!first) return fail(Errc::bad_payload, "no terminal to ask for a password: use --password-stdin");
  const auto second = prompt("Again: ");
  if (!second || *first != *second) return fail(Errc::bad_payload, "the two passwords differ");
  return *first;
}

Result<std::string> read_whole(const std::string& file) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return fail(Errc::not_found, file + ": cannot be read");
    text << stream.rdbuf();
  }
  return text.str();
}

// The arguments as Control reads them.
ControlRequest request_of(const CommandLine& line) {
  ControlRequest request{line.verb, {}};
  const bool file = line.verb.front() == "backup" || line.verb.front() == "restore";
  if (!line.name.empty()) request.args.push_back(file ? std::filesystem::absolute(line.name).string() : line.name);
  for (const std::string& word : line.words) request.input += (request.input.empty() ? "" : " ") + word;
  if (!line.with.empty()) request.args.push_back("--with=" + line.with);
  if (!line.limit.empty()) request.args.push_back("--limit=" + line.limit);
  if (!line.before.empty()) request.args.push_back("--before=" + line.before);
  if (!line.days.empty()) request.args.push_back("--days=" + line.days);
  if (!line.uses.empty()) request.args.push_back("--uses=" + line.uses);
  if (line.admin) request.args.emplace_back("--admin");
  if (line.yes) request.args.emplace_back("--yes");
  if (line.reuse_name) request.args.emplace_back("--reuse-name");
  if (line.verify) request.args.emplace_back("--verify");
  if (line.json) request.args.emplace_back("--json");
  return request;
}

// Root works on a stopped site as the user that the folder belongs to: what it makes there must be the service's own.
Result<> become_owner(const std::string& folder) {
  struct stat status{};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &status) != 0 || status.st_uid == 0) return {};
  if (::setgroups(0, nullptr) == 0 && ::setgid(status.st_gid) == 0 && ::setuid(status.st_uid) == 0) return {};
  return fail(Errc::unavailable, folder + ": cannot work as its owner");
}

int finish(const ControlReply& reply) {
  std::fwrite(reply.out.data(), 1, reply.out.size(), stdout);
  std::fwrite(reply.err.data(), 1, reply.err.size(), stderr);
  return reply.exit;
}

int finish(const Error& error) {
  return finish(ControlReply{kExitRefused, {}, "confabctl: " + error.text + "\n"});
}

int run(const CommandLine& line) {
  log::set_level(log::Level::warn);  // standard error is for reasons
  ConfigSources sources;
  sources.file = line.config.empty() ? kDefaultConfigFile : line.config;
  sources.file_required = !line.config.empty();
  sources.environment = confab_environment();
  sources.data_dir = line.data;
  auto config = load_config(sources);
  if (!config) return finish(config.error());

  ControlClient client(std::move(*config), [](const Config& of, bool create) -> Result<StoppedSite> {
    if (auto done = become_owner(of.data_dir); !done) return fail(done.error());
    return open_stopped_site(of, create);
  });
  const std::string verb = line.verb.size() == 2 ? line.verb[0] + " " + line.verb[1] : line.verb[0];
  if (verb == "user import") {
    const auto text = read_whole(line.name);
    return text ? finish(client.import_people(*text, line.json)) : finish(text.error());
  }
  if (verb == "user export") return finish(client.export_person(line.name, line.output, line.json));
  ControlRequest request = request_of(line);
  if (verb == "user erase") {
    if (auto sure = confirm_erasure(line); !sure) return finish(sure.error());
    if (!line.yes) request.args.emplace_back("--yes");
  }
  if (verb == "user add" || verb == "user passwd") {
    auto password = ask_password(line);
    if (!password) return finish(password.error());
    request.input = std::move(*password);
  }
  return finish(client.run(request));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Operates a Confab site, running or stopped.", "confabctl");
  app.set_version_flag("--version", "confab " CONFAB_VERSION);
  CommandLine line;
  declare(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitDone : kExitUsage;
  }
  return run(line);
}
