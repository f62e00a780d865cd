// What the site's configuration says to the XMPP wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/time.h"

namespace confab::xmpp {

// Where a password may cross an unencrypted connection ([auth] plaintext).
enum class Plaintext : std::uint8_t { never, loopback, always };

// Who may make an account in-band (XEP-0077): everybody, whoever has an invitation (XEP-0445), nobody.
enum class Registration : std::uint8_t { open, invite, closed };

struct Config {
  std::string domain = "localhost";  // prepared
  Plaintext plaintext = Plaintext::loopback;
  bool tls = true;  // a certificate is there: STARTTLS is offered
  bool channel_binding = true;
  Registration registration = Registration::closed;
  std::string direct_tls_listener = "xmpps";

  // Limits. 0 lifts a rate.
  std::uint32_t message_bytes = 262144;  // UTF-8 bytes of the bodies together
  std::uint32_t messages_per_second = 50;
  seconds login_time{30};
  std::uint32_t login_attempts = 5;           // on one connection
  std::uint32_t unacked_stanzas = 2000;       // XEP-0198: kept for resumption, and until the client acknowledges
  std::uint32_t unacked_bytes = 1048576;      // of them together
  seconds resume_time{300};                   // XEP-0198 §5: `max`
  std::uint32_t stanza_bytes_before = 16384;  // before login
  std::uint32_t requests_under_way = 1000;    // beyond it reading pauses
  std::uint32_t caps_cached = 2000;           // XEP-0115: kinds of clients that are remembered
  std::uint32_t interest_bytes = 8192;        // of the nodes that one client wants to be told of

  // After login (rulings.md, "sizes").
  std::uint32_t stanza_bytes() const { return 6 * message_bytes + 65536; }
};

}  // namespace confab::xmpp
