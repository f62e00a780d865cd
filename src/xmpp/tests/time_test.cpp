#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("time: XEP-0202 example 1 and 2") {
  LoggedIn alice;
  const std::string answer =
      alice.peer.feed("<iq type='get' to='example.org' id='time_1'><time xmlns='urn:xmpp:time'/></iq>");
  CHECK(canon(answer) == canon("<iq type='result' from='example.org' to='alice@example.org/balcony' id='time_1'>"
                               "<time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>2027-01-15T08:00:00.000Z</utc></time>"
                               "</iq>"));
}
