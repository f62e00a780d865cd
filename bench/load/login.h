// An XMPP client's way from the stream's header to a bound resource (RFC 6120 §§4-7), without I/O.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "auth/scram_client.h"

namespace confab::load {

struct Account {
  std::string user;
  std::string password;
  std::string resource;
};

// PBKDF2's results by user: thousands of logins then cost a client two HMACs each.
using SaltedPasswords = std::map<std::string, auth::SaltedPassword>;

// The client's part of a SCRAM nonce.
std::string fresh_nonce();

class Login {
 public:
  // `mechanism`: the only one to use; empty: the best of SCRAM-SHA-256, SCRAM-SHA-1, PLAIN that is offered.
  Login(Account account, std::string domain, bool starttls, std::string mechanism, SaltedPasswords& salted);

  // What follows from a stanza. Nothing but `send` set: goes on.
  struct Step {
    std::string send;
    bool start_tls = false;
    bool restart = false;  // the server begins a new stream
    bool bound = false;
    std::string failure;
  };

  // The stream's header, to be sent at the beginning and after TLS.
  std::string header() const;
  Step on_stanza(std::string_view stanza);

  // The full JID, once bound.
  const std::string& jid() const { return jid_; }

 private:
  Step on_features(std::string_view features);
  Step authenticate(std::string_view features);
  Step on_challenge(std::string_view challenge);
  Step on_success(std::string_view success);
  std::string choose(std::string_view features) const;

  Account account_;
  std::string domain_;
  bool starttls_ = false;
  std::string mechanism_;
  SaltedPasswords& salted_;
  std::optional<auth::ScramClient> scram_;
  bool secured_ = false;
  bool authenticated_ = false;
  std::string jid_;
};

}  // namespace confab::load
