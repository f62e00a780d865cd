// Arbitrary client-first and client-final, up to the first and after the last line feed, against servers of each kind.
#include <cstdint>
#include <cstdlib>

#include "auth/scram_client.h"
#include "auth/scram_server.h"

using namespace confab::auth;

namespace {

void run(bool plus, const std::vector<ChannelBinding>& offered, std::string_view first, std::string_view last) {
  static const ScramKeys kKeys = derive_scram(Hash::sha256, "pencil", "salt", 1);
  ScramServer server({Hash::sha256, plus}, offered, "xyz");
  const auto who = server.on_client_first(first);
  if (!who) return;
  if (who->username.empty()) std::abort();
  const std::string challenge = server.challenge(kKeys);
  // What gets in must have been made from the password, and the corpus's client has another one.
  if (server.on_client_final(last)) std::abort();
  ScramClient client({Hash::sha256, false}, {who->username, "x", who->authzid, {}}, "abc");
  client.first();
  (void)client.on_challenge(challenge);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = input.find('\n');
  const std::string_view first = input.substr(0, line);
  const std::string_view last = line == std::string_view::npos ? std::string_view() : input.substr(line + 1);
  run(false, {}, first, last);
  run(false, {{"tls-exporter", "bytes"}}, first, last);
  run(true, {{"tls-exporter", "bytes"}, {"tls-server-end-point", "hash"}}, first, last);

  ScramClient client({Hash::sha256, false}, {"user", "pencil", {}, {}}, "abc");
  client.first();
  // Iterations are the server's choice: bounded, but too slow for a fuzzer.
  if (first.find(",i=") == std::string_view::npos || first.size() - first.find(",i=") < 6)
    (void)client.on_challenge(first);
  (void)client.on_server_final(last);
  return 0;
}
