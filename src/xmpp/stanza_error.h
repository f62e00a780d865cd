// The stanza errors of RFC 6120 §8.3.3, each with the type that goes with it.
#pragma once

#include <string_view>

namespace confab::xmpp {

inline constexpr std::string_view kStanzasNs = "urn:ietf:params:xml:ns:xmpp-stanzas";

struct StanzaError {
  std::string_view type;
  std::string_view condition;
  bool operator==(const StanzaError&) const = default;
};

inline constexpr StanzaError kBadRequest{"modify", "bad-request"};
inline constexpr StanzaError kConflict{"cancel", "conflict"};
inline constexpr StanzaError kFeatureNotImplemented{"cancel", "feature-not-implemented"};
inline constexpr StanzaError kForbidden{"auth", "forbidden"};
inline constexpr StanzaError kInternalServerError{"cancel", "internal-server-error"};
inline constexpr StanzaError kItemNotFound{"cancel", "item-not-found"};
inline constexpr StanzaError kJidMalformed{"modify", "jid-malformed"};
inline constexpr StanzaError kNotAcceptable{"modify", "not-acceptable"};
inline constexpr StanzaError kNotAllowed{"cancel", "not-allowed"};
inline constexpr StanzaError kNotAuthorized{"auth", "not-authorized"};
inline constexpr StanzaError kPolicyViolation{"modify", "policy-violation"};
inline constexpr StanzaError kRemoteServerNotFound{"cancel", "remote-server-not-found"};
inline constexpr StanzaError kResourceConstraint{"wait", "resource-constraint"};
inline constexpr StanzaError kServiceUnavailable{"cancel", "service-unavailable"};
inline constexpr StanzaError kUnexpectedRequest{"wait", "unexpected-request"};

}  // namespace confab::xmpp
