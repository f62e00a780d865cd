// The server's side of a SCRAM login (RFC 5802 §5), without I/O.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credentials.h"
#include "auth/scram.h"
#include "base/result.h"

namespace confab::auth {

// What the client says of itself, "=2C" and "=3D" decoded, not prepared.
struct ClientFirst {
  std::string username;
  std::string authzid;  // empty: the username itself
};

// One login: on_client_first, then challenge, then on_client_final, each once; out of order is malformed. Whether
// authzid may be used is the caller's to decide. Lives on: the connection's shard.
class ScramServer {
 public:
  // `offered`: the bindings of this connection; not empty exactly if -PLUS mechanisms were offered, also for a login
  // without PLUS: that is how a downgrade shows. `nonce`: make_nonce.
  ScramServer(ScramMechanism mechanism, std::vector<ChannelBinding> offered, std::string nonce);

  Result<ClientFirst> on_client_first(std::string_view message);

  // server-first-message. `keys` are of the mechanism's hash: the account's, or decoy's for a name nobody has.
  std::string challenge(const ScramKeys& keys);

  // server-final-message "v=...": the login has succeeded.
  Result<std::string> on_client_final(std::string_view message);

 private:
  enum class Step : unsigned char { client_first, challenge, client_final, over };

  Result<std::string_view> read_gs2_header(std::string_view message, ClientFirst& first);
  Result<> read_binding_flag(std::string_view flag);
  Result<> read_first_bare(std::string_view bare, ClientFirst& first);
  Result<> check_binding(std::string_view input) const;

  ScramMechanism mechanism_;
  std::vector<ChannelBinding> offered_;
  std::string nonce_;  // first the server's part, then the whole
  Step step_ = Step::client_first;
  std::optional<std::size_t> used_;  // into offered_
  std::string gs2_header_;
  std::string auth_message_;  // grows as RFC 5802 §3 joins it
  std::string stored_key_;
  std::string server_key_;
};

}  // namespace confab::auth
