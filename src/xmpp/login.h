// One connection's way to its account: TLS, SASL (RFC 6120 §5 and §6). Given back once the session is bound.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/scram_server.h"
#include "core/command.h"
#include "session/session.h"
#include "xml/element.h"
#include "xmpp/site.h"

namespace confab::xmpp {

// Lives on: the connection's shard.
class Login {
 public:
  Login(const Site& site, session::PeerInfo peer) : site_(site), peer_(std::move(peer)) {}

  // What the session has to do next.
  struct Step {
    enum class What : std::uint8_t { challenge, success, failure, ask };
    What what = What::failure;
    std::string bytes;                     // challenge, success: to be sent in base64
    bool has_bytes = false;                // success: additional data are there
    std::string_view condition;            // failure (RFC 6120 §6.5)
    milliseconds delay{0};                 // failure: how long to wait with it
    std::optional<core::Command> command;  // ask
  };

  void secured(session::TlsInfo tls) { tls_ = std::move(tls); }
  bool secure() const { return tls_.has_value(); }
  bool password_may_go() const;
  // No login before TLS.
  bool must_secure() const { return !secure() && !password_may_go(); }
  // No further attempt on this connection.
  bool exhausted() const { return attempts_ >= site_.config.login_attempts; }

  void add_mechanisms(xml::Element& features) const;

  Step on_auth(const xml::Element& auth);
  Step on_response(const xml::Element& response);
  Step on_abort() { return fail_with("aborted"); }
  Step on_reply(const core::Reply& reply);

  // Whose password was asked for: the prepared local part.
  const std::string& name() const { return name_; }
  const session::PeerInfo& peer() const { return peer_; }

  // XEP-0445: hash of the invitation that came before the registration; empty: none.
  std::string invite;

  // The failure whose answer waits.
  std::string_view held_failure;

 private:
  enum class Wanted : std::uint8_t { nothing, first, plain_verdict, credentials, final };

  std::vector<auth::ChannelBinding> bindings() const;
  Step on_first(std::string_view bytes);
  Step on_plain(std::string_view bytes);
  Step on_client_first(std::string_view bytes);
  Step on_client_final(std::string_view bytes);
  Step on_credentials(const core::CredentialsFound& found);
  bool take_name(std::string_view authcid);
  bool is_own(std::string_view authzid) const;
  Step fail_with(std::string_view condition);
  Step refuse(std::string_view condition);  // a failed login, counted
  Step succeed(std::string bytes, bool has_bytes);

  const Site& site_;
  session::PeerInfo peer_;
  std::optional<session::TlsInfo> tls_;
  std::uint32_t attempts_ = 0;
  Wanted wanted_ = Wanted::nothing;
  std::string name_;
  bool nobody_ = false;                            // the name is not an account's
  std::optional<auth::ScramMechanism> mechanism_;  // none: PLAIN
  std::optional<auth::ScramServer> scram_;
};

}  // namespace confab::xmpp
