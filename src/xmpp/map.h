// Between the wire's words and the domain's: the one table of refusals.
#pragma once

#include "base/result.h"
#include "session/session.h"
#include "xml/reader.h"
#include "xmpp/stanza_error.h"

namespace confab::xmpp {

// Errc -> stanza error (RFC 6120 §8.3.3), for requests that the server itself answers.
StanzaError stanza_error_of(Errc code);
// The same for what should have been delivered to somebody. `foreign`: to another domain than ours.
StanzaError delivery_error_of(Errc code, bool foreign);

// Why reading failed, and why a session ends -> stream error condition (RFC 6120 §4.9.3). Empty: none is sent.
std::string_view stream_condition_of(xml::Problem problem);
std::string_view stream_condition_of(session::CloseReason reason);

}  // namespace confab::xmpp
