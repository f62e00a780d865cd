#include "base/result.h"

namespace confab {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::bad_frame:
      return "bad_frame";
    case Errc::bad_payload:
      return "bad_payload";
    case Errc::bad_address:
      return "bad_address";
    case Errc::too_big:
      return "too_big";
    case Errc::too_fast:
      return "too_fast";
    case Errc::not_authorized:
      return "not_authorized";
    case Errc::forbidden:
      return "forbidden";
    case Errc::blocked:
      return "blocked";
    case Errc::not_found:
      return "not_found";
    case Errc::conflict:
      return "conflict";
    case Errc::not_allowed:
      return "not_allowed";
    case Errc::unsupported:
      return "unsupported";
    case Errc::unavailable:
      return "unavailable";
    case Errc::no_space:
      return "no_space";
    case Errc::closed:
      return "closed";
    case Errc::no_message:
      return "no_message";
  }
  return "unknown";
}

}  // namespace confab
