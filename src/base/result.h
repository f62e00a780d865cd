// Result<T>: a value, or why there is none. For the peer's faults and the environment's; our own bugs assert and abort.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace confab {

// Every kind of failure that travels as a value. A wire maps each to its own error once, in its `map`.
enum class Errc : unsigned char {
  bad_frame,       // not well-formed on its wire: the connection ends
  bad_payload,     // well-formed, but a part breaks its specification
  bad_address,     // not an address after preparation
  too_big,         // over a limit of size, depth or count
  too_fast,        // over a rate limit, or too many at once
  not_authorized,  // unknown name, wrong password, or not logged in: never told apart
  forbidden,       // known, but not allowed
  blocked,         // refused by the recipient's block list or policy
  not_found,       // no such account, item or session
  conflict,        // exists already, or changed meanwhile
  not_allowed,     // switched off by configuration
  unsupported,     // understood, but not offered
  unavailable,     // the store, the disk or another node does not answer: may be tried again
  no_space,        // the disk is full: refused until there is room
  closed,          // the session or the server is going away
  no_message,      // no such earlier message, or not its author's to change
};

// The name of `code`, as it stands in logs and on the control socket.
std::string_view to_string(Errc code);

struct Error {
  Errc code = Errc::bad_frame;
  std::string text;  // for logs and humans; never a secret, never a message body
};

template <class T = void>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Errc code, std::string_view text = {}) {
  return tl::unexpected<Error>(Error{code, std::string(text)});
}
inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace confab
