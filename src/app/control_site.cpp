// confabctl session, backup, restore, config, keys, cert, reload, metrics, version.
#include <sys/stat.h>

#include <array>
#include <cstdio>

#include "app/control_verbs.h"
#include "app/json_text.h"

namespace confab::app {
namespace {

const Error kNotRunning{Errc::unavailable, "the site does not run"};
const Error kNoFiles{Errc::unavailable, "this site's files are not at hand"};

std::string mode_text(mode_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
  return text.data();
}

}  // namespace

ControlReply session_list(VerbCall& call) {
  if (call.ports.live == nullptr) return refuse(call, kNotRunning);
  const auto sessions = call.ports.live->list_sessions();
  if (!sessions) return refuse(call, sessions.error());
  std::string text, json;
  for (const SessionLine& line : *sessions) {
    text += to_string(line.account) + "  " + line.wire + "  " + line.peer + "  since " + format_utc(line.since) + "\n";
    json += (json.empty() ? "{\"account\":" : ",{\"account\":") + json_quote(to_string(line.account)) +
            ",\"wire\":" + json_quote(line.wire) + ",\"peer\":" + json_quote(line.peer) +
            ",\"since\":" + json_quote(format_utc(line.since)) + "}";
  }
  return done(call, std::move(text), "[" + json + "]");
}

ControlReply backup(VerbCall& call) {
  if (call.ports.files == nullptr) return refuse(call, kNoFiles);
  const std::filesystem::path file = call.names[0];
  if (!file.is_absolute()) return usage("backup: wanted an absolute path");
  const auto made = call.ports.files->backup(file);
  if (!made) return refuse(call, made.error());
  return done(call, made->file.string() + ": " + std::to_string(made->bytes) + " bytes, SHA-256 " + made->sha256 + "\n",
              "{\"file\":" + json_quote(made->file.string()) + ",\"bytes\":" + std::to_string(made->bytes) +
                  ",\"sha256\":" + json_quote(made->sha256) + "}");
}

ControlReply restore(VerbCall& call) {
  const bool verify = call.has("--verify");
  if (!verify && call.ports.live != nullptr) {
    return refuse(call, {Errc::conflict, "the site runs: stop it, then restore"});
  }
  const auto made = verify ? verify_backup(call.names[0]) : restore_site(*call.ports.config, call.names[0]);
  if (!made) return refuse(call, made.error());
  return done(call, made->file.string() + (verify ? " is whole\n" : " is restored\n"),
              "{\"file\":" + json_quote(made->file.string()) + ",\"bytes\":" + std::to_string(made->bytes) +
                  ",\"sha256\":" + json_quote(made->sha256) + "}");
}

// That a configuration is here at all means that it was read without an error.
ControlReply config_check(VerbCall& call) {
  return done(call, "the configuration is right\n", "{\"valid\":true}");
}

ControlReply config_show(VerbCall& call) {
  return done(call, to_toml(*call.ports.config), to_json(*call.ports.config));
}

ControlReply keys_show(VerbCall& call) {
  const std::filesystem::path file = call.ports.config->in_data(call.ports.config->auth.key_file);
  struct stat status{};
  const bool there = ::stat(file.c_str(), &status) == 0;
  const std::string mode = there ? mode_text(status.st_mode) : "";
  std::string ca;
  if (call.ports.files != nullptr) {
    if (const auto certificate = call.ports.files->certificate()) ca = certificate->ca_fingerprint;
  }
  std::string text = "site key: " + file.string() + (there ? ", mode " + mode : ", not made yet") + "\n";
  if (!ca.empty()) text += "site CA: SHA-256 " + ca + "\n";
  return done(call, std::move(text),
              "{\"key_file\":" + json_quote(file.string()) + ",\"mode\":" + json_quote(mode) +
                  ",\"ca_fingerprint\":" + json_quote(ca) + "}");
}

ControlReply cert_show(VerbCall& call) {
  if (call.ports.files == nullptr) return refuse(call, kNoFiles);
  const auto c = call.ports.files->certificate();
  if (!c) return refuse(call, c.error());
  return done(
      call,
      "file: " + c->file.string() + "\nsubject: " + c->subject + "\nnames: " + c->names +
          "\nvalid: " + format_utc(c->not_before) + " to " + format_utc(c->not_after) + "\nSHA-256: " + c->fingerprint +
          (c->ca_fingerprint.empty() ? "" : "\nsite CA, SHA-256: " + c->ca_fingerprint) + "\n",
      "{\"file\":" + json_quote(c->file.string()) + ",\"subject\":" + json_quote(c->subject) +
          ",\"names\":" + json_quote(c->names) + ",\"not_before\":" + json_quote(format_utc(c->not_before)) +
          ",\"not_after\":" + json_quote(format_utc(c->not_after)) + ",\"sha256\":" + json_quote(c->fingerprint) +
          ",\"ca_fingerprint\":" + json_quote(c->ca_fingerprint) + "}");
}

ControlReply reload(VerbCall& call) {
  if (call.ports.live == nullptr) return refuse(call, kNotRunning);
  const auto reloaded = call.ports.live->reload();
  if (!reloaded) return refuse(call, reloaded.error());
  return done(call, "configuration and certificates are read again\n", "{\"reloaded\":true}");
}

ControlReply metrics(VerbCall& call) {
  if (call.ports.live == nullptr) return refuse(call, kNotRunning);
  std::string text = call.ports.live->metrics();
  std::string json = "{\"metrics\":" + json_quote(text) + "}";
  return done(call, std::move(text), std::move(json));
}

ControlReply version(VerbCall& call) {
  const std::string number = CONFAB_VERSION;
  return done(
      call, "confab " + number + "\n",
      "{\"version\":" + json_quote(number) + ",\"running\":" + (call.ports.live != nullptr ? "true" : "false") + "}");
}

}  // namespace confab::app
