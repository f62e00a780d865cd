#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

TEST_CASE("reactions: XEP-0444 examples 4 to 6") {
  LoggedIn alice;
  const auto* reaction = alice.sends<core::Reaction>(
      "<message to='bob@example.org' id='96d73204' type='chat'><reactions id='744f6e18' xmlns='urn:xmpp:reactions:0'>"
      "<reaction>\xF0\x9F\x91\x8B</reaction><reaction>\xF0\x9F\x90\xA2</reaction><reaction>\xF0\x9F\x91\x8B</reaction>"
      "</reactions><store xmlns='urn:xmpp:hints'/></message>");
  REQUIRE(reaction != nullptr);
  CHECK(reaction->about == "744f6e18");
  CHECK(reaction->set == std::vector<std::string>{"\xF0\x9F\x91\x8B", "\xF0\x9F\x90\xA2"});
  CHECK(has(alice.passed_on(),
            "<reactions xmlns='urn:xmpp:reactions:0' id='744f6e18'><reaction>\xF0\x9F\x91\x8B</reaction>"
            "<reaction>\xF0\x9F\x90\xA2</reaction></reactions>"));
  const auto* none = alice.sends<core::Reaction>(
      "<message to='bob@example.org' type='chat'><reactions id='744f6e18' xmlns='urn:xmpp:reactions:0'/></message>");
  REQUIRE(none != nullptr);
  CHECK(none->set.empty());
}

TEST_CASE("reactions: words that stand in for one are no message, others are") {
  LoggedIn alice;
  const std::string reactions = "<reactions id='1' xmlns='urn:xmpp:reactions:0'><reaction>x</reaction></reactions>";
  alice.asks<core::Send>("<message to='bob@example.org' type='chat'><body>x</body>" + reactions +
                         "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'/></message>");
  CHECK(alice.peer.commands.size() == 1);
  CHECK(has(alice.passed_on(), "<body>x</body>"));
  alice.asks<core::Send>("<message to='bob@example.org' type='chat'><body>hello</body>" + reactions + "</message>");
  CHECK(alice.peer.commands.size() == 2);
}

TEST_CASE("reactions: too many, too long, empty, to nothing") {
  LoggedIn alice;
  const auto error = [&](const std::string& inside, const std::string& id = "1") {
    return alice.peer.feed("<message to='bob@example.org' id='a'><reactions xmlns='urn:xmpp:reactions:0' id='" + id +
                           "'>" + inside + "</reactions></message>");
  };
  CHECK(has(error("<reaction/>"), "bad-request"));
  CHECK(has(error("<reaction>" + std::string(300, 'x') + "</reaction>"), "bad-request"));
  CHECK(has(error("<reaction>x</reaction>", ""), "bad-request"));
  std::string many;
  for (int i = 0; i < 65; ++i) many += "<reaction>" + std::to_string(i) + "</reaction>";
  CHECK(has(error(many), "policy-violation"));
}
