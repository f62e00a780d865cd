#include "http/response.h"

#include <algorithm>
#include <array>
#include <utility>

#include "http/syntax.h"

namespace confab::http {
namespace {

// What the session itself says.
bool is_own(std::string_view lower_name) {
  constexpr std::array<std::string_view, 4> kOwn{"connection", "content-length", "content-type", "transfer-encoding"};
  return std::find(kOwn.begin(), kOwn.end(), lower_name) != kOwn.end();
}

void write_fields(const std::vector<HeaderField>& fields, std::string& to) {
  for (const HeaderField& field : fields) {
    if (!is_token(field.name) || !is_value(field.value) || is_own(to_lower(field.name))) continue;
    to.append(field.name).append(": ").append(field.value).append("\r\n");
  }
}

bool says(const std::vector<HeaderField>& fields, std::string_view lower_name) {
  return std::any_of(fields.begin(), fields.end(),
                     [&](const HeaderField& field) { return to_lower(field.name) == lower_name; });
}

}  // namespace

std::string_view reason_of(int status) {
  static constexpr auto kReasons = std::to_array<std::pair<int, std::string_view>>({
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {416, "Range Not Satisfiable"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {426, "Upgrade Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {460, "Checksum Mismatch"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
  });
  for (const auto& [code, reason] : kReasons) {
    if (code == status) return reason;
  }
  return "Error";
}

Response plain_response(int status) {
  return {status, "text/plain; charset=utf-8", std::string(reason_of(status)) + "\n", {}};
}

void write_response(const Response& response, const Terms& terms, std::string& to) {
  const bool content = response.status >= 200 && response.status != 204 && response.status != 304;
  to.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  to.append(reason_of(response.status)).append("\r\n");
  if (content && !response.type.empty() && is_value(response.type)) {
    to.append("Content-Type: ").append(response.type).append("\r\n");
  }
  if (content) to.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  if (!says(response.fields, "cache-control")) to.append("Cache-Control: no-store\r\n");
  to.append("X-Content-Type-Options: nosniff\r\n");
  write_fields(response.fields, to);
  write_fields(terms.fields, to);
  if (response.status == 426) {
    to.append("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade, close\r\n");
  } else if (!terms.keep) {
    to.append("Connection: close\r\n");
  }
  to.append("\r\n");
  if (content && !terms.head) to.append(response.body);
}

}  // namespace confab::http
