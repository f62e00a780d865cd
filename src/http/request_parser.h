// HTTP/1.1 requests out of a stream of bytes (RFC 9112): the head, strictly and within bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/line_reader.h"

namespace confab::http {

struct HeaderField {
  std::string name;  // lower case
  std::string value;
};

struct Request {
  std::string method;
  std::string target;  // as sent: "/healthz?x=1"
  int minor = 1;       // HTTP/1.minor
  std::vector<HeaderField> fields;
  std::string body;  // empty as the parser gives it

  const std::string* find(std::string_view lower_name) const;  // the first of that name; nullptr: none
  std::size_t count(std::string_view lower_name) const;
  // The elements of comma lists, of all fields of that name (RFC 9110 §5.6.1); and whether a token is among them, in
  // any case.
  std::vector<std::string_view> list(std::string_view lower_name) const;
  bool lists(std::string_view lower_name, std::string_view lower_token) const;
  // Of the target, also where that is a whole URI (RFC 9112 §3.2.2): as sent, still percent-encoded.
  std::string_view path() const;   // before "?"; "*" of OPTIONS is one
  std::string_view query() const;  // behind "?"
  bool keeps_alive() const;        // RFC 9112 §9.3
  bool has_body() const;           // announces one: Transfer-Encoding, or a Content-Length above 0
};

// One line of a head or a trailer. Errors: bad_frame.
Result<HeaderField> read_field(std::string_view line);

// Reads one line that ends in CRLF at a time; anything that two readers could read differently is refused: bare LF or
// CR, folded lines, spaces before a colon, two Hosts, Content-Length twice or beside Transfer-Encoding, a coding behind
// "chunked" (RFC 9112 §11.2). Lives on: the connection's shard.
class RequestParser {
 public:
  explicit RequestParser(std::size_t max_head) : max_head_(max_head), lines_(max_head) {}

  // Takes bytes off the front of `bytes` until a head is complete. nullopt: more is needed, and `bytes` is empty.
  // Errors: bad_frame; too_big for a head beyond the limit; unsupported for another version than HTTP/1.x.
  // After an error nothing more can be read.
  Result<std::optional<Request>> read(std::string_view& bytes);

  // Nothing of a next request has arrived.
  bool idle() const { return lines_.idle() && !begun_; }

 private:
  Result<> read_request_line();
  Result<> check_head() const;

  const std::size_t max_head_;
  LineReader lines_;
  bool begun_ = false;  // the request line has been read
  Request request_;
};

}  // namespace confab::http
