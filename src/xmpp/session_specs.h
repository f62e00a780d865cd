// What the machine itself implements, beside the extensions: for docs/xmpp.md.
#pragma once

#include <array>
#include <string_view>

namespace confab::xmpp {

struct SessionSpec {
  std::string_view name;
  std::string_view version;  // of XEPs
  std::string_view title;
  std::string_view file;
  std::string_view features;  // what it advertises, and where
};

inline constexpr std::array kSessionSpecs{
    SessionSpec{"RFC 6120", "", "XMPP: Core", "src/xmpp/session.cpp", ""},
    SessionSpec{"RFC 6121", "", "XMPP: Instant Messaging and Presence", "src/xmpp/stanzas.cpp", "`jabber:iq:roster`"},
    SessionSpec{"RFC 7622", "", "XMPP: Address Format", "src/names/names.cpp", ""},
    SessionSpec{"RFC 7590", "", "Use of TLS in XMPP", "src/xmpp/negotiation.cpp", ""},
    SessionSpec{"RFC 4616", "", "The PLAIN SASL Mechanism", "src/auth/plain.cpp", "SASL mechanism"},
    SessionSpec{"RFC 5802", "", "SCRAM: SCRAM-SHA-1 and SCRAM-SHA-1-PLUS", "src/auth/scram_server.cpp",
                "SASL mechanisms"},
    SessionSpec{"RFC 7677", "", "SCRAM-SHA-256 and SCRAM-SHA-256-PLUS", "src/auth/scram_server.cpp", "SASL mechanisms"},
    SessionSpec{"RFC 5929", "", "Channel Bindings for TLS: tls-server-end-point", "src/net/tls_channel.cpp",
                "by XEP-0440"},
    SessionSpec{"RFC 9266", "", "Channel Bindings for TLS 1.3: tls-exporter", "src/net/tls_channel.cpp", "by XEP-0440"},
    SessionSpec{"XEP-0198", "1.6.3", "Stream Management", "src/xmpp/stream_management.cpp",
                "stream feature `urn:xmpp:sm:3`"},
    SessionSpec{"XEP-0368", "1.1.0", "SRV records for XMPP over TLS", "src/xmpp/protocol.h", "ALPN `xmpp-client`"},
    SessionSpec{"XEP-0440", "1.0.0", "SASL Channel-Binding Type Capability", "src/xmpp/login.cpp",
                "stream feature `urn:xmpp:sasl-cb:0`"},
    SessionSpec{"XEP-0445", "0.2.0", "Pre-Authenticated In-Band Registration", "src/xmpp/enrolment.cpp",
                "stream feature `urn:xmpp:invite`"},
};

}  // namespace confab::xmpp
