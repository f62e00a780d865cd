// Two shards without sockets: the tests play the kernel, the peers and the domain.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/pumps.h"
#include "testing/fake_loop.h"
#include "testing/fake_stream.h"
#include "testing/recording_session.h"

namespace confab::net {

using testing::FakeLoop;
using testing::FakeStream;
using testing::FakeWire;
using testing::RecordingDomain;
using testing::RecordingSession;
using testing::SessionLog;

struct Link {
  std::shared_ptr<FakeWire> wire = std::make_shared<FakeWire>();
  std::shared_ptr<SessionLog> log = std::make_shared<SessionLog>();
  session::ConnectionId id;
};

struct Site {
  explicit Site(PumpLimits limits = {}) : pumps(0, loop, wheel, limits), other(1, loop2, wheel2, limits) {
    pumps.serve(domain, {&pumps, &other});
    other.serve(domain, {&pumps, &other});
  }
  Link connect(std::function<void(const std::string&, session::Outbox&)> act = {}, std::size_t room = std::size_t(-1)) {
    Link link;
    link.log->act = std::move(act);
    link.wire->room = room;
    link.id = pumps.open(std::make_unique<FakeStream>(link.wire), std::make_unique<RecordingSession>(link.log),
                         {.address = "192.0.2.7", .port = 4, .loopback = false, .listener = "test"});
    return link;
  }
  void turn(milliseconds span = milliseconds(0)) {
    loop.advance(span, &wheel);
    loop2.advance(span, &wheel2);
    for (int i = 0; i < 8; ++i) {
      loop.run();
      pumps.flush();
      loop2.run();
      other.flush();
    }
  }
  FakeLoop loop, loop2;
  TimerWheel wheel{loop.now().mono}, wheel2{loop2.now().mono};
  RecordingDomain domain;
  Pumps pumps, other;
};

inline std::string close_call(session::CloseReason reason) {
  return "close " + std::to_string(static_cast<int>(reason));
}

}  // namespace confab::net
