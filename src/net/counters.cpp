#include "net/counters.h"

namespace confab::net {

const char* name_of(session::CloseReason reason) {
  using session::CloseReason;
  switch (reason) {
    case CloseReason::peer_closed:
      return "peer_closed";
    case CloseReason::reset:
      return "reset";
    case CloseReason::finished:
      return "finished";
    case CloseReason::timed_out:
      return "timed_out";
    case CloseReason::slow_reader:
      return "slow_reader";
    case CloseReason::shutdown:
      return "shutdown";
    case CloseReason::replaced:
      return "replaced";
    case CloseReason::removed:
      return "removed";
    case CloseReason::violation:
      return "violation";
  }
  return "unknown";
}

}  // namespace confab::net
