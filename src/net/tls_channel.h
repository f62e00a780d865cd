// TLS on one connection's descriptor, as the server.
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/timer_wheel.h"
#include "net/tls_context.h"
#include "session/session.h"

namespace confab::net {

// Never blocks. Lives on: one shard at a time.
class TlsChannel {
 public:
  enum class Step : unsigned char {
    done,
    want_read,   // try again when the descriptor is readable
    want_write,  // … writable
    closed,      // the peer said goodbye, or the end of file came
    broken,
  };

  // `profile` and `descriptor` outlive this.
  TlsChannel(const TlsProfile& profile, int descriptor);
  ~TlsChannel();

  Step handshake();
  Step read(std::span<std::byte> into, std::size_t& count);
  Step write(std::string_view bytes, std::size_t& count);  // done: at least one byte was taken
  bool has_pending() const;                                // bytes that no readiness will tell of
  void say_goodbye();                                      // close_notify, if there is room for it
  session::TlsInfo info() const;

 private:
  Step step_of(int result) const;

  SSL* ssl_;
};

}  // namespace confab::net
