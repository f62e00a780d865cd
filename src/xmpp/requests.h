// The requests that a session has made of the domain and that are not answered yet, in order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "session/session.h"
#include "xmpp/extension.h"

namespace confab::xmpp {

struct Request {
  // silent: whatever the answer, nobody is told.
  enum class Kind : std::uint8_t { none, silent, login, enrol, bind, message, presence, forward, iq, archive, roster };
  Kind kind = Kind::none;
  bool done = false;
  bool holds = false;         // the acknowledgement of `stanza` waits for it (XEP-0198)
  bool refusals_too = false;  // `then` wants Refused
  bool told = false;          // the answer is told as an event, instead of being sent (NodeView::made_of)
  IqType iq_type = IqType::get;
  IqTo iq_to = IqTo::self;
  std::uint32_t stanza = 0;  // which of the client's stanzas asked, counted as XEP-0198 counts
  std::string id;            // of the stanza
  std::string to;            // as the client addressed it
  Iq::Then then;
};

// Ids are dense, so finding one is arithmetic. Lives on: one thread at a time.
class Requests {
 public:
  session::RequestId add(Request request);
  // Takes out what `id` was for; kind none: unknown. What is done at the front is forgotten.
  Request take(session::RequestId id);

  // The client's first stanza whose effects are not all known; `count` if there is none.
  std::uint32_t settled(std::uint32_t count) const;
  // Nothing holds an acknowledgement any more: the client counts anew.
  void release_holds();

  std::size_t size() const { return items_.size() - head_; }

 private:
  void forget_done();

  std::vector<Request> items_;
  std::size_t head_ = 0;
  session::RequestId first_ = 1;  // the id of items_[head_]
};

}  // namespace confab::xmpp
