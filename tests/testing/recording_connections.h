// Connections without sockets: keeps what the domain tells each of them.
#pragma once

#include <map>
#include <vector>

#include "session/domain.h"

namespace confab::testing {

// Lives on: one thread.
class RecordingConnections final : public session::Connections {
 public:
  struct Told {
    std::vector<core::Delivery> deliveries;
    std::vector<core::TopicDelivery> topics;
    std::map<session::RequestId, core::Reply> replies;
    std::vector<session::CloseReason> ends;
    int answers = 0;  // replies are never doubled: as many as there are in `replies`
  };

  void deliver(session::ConnectionId to, const core::Delivery& delivery) override {
    told_[to.number].deliveries.push_back(delivery);
  }
  void deliver(session::ConnectionId to, const core::TopicDelivery& delivery) override {
    told_[to.number].topics.push_back(delivery);
  }
  void reply(session::ConnectionId to, session::RequestId request, const core::Reply& reply) override {
    Told& told = told_[to.number];
    told.replies.insert_or_assign(request, reply);
    ++told.answers;
  }
  void end(session::ConnectionId connection, session::CloseReason reason) override {
    told_[connection.number].ends.push_back(reason);
  }

  Told& told(session::ConnectionId connection) { return told_[connection.number]; }

 private:
  std::map<std::uint64_t, Told> told_;
};

}  // namespace confab::testing
