// A connection's way to its account: a password in CONNECT, or enhanced authentication by SCRAM (MQTT 5 §4.12). Given
// back once it has succeeded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/scram_server.h"
#include "core/command.h"
#include "mqtt/packet.h"
#include "mqtt/site.h"
#include "session/session.h"

namespace confab::mqtt {

// Lives on: the connection's shard.
class Login {
 public:
  Login(const Site& site, std::string peer_address, bool password_may_go, bool anonymous)
      : site_(site), peer_address_(std::move(peer_address)), password_may_go_(password_may_go), anonymous_(anonymous) {}

  // What the session has to do next.
  struct Step {
    enum class What : std::uint8_t { challenge, success, failure, ask };
    What what = What::failure;
    std::string bytes;                       // Authentication Data of a challenge, and of success
    Reason reason = Reason::not_authorized;  // failure
    milliseconds delay{0};                   // failure: how long to wait with it
    std::optional<core::Command> command;    // ask
  };

  Step on_connect(const Connect& connect);
  Step on_auth(const Auth& auth);
  // A new authentication of a session that is open (§4.12.1): with the method that it began with, for the same name.
  void bind(std::string name, std::string method) {
    bound_ = std::move(name);
    method_ = std::move(method);
  }
  Step on_again(const Auth& auth);
  Step on_reply(const core::Reply& reply);

  const std::string& name() const { return name_; }  // the prepared local part; empty: nobody
  const std::string& method() const { return method_; }

 private:
  enum class Wanted : std::uint8_t { nothing, first, verdict, credentials, final };

  Step on_password(const Connect& connect);
  Step on_first(std::string_view bytes);
  Step on_credentials(const core::CredentialsFound& found);
  Step on_final(std::string_view bytes);
  bool take_name(std::string_view text);
  Step fail_with(Reason reason);
  Step refuse();  // a failed login, counted
  Step succeed(std::string bytes);

  const Site& site_;
  const std::string peer_address_;
  const bool password_may_go_;
  const bool anonymous_;
  Wanted wanted_ = Wanted::nothing;
  bool nobody_ = false;  // the name is not an account's
  std::string name_;
  std::string bound_;   // the name that a new authentication must be for
  std::string method_;  // empty: a password, or nothing
  std::optional<auth::ScramServer> scram_;
};

}  // namespace confab::mqtt
