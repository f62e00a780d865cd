#include "core/references.h"

#include <doctest/doctest.h>

using namespace confab;
using namespace confab::core;

namespace {

EventPtr message_named(std::string cid, unsigned char id) {
  Event event;
  event.cid = std::move(cid);
  event.id.bytes[15] = id;
  event.body = Message{};
  return std::make_shared<const Event>(std::move(event));
}

}  // namespace

TEST_CASE("a name is an own one where JSON is spoken, and it begins so") {
  Event event;
  for (const Wire wire : {Wire::mqtt, Wire::http}) {
    event.source = wire;
    CHECK(is_own_name(event, "cid:c1"));
    CHECK_FALSE(is_own_name(event, "c1"));
  }
  for (const Wire wire : {Wire::xmpp, Wire::sip, Wire::none}) {
    event.source = wire;
    CHECK_FALSE(is_own_name(event, "cid:c1"));
  }
}

TEST_CASE("what was found is named as its author named it") {
  const EventPtr original = message_named("c1", 3);
  Event event;
  event.source = Wire::mqtt;
  const auto resolved = [&](std::string name, const EventPtr& found) {
    event.body = Reaction{std::move(name), {}};
    resolve(event, {found});
    return std::get<Reaction>(event.body).about;
  };
  CHECK(resolved(to_string(original->id), original) == "c1");
  CHECK(resolved("cid:c1", original) == "c1");
  CHECK(event.about == std::vector<MsgId>{original->id});
  CHECK(resolved("cid:alias", message_named({}, 4)) == "alias");
  CHECK(resolved("cid:c9", nullptr) == "cid:c9");
  CHECK(event.about.empty());
  event.source = Wire::xmpp;
  CHECK(resolved("cid:c1", message_named("c2", 5)) == "cid:c1");
}
