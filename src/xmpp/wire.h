// The stream around the stanzas: headers, errors, and how elements are written (RFC 6120 §4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "xml/element.h"
#include "xml/reader.h"
#include "xml/writer.h"
#include "xmpp/config.h"
#include "xmpp/extension.h"

namespace confab::xmpp {

inline constexpr std::string_view kStreamNs = "http://etherx.jabber.org/streams";
inline constexpr std::string_view kStreamErrorNs = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr std::string_view kTlsNs = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr std::string_view kSaslNs = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr std::string_view kBindNs = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr std::string_view kSessionNs = "urn:ietf:params:xml:ns:xmpp-session";
inline constexpr std::string_view kSmNs = "urn:xmpp:sm:3";
inline constexpr std::string_view kRosterNs = "jabber:iq:roster";
inline constexpr std::string_view kRegisterNs = "jabber:iq:register";
inline constexpr std::string_view kPreauthNs = "urn:xmpp:pars:0";  // XEP-0445

inline constexpr xml::Scope kScope{kClientNs, "stream", kStreamNs};

// What one stanza may have: `bytes` of it, and a number of elements that a stanza of that size may reasonably need.
xml::Limits limits_for(std::uint32_t bytes);
// The same before login: what a stranger has half sent stays small (an element costs 100 bytes, an attribute 60).
xml::Limits limits_before_login(std::uint32_t bytes);

// The stream error condition that a root's start tag deserves (RFC 6120 §4.7 to §4.9); empty: none.
std::string_view check_stream_header(const xml::Element& root, std::string_view default_ns, const Config& config);

// Our own header. `to`: the client's `from`, if it named one.
void write_stream_header(std::string& out, std::string_view domain, std::string_view id, std::string_view to,
                         std::string_view lang);
void write_stream_error(std::string& out, std::string_view condition, std::string_view text = {});
inline constexpr std::string_view kStreamEnd = "</stream:stream>";

// 16 characters that nobody guesses.
std::string random_id(const RandomBytes& random);

// A stanza of type "error" that answers `stanza` (RFC 6120 §8.3.1), with its addresses turned around.
xml::Element& make_error(xml::Document& document, const xml::Element& stanza, StanzaError error,
                         std::string_view text = {});
// The same where the stanza itself has gone.
xml::Element& make_error(xml::Document& document, std::string_view name, std::string_view id, std::string_view from,
                         StanzaError error, std::string_view text = {});

}  // namespace confab::xmpp
