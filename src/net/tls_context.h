// The server's certificate and the rules of TLS, as new connections get them.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"

namespace confab::net {

// TLS 1.2 and 1.3 with forward secrecy and AEAD only (RFC 7590, RFC 9325). Lives on: anywhere.
class TlsContext {
 public:
  // PEM files; `certificate` holds the chain, the server's own first. Errors: not_found, bad_payload.
  static Result<std::shared_ptr<TlsContext>> load(const std::filesystem::path& certificate,
                                                  const std::filesystem::path& key);

  // The same files, or others: connections made from now on get them, those that are there stay as they are. If it
  // fails, nothing changed.
  Result<> reload(const std::filesystem::path& certificate, const std::filesystem::path& key);

  // A new connection's state; null when memory is short. The caller frees it (SSL_free).
  SSL* make_connection() const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const;
  };
  using Handle = std::unique_ptr<SSL_CTX, Free>;

  static Result<Handle> make(const std::filesystem::path& certificate, const std::filesystem::path& key);

  mutable std::mutex mutex_;
  Handle current_;
};

// How one listener speaks TLS. Immutable.
struct TlsProfile {
  std::shared_ptr<TlsContext> context;
  // By preference. A client that offers ALPN must offer one of them (RFC 7301 §3.2); empty: ALPN is not looked at.
  std::vector<std::string> alpn;
};

}  // namespace confab::net
