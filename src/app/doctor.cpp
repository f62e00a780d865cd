// confabctl doctor: what an operator would look at first, each as one line: ok, warn or fail.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "app/control_verbs.h"
#include "app/endpoint.h"
#include "app/json_text.h"

namespace confab::app {
namespace {

enum class Verdict : unsigned char { ok, warn, fail };

struct Finding {
  Verdict verdict;
  std::string what;
  std::string detail;
};

std::string_view text_of(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kTexts{"ok", "warn", "fail"};
  return kTexts[static_cast<std::size_t>(verdict)];
}

Finding check_folder(const Config& config) {
  std::error_code error;
  if (!std::filesystem::is_directory(config.data_dir, error)) {
    return {Verdict::fail, "data folder", config.data_dir + " is not there"};
  }
  if (::access(config.data_dir.c_str(), W_OK | X_OK) != 0) {
    return {Verdict::fail, "data folder", config.data_dir + " cannot be written"};
  }
  return {Verdict::ok, "data folder", config.data_dir};
}

Finding check_space(const Config& config) {
  std::error_code error;
  const auto space = std::filesystem::space(config.data_dir, error);
  if (error) return {Verdict::fail, "free space", error.message()};
  const std::uintmax_t megabytes = space.available >> 20;
  const Verdict verdict = megabytes < 64 ? Verdict::fail : megabytes < 1024 ? Verdict::warn : Verdict::ok;
  return {verdict, "free space", std::to_string(megabytes) + " MiB"};
}

Finding check_key(const Config& config) {
  const std::filesystem::path file = config.in_data(config.auth.key_file);
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return {Verdict::fail, "site key", file.string() + " is not there"};
  if ((status.st_mode & 077) != 0) return {Verdict::fail, "site key", file.string() + " can be read by others"};
  return {Verdict::ok, "site key", file.string()};
}

Finding check_certificate(VerbCall& call) {
  if (call.ports.files == nullptr) return {Verdict::warn, "certificate", "not looked at"};
  const auto certificate = call.ports.files->certificate();
  if (!certificate) {
    const bool none = certificate.error().code == Errc::not_found;
    return {none ? Verdict::warn : Verdict::fail, "certificate", none ? "none made yet" : certificate.error().text};
  }
  const WallMs now = call.loop.now().wall;
  const std::string until = "valid until " + format_utc(certificate->not_after);
  if (now < certificate->not_before) return {Verdict::fail, "certificate", "not valid yet: is the clock right?"};
  if (certificate->not_after < now) return {Verdict::fail, "certificate", "expired: " + until};
  const bool soon = certificate->not_after < now + std::chrono::hours(24 * 14);
  return {soon ? Verdict::warn : Verdict::ok, "certificate", until};
}

Finding check_database(VerbCall& call) {
  if (call.ports.files == nullptr) return {Verdict::warn, "database", "not looked at"};
  if (const auto checked = call.ports.files->check_database(); !checked) {
    return {Verdict::fail, "database", checked.error().text};
  }
  if (call.ports.store == nullptr) return {Verdict::ok, "database", "whole"};
  const auto page = call.loop.wait<std::vector<engine::Store::AccountLine>>(
      kStoreWait, [&](auto answer) { call.ports.store->list_accounts({}, 1, call.loop, std::move(answer)); });
  if (!page) return {Verdict::fail, "database", page.error().text};
  return {Verdict::ok, "database", page->empty() ? "whole; no account yet" : "whole"};
}

// Long before this program was written, or a century later, is no sane time: certificates and ids would not hold.
Finding check_clock(VerbCall& call) {
  const WallMs now = call.loop.now().wall;
  const bool sane = now.ms > 1735689600000 && now.ms < 4102444800000;  // 2025-01-01, 2100-01-01
  return {sane ? Verdict::ok : Verdict::fail, "clock", format_utc(now)};
}

bool connects(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (v6) {
    auto* to = reinterpret_cast<sockaddr_in6*>(&storage);
    to->sin6_family = AF_INET6;
    to->sin6_port = htons(endpoint.port);
    inet_pton(AF_INET6, endpoint.host.c_str(), &to->sin6_addr);
    if (endpoint.host == "::") to->sin6_addr = in6addr_loopback;
    size = sizeof *to;
  } else {
    auto* to = reinterpret_cast<sockaddr_in*>(&storage);
    to->sin_family = AF_INET;
    to->sin_port = htons(endpoint.port);
    inet_pton(AF_INET, endpoint.host.c_str(), &to->sin_addr);
    if (endpoint.host == "0.0.0.0") to->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    size = sizeof *to;
  }
  const int fd = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const timeval limit{2, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&storage), size) == 0;
  ::close(fd);
  return connected;
}

void check_listeners(VerbCall& call, std::vector<Finding>& findings) {
  if (call.ports.live == nullptr) {
    findings.push_back({Verdict::warn, "listeners", "the site does not run"});
    return;
  }
  for (const auto& [name, address] : call.ports.live->listeners()) {
    const auto endpoint = parse_endpoint(address);
    const bool reached = endpoint && connects(*endpoint);
    findings.push_back(
        {reached ? Verdict::ok : Verdict::fail, "listener " + name, address + (reached ? "" : " does not answer")});
  }
}

// What could make this site need somebody else's machine.
Finding check_outbound(const Config& config) {
  if (config.store.url.starts_with("postgresql:")) {
    return {Verdict::warn, "outbound dependency", "the database is a server's"};
  }
  return {Verdict::ok, "outbound dependency", "none"};
}

}  // namespace

ControlReply doctor(VerbCall& call) {
  const Config& config = *call.ports.config;
  std::vector<Finding> findings{check_folder(config),    check_space(config),  check_key(config),
                                check_certificate(call), check_database(call), check_clock(call)};
  check_listeners(call, findings);
  findings.push_back(check_outbound(config));
  std::string text, json;
  bool failed = false;
  for (const Finding& finding : findings) {
    failed = failed || finding.verdict == Verdict::fail;
    text.append(text_of(finding.verdict)).append("\t").append(finding.what + ": " + finding.detail + "\n");
    json += (json.empty() ? "{\"verdict\":" : ",{\"verdict\":") + json_quote(text_of(finding.verdict)) +
            ",\"check\":" + json_quote(finding.what) + ",\"detail\":" + json_quote(finding.detail) + "}";
  }
  ControlReply reply = done(call, std::move(text), "[" + json + "]");
  if (failed) {
    reply.exit = kExitRefused;
    reply.err = "confabctl: something needs attention\n";
  }
  return reply;
}

}  // namespace confab::app
