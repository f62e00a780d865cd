// confabd: one process that is a site.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include "app/config.h"
#include "app/dev_site.h"
#include "app/json_text.h"
#include "app/running_site.h"
#include "app/wire_up.h"
#include "base/log.h"

namespace {

using namespace confab;
using namespace confab::app;

struct CommandLine {
  std::string config_file;
  std::string data_dir;
  std::string port_file;
  bool dev = false;
};

int complain(const std::string& text) {
  std::fprintf(stderr, "confabd: %s\n", text.c_str());
  return 1;
}

Result<Config> read_config(const CommandLine& line) {
  ConfigSources sources;
  if (line.dev) sources.base = dev_defaults(line.data_dir);
  const bool named = !line.config_file.empty();
  if (named || !line.dev) sources.file = named ? line.config_file : kDefaultConfigFile;
  sources.environment = confab_environment();
  sources.data_dir = line.data_dir;
  return load_config(sources);
}

// {"xmpp":["127.0.0.1:41233"],…}, in place all at once: whoever waits for the file finds it whole.
Result<> write_port_file(const std::string& path, const std::vector<std::pair<std::string, std::string>>& listeners) {
  std::map<std::string, std::vector<std::string>> by_name;
  for (const auto& [name, address] : listeners) by_name[name].push_back(address);
  std::string text = "{";
  for (const auto& [name, addresses] : by_name) {
    text += (text.size() > 1 ? ",\"" : "\"") + name + "\":[";
    for (std::size_t i = 0; i < addresses.size(); ++i) text += (i > 0 ? ",\"" : "\"") + addresses[i] + "\"";
    text += "]";
  }
  text += "}\n";
  const std::string fresh = path + ".new";
  std::FILE* file = std::fopen(fresh.c_str(), "we");
  if (file == nullptr) return fail(Errc::unavailable, fresh + ": " + std::strerror(errno));
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !written || std::rename(fresh.c_str(), path.c_str()) != 0) {
    return fail(Errc::unavailable, path + ": " + std::strerror(errno));
  }
  return {};
}

// systemd's word for "it serves" (sd_notify(3)).
void notify_systemd(const std::string& state) {
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::size_t length = std::strlen(path);
  if (length == 0 || length >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, path, length);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  (void)::sendto(descriptor, state.data(), state.size(), 0, reinterpret_cast<const sockaddr*>(&address), size);
  ::close(descriptor);
}

void say_ready(const std::vector<std::pair<std::string, std::string>>& listeners) {
  std::string line = "ready";
  for (const auto& [name, address] : listeners) line += " " + name + "=" + address;
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

// Every thread made later inherits that these wait for serve_signals().
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a limit of file sizes (ulimit -f) is a full disk, not the end
  return set;
}

// Returns when the site is to stop.
void serve_signals(const sigset_t& set, RunningSite& site) {
  constexpr timespec kSixHours{6 * 3600, 0};
  for (;;) {
    const int signal = sigtimedwait(&set, nullptr, &kSixHours);
    if (signal < 0 && errno == EAGAIN) site.renew_certificate();
    if (signal < 0) continue;
    if (signal != SIGHUP) return;
    if (auto done = site.reload_on_signal(); !done) log::error("app", "reload_failed", {{"error", done.error().text}});
  }
}

// A connection is a descriptor: as many as the system lets this process have (limits.sessions = 0).
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(CommandLine line) {
  if (line.dev && line.data_dir.empty()) {
    std::string folder = (std::filesystem::temp_directory_path() / "confab-dev-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return complain("no temporary folder: " + folder);
    line.data_dir = folder;
    std::printf("data in %s\n", folder.c_str());
  }
  auto config = read_config(line);
  if (!config) return complain(config.error().text);
  apply_log(*config);
  const sigset_t signals = block_signals();
  raise_descriptor_limit();
  if (line.dev) {
    if (auto done = prepare_dev_site(*config); !done) return complain(done.error().text);
  }
  auto site = RunningSite::start(*config, [line] { return read_config(line); });
  if (!site) return complain(site.error().text);
  if (!line.port_file.empty()) {
    if (auto done = write_port_file(line.port_file, (*site)->listeners()); !done) return complain(done.error().text);
  }
  if (line.dev) std::printf("people: alice, bob, carol; password: NAME-secret\n");
  say_ready((*site)->listeners());
  notify_systemd("READY=1\nSTATUS=serving " + config->domain);
  log::info("app", "serving", {{"domain", config->domain}, {"ca", (*site)->ca_fingerprint()}});
  serve_signals(signals, **site);
  notify_systemd("STOPPING=1");
  site->reset();
  log::info("app", "stopped");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"confabd: one account, one conversation, every protocol"};
  app.set_version_flag("--version", "confabd " CONFAB_VERSION);
  app.require_subcommand(1);
  CommandLine line;
  CLI::App* command = app.add_subcommand("serve", "runs a site");
  command->add_option("--config", line.config_file, "configuration (default: /etc/confab/confab.toml)");
  command->add_flag("--dev", line.dev, "a development site on loopback, with people in it");
  command->add_option("--data", line.data_dir, "the site's folder (with --dev by default a temporary one)");
  command->add_option("--port-file", line.port_file, "also writes the bound addresses there, as JSON");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return serve(std::move(line));
}
