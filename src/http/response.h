// An answer as a value, and its bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/request_parser.h"

namespace confab::http {

struct Response {
  int status = 200;
  std::string type;  // Content-Type; empty: not said
  std::string body;
  std::vector<HeaderField> fields;  // further ones; one that is no field of HTTP's grammar is left out
};

// What the request says of its answer.
struct Terms {
  bool head = false;                // HEAD: no body, but its length
  bool keep = true;                 // the connection stays
  std::vector<HeaderField> fields;  // of every answer to it: http/cors.h
};

// Says Content-Length wherever there is one (RFC 9110 §8.6), and no-store unless the response says better.
void write_response(const Response& response, const Terms& terms, std::string& to);

// A line of text: the reason, for a status that needs no other words.
Response plain_response(int status);

// "Not Found" for 404; "Error" for codes that we never send.
std::string_view reason_of(int status);

}  // namespace confab::http
