// XEP-0092 Software Version. The operating system is nobody's business (§5).
#include "xmpp/extension.h"

namespace confab::xmpp {
namespace {

constexpr std::string_view kNs = "jabber:iq:version";

void answer_version(const xml::Element&, Iq& iq) {
  xml::Element& query = iq.result().add("query", kNs);
  query.add("name").text("Confab");
  query.add("version").text(CONFAB_VERSION);
}

}  // namespace

void install_version(Extensions& on) {
  on.spec("XEP-0092", "1.1", "Software Version");
  on.feature(kNs).iq(IqType::get, "query", kNs, answer_version, IqTo::server);
}

}  // namespace confab::xmpp
