// XEP-0202 Entity Time. The server lives in UTC.
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "urn:xmpp:time";

void answer_time(const xml::Element&, Iq& iq) {
  xml::Element& time = iq.result().add("time", kNs);
  time.add("tzo").text("+00:00");
  time.add("utc").text(format_utc(iq.place.now.wall));
}

}  // namespace

void install_time(Extensions& on) {
  on.spec("XEP-0202", "2.0", "Entity Time");
  on.feature(kNs).iq(IqType::get, "time", kNs, answer_time);
}

}  // namespace confab::xmpp
