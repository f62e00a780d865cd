#include "websocket/frame.h"

namespace confab::websocket {

// 1012 to 1014 came into IANA's table after RFC 6455; 3000 to 4999 are for libraries and applications.
bool is_sendable(CloseCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  if (number >= 3000) return number <= 4999;
  return (number >= 1000 && number <= 1003) || (number >= 1007 && number <= 1014);
}

CloseCode close_code_of(Errc code) {
  switch (code) {
    case Errc::unsupported:
      return CloseCode::unsupported;
    case Errc::bad_payload:
      return CloseCode::invalid_payload;
    case Errc::too_big:
      return CloseCode::too_big;
    default:
      return CloseCode::protocol_error;
  }
}

}  // namespace confab::websocket
