// What a person is shown on one device: messages as they are after corrections and retractions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/event.h"
#include "xml/element.h"

namespace confab::sim {

// Lives on: the world's one thread.
class Conversation {
 public:
  // A message stanza, as it came or out of what forwarded it.
  void show(const xml::Element& message);
  // The same of an event of the log: what every device should come to.
  void show(const core::Event& event);

  // By the author's id: the text, or kWithdrawn.
  const std::map<std::string, std::string>& texts() const { return texts_; }
  static constexpr const char* kWithdrawn = "(withdrawn)";

 private:
  void say(const std::string& id, const std::string& text);
  std::map<std::string, std::string> texts_;
};

}  // namespace confab::sim
