// The client's side of a SCRAM login (RFC 5802 §5), without I/O: for the load generator, tests and command-line
// clients.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/scram.h"
#include "base/result.h"

namespace confab::auth {

// What a client logs in with. `password` is prepared.
struct ScramLogin {
  std::string username;
  std::string password;
  std::string authzid;
  std::optional<ChannelBinding> binding;  // what PLUS binds to, or with a mechanism without PLUS: "y", could have
};

// PBKDF2's result: a client that logs in again with the same salt and iterations need not compute it again.
struct SaltedPassword {
  std::string salt;
  int iterations = 0;
  std::string bytes;
};

// One login: first, on_challenge, on_server_final. Lives on: one thread.
class ScramClient {
 public:
  // A PLUS mechanism needs `login.binding`. `nonce`: make_nonce.
  ScramClient(ScramMechanism mechanism, ScramLogin login, std::string nonce);

  // Used if the server's salt and iterations are these.
  void use(SaltedPassword known) { salted_ = std::move(known); }
  const SaltedPassword& salted() const { return salted_; }

  std::string first();
  Result<std::string> on_challenge(std::string_view message);

  // Success means that the server knew the keys, too. not_authorized: it didn't, or said "e=".
  Result<> on_server_final(std::string_view message);

 private:
  ScramMechanism mechanism_;
  ScramLogin login_;
  std::string nonce_;
  SaltedPassword salted_;
  std::string gs2_header_;
  std::string first_bare_;
  std::string server_signature_;
};

}  // namespace confab::auth
