// The control protocol: one line of JSON with the request, one with the reply, then the connection ends.
#pragma once

#include <string>
#include <string_view>

#include "app/control.h"
#include "base/result.h"

namespace confab::app {

inline constexpr std::size_t kMaxRequestBytes = 65536;   // a line, with its line feed
inline constexpr std::size_t kMaxReplyBytes = 64 << 20;  // lists of accounts are long

// {"args":["user","list"],"stdin":"..."}. Errors of decode: bad_payload.
std::string encode_request(const ControlRequest& request);
Result<ControlRequest> decode_request(std::string_view line);

// {"exit":0,"out":"...","err":"..."}
std::string encode_reply(const ControlReply& reply);
Result<ControlReply> decode_reply(std::string_view line);

}  // namespace confab::app
