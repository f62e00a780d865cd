#include "xmpp/map.h"

namespace confab::xmpp {

StanzaError stanza_error_of(Errc code) {
  switch (code) {
    case Errc::bad_frame:
    case Errc::bad_payload:
      return kBadRequest;
    case Errc::bad_address:
      return kJidMalformed;
    case Errc::too_big:
      return kPolicyViolation;
    case Errc::too_fast:
    case Errc::unavailable:
    case Errc::no_space:
      return kResourceConstraint;
    case Errc::not_authorized:
      return kNotAuthorized;
    case Errc::forbidden:
      return kForbidden;
    case Errc::not_found:
    case Errc::no_message:
      return kItemNotFound;
    case Errc::conflict:
      return kConflict;
    case Errc::not_allowed:
      return kNotAllowed;
    case Errc::unsupported:
      return kFeatureNotImplemented;
    case Errc::blocked:
    case Errc::closed:
      return kServiceUnavailable;
  }
  return kInternalServerError;
}

StanzaError delivery_error_of(Errc code, bool foreign) {
  if (foreign && (code == Errc::not_found || code == Errc::unsupported)) return kRemoteServerNotFound;
  // RFC 6121 §8.5.1: whether the account is unknown, blocks the sender or is just away is not told.
  if (code == Errc::not_found || code == Errc::blocked || code == Errc::unsupported) return kServiceUnavailable;
  if (code == Errc::not_allowed) return {"cancel", "not-acceptable"};  // XEP-0191 §3.3, Example 15
  return stanza_error_of(code);
}

std::string_view stream_condition_of(xml::Problem problem) {
  switch (problem) {
    case xml::Problem::restricted_xml:
      return "restricted-xml";
    case xml::Problem::bad_namespace_prefix:
      return "bad-namespace-prefix";
    case xml::Problem::unsupported_encoding:
      return "unsupported-encoding";
    case xml::Problem::too_big:
      return "policy-violation";
    case xml::Problem::none:
    case xml::Problem::not_well_formed:
      break;
  }
  return "not-well-formed";
}

std::string_view stream_condition_of(session::CloseReason reason) {
  using session::CloseReason;
  switch (reason) {
    case CloseReason::replaced:
      return "conflict";
    case CloseReason::shutdown:
      return "system-shutdown";
    case CloseReason::removed:
      return "not-authorized";
    case CloseReason::timed_out:
      return "connection-timeout";
    case CloseReason::slow_reader:
      return "resource-constraint";
    case CloseReason::violation:
      return "policy-violation";
    case CloseReason::peer_closed:
    case CloseReason::reset:
    case CloseReason::finished:
      break;
  }
  return {};
}

}  // namespace confab::xmpp
