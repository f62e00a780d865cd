#include "xmpp/tests/logged_in.h"

using namespace confab;
using namespace confab::xmpp;

namespace {

const std::string kAtom = "<entry xmlns='http://www.w3.org/2005/Atom'><title>Soliloquy</title></entry>";

std::string iq(const std::string& type, const std::string& content, const std::string& to = {},
               const std::string& ns = "http://jabber.org/protocol/pubsub") {
  return "<iq type='" + type + "' id='1'" + (to.empty() ? "" : " to='" + to + "'") + "><pubsub xmlns='" + ns + "'>" +
         content + "</pubsub></iq>";
}

std::string owner(const std::string& type, const std::string& content) {
  return iq(type, content, {}, "http://jabber.org/protocol/pubsub#owner");
}

std::string form(const std::string& form_type, const std::string& fields, const std::string& type = "submit") {
  return "<x xmlns='jabber:x:data' type='" + type + "'><field var='FORM_TYPE' type='hidden'><value>" +
         "http://jabber.org/protocol/pubsub#" + form_type + "</value></field>" + fields + "</x>";
}

std::string field(const std::string& name, const std::string& value) {
  return "<field var='pubsub#" + name + "'><value>" + value + "</value></field>";
}

std::string publish(const std::string& options = {}) {
  return iq("set", "<publish node='princely_musings'><item id='bnd81g37d61f49fgn581'>" + kAtom + "</item></publish>" +
                       (options.empty() ? "" : "<publish-options>" + options + "</publish-options>"));
}

bool is_error(const std::string& answer, const std::string& condition, const std::string& own = {}) {
  const bool whole = has(answer, "type='error'") && has(answer, "<" + condition + " xmlns='urn:ietf:params");
  return whole && (own.empty() || has(answer, "<" + own + " xmlns='http://jabber.org/protocol/pubsub#errors'"));
}

core::ItemsFound found(std::vector<core::Item> items, std::uint64_t count) {
  core::ItemsFound found;
  found.page.items = std::move(items);
  found.page.count = count;
  return found;
}

}  // namespace

TEST_CASE("pubsub: XEP-0060 examples 99 to 102, an item is published with an id and without") {
  LoggedIn alice;
  const auto* command = alice.asks<core::Publish>(publish());
  REQUIRE(command != nullptr);
  REQUIRE(command->publications.size() == 1);
  const core::Publication& one = command->publications[0];
  CHECK(one.node == "princely_musings");
  CHECK(one.item == "bnd81g37d61f49fgn581");
  CHECK(one.payload == kAtom);
  CHECK(canon(alice.peer.reply(core::ItemsPublished{{"bnd81g37d61f49fgn581"}})) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='1'><pubsub "
              "xmlns='http://jabber.org/protocol/pubsub'><publish node='princely_musings'>"
              "<item id='bnd81g37d61f49fgn581'/></publish></pubsub></iq>"));
  command =
      alice.asks<core::Publish>(iq("set", "<publish node='princely_musings'><item>" + kAtom + "</item></publish>"));
  REQUIRE(command != nullptr);
  CHECK(command->publications[0].item.empty());
  CHECK(has(alice.peer.reply(core::ItemsPublished{{"ae890ac5"}}), "<item id='ae890ac5'/>"));
}

TEST_CASE("pubsub: XEP-0060 example 112, options with a publication") {
  LoggedIn alice;
  const auto* command = alice.asks<core::Publish>(
      publish(form("publish-options", field("access_model", "whitelist") + field("persist_items", "true") +
                                          field("max_items", "max") + field("send_last_published_item", "never"))));
  REQUIRE(command != nullptr);
  const core::NodeOptions& options = command->publications[0].options;
  CHECK(options.access == core::Access::whitelist);
  CHECK(options.persist == true);
  CHECK(options.max_items == core::kMaxItems);
  CHECK(options.send_last == core::SendLast::never);
  CHECK_FALSE(options.notify.has_value());
  CHECK(is_error(alice.peer.reply(core::Refused{Errc::conflict, std::string(core::why::kPrecondition)}), "conflict",
                 "precondition-not-met"));
  // §7.1.5: nobody's business is not passed over, nor what no node here can be.
  for (const char* bad : {"pubsub#moon_phase", "pubsub#item_expire", "pubsub#publish_model"}) {
    const std::string answer = alice.peer.feed(
        publish(form("publish-options", "<field var='" + std::string(bad) + "'><value>full</value></field>")));
    CHECK(is_error(answer, "conflict", "precondition-not-met"));
    CHECK(has(answer, bad));
  }
  CHECK(alice.asks<core::Publish>(publish(form("publish-options", field("publish_model", "publishers")))) != nullptr);
  CHECK(is_error(alice.peer.feed(publish(form("node_config", ""))), "bad-request"));
  CHECK(is_error(alice.peer.feed(publish("<x xmlns='jabber:x:data' type='submit'/>")), "bad-request"));
  CHECK(is_error(alice.peer.feed(publish(form("publish-options", "", "cancel"))), "bad-request"));
  CHECK(is_error(alice.peer.feed(publish(form("publish-options", field("access_model", "paid")))), "not-acceptable",
                 "unsupported-access-model"));
}

TEST_CASE("pubsub: XEP-0060 §7.1.3, what is wrong with a publication is said in its words") {
  LoggedIn alice;
  const auto refused = [&](const std::string& content) { return alice.peer.feed(iq("set", content)); };
  CHECK(is_error(refused("<publish><item>" + kAtom + "</item></publish>"), "bad-request", "nodeid-required"));
  CHECK(is_error(refused("<publish node='n'/>"), "bad-request", "item-required"));
  CHECK(is_error(refused("<publish node='n'><item/></publish>"), "bad-request", "payload-required"));
  CHECK(is_error(refused("<publish node='n'><item>" + kAtom + kAtom + "</item></publish>"), "bad-request",
                 "invalid-payload"));
  CHECK(is_error(refused("<publish node='n'><item>" + kAtom + "</item><item>" + kAtom + "</item></publish>"),
                 "bad-request"));
  CHECK(is_error(refused("<dance/>"), "bad-request"));
  CHECK(
      is_error(alice.peer.feed(iq("set", "<publish node='n'><item>" + kAtom + "</item></publish>", "bob@example.org")),
               "forbidden"));
  CHECK(alice.peer.commands.empty());
  const auto answer = [&](Errc code, const std::string& text) {
    alice.peer.feed(publish());
    return alice.peer.reply(core::Refused{code, text});
  };
  CHECK(is_error(answer(Errc::too_big, "pep_item_bytes"), "not-acceptable", "payload-too-big"));
  CHECK(is_error(answer(Errc::too_big, "pep_bytes"), "policy-violation"));
  CHECK(has(answer(Errc::too_big, "pep_nodes"), "pep_nodes"));
  CHECK(is_error(answer(Errc::no_space, "disk"), "resource-constraint"));
}

TEST_CASE("pubsub: XEP-0060 §6.5, items of the own account and of another") {
  LoggedIn alice;
  const auto* command = alice.asks<core::GetItems>(iq("get", "<items node='princely_musings'/>"));
  REQUIRE(command != nullptr);
  CHECK(command->of.empty());
  CHECK(command->node == "princely_musings");
  CHECK(command->query.ids.empty());
  CHECK(command->query.max == core::kMaxItems);
  CHECK(canon(alice.peer.reply(found({{"1", kAtom, {}}, {"2", "", {}}}, 2))) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='1'><pubsub "
              "xmlns='http://jabber.org/protocol/pubsub'><items node='princely_musings'><item id='1'>" +
              kAtom + "</item><item id='2'/></items></pubsub></iq>"));
  command = alice.asks<core::GetItems>(
      iq("get", "<items node='n' max_items='2'><item id='a'/><item id='b'/></items>", "bob@example.org"));
  REQUIRE(command != nullptr);
  CHECK(command->of == Address{"bob", "example.org", {}});
  CHECK(command->query.ids == std::vector<std::string>{"a", "b"});
  CHECK(command->query.max == 2);
  const std::string answer = alice.peer.reply(found({{"a", kAtom, {}}}, 9));
  CHECK(has(answer, "from='bob@example.org'"));
  CHECK_FALSE(has(answer, "protocol/rsm"));
}

TEST_CASE("pubsub: XEP-0060 §6.5.4, a part of the items, and where it stands") {
  LoggedIn alice;
  const auto* command = alice.asks<core::GetItems>(
      iq("get", "<items node='n'/><set xmlns='http://jabber.org/protocol/rsm'><max>3</max><before>9</before></set>"));
  REQUIRE(command != nullptr);
  CHECK(command->query.max == 3);
  CHECK(command->query.before == "9");
  CHECK(has(alice.peer.reply(found({{"7", kAtom, {}}, {"8", kAtom, {}}}, 19)),
            "<set xmlns='http://jabber.org/protocol/rsm'><first>7</first><last>8</last><count>19</count></set>"));
  command = alice.asks<core::GetItems>(
      iq("get", "<items node='n'/><set xmlns='http://jabber.org/protocol/rsm'><max>0</max><after>9</after></set>"));
  REQUIRE(command != nullptr);
  CHECK(command->query.after == "9");
  CHECK(has(alice.peer.reply(found({}, 19)), "rsm'><count>19</count></set>"));
  CHECK(is_error(alice.peer.feed(iq("get", "<items node='n' max_items='many'/>")), "bad-request"));
  CHECK(is_error(alice.peer.feed(iq("get", "<items/>")), "bad-request", "nodeid-required"));
}

TEST_CASE("pubsub: XEP-0060 §6.5.9, who may not see the items is told why, as far as he may know") {
  LoggedIn alice;
  const auto answer = [&](core::Reply reply) {
    alice.peer.feed(iq("get", "<items node='n'/>", "bob@example.org"));
    return alice.peer.reply(std::move(reply));
  };
  CHECK(is_error(answer(core::Refused{Errc::not_authorized, std::string(core::why::kGroup)}), "not-authorized",
                 "not-in-roster-group"));
  CHECK(is_error(answer(core::Refused{Errc::not_allowed, std::string(core::why::kClosed)}), "not-allowed",
                 "closed-node"));
  CHECK(is_error(answer(core::Refused{Errc::not_found, {}}), "item-not-found"));
  core::ItemsFound transient;
  transient.config.persist = false;
  const std::string none = answer(transient);
  CHECK(is_error(none, "feature-not-implemented", "unsupported"));
  CHECK(has(none, "feature='persistent-items'"));
}

TEST_CASE("pubsub: XEP-0060 examples 115 to 117, items are retracted") {
  LoggedIn alice;
  const auto* command = alice.asks<core::Publish>(
      iq("set", "<retract node='princely_musings' notify='true'><item id='ae890ac5'/></retract>"));
  REQUIRE(command != nullptr);
  CHECK(command->publications.empty());
  REQUIRE(command->retractions.size() == 1);
  CHECK(command->retractions[0].node == "princely_musings");
  CHECK(command->retractions[0].item == "ae890ac5");
  CHECK(command->retractions[0].notify);
  CHECK(canon(alice.peer.reply(core::ItemsPublished{})) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='1'/>"));
  command = alice.asks<core::Publish>(iq("set", "<retract node='n'><item id='i'/></retract>"));
  REQUIRE(command != nullptr);
  CHECK_FALSE(command->retractions[0].notify);
  CHECK(is_error(alice.peer.reply(core::Refused{Errc::not_found, "item"}), "item-not-found"));
  CHECK(is_error(alice.peer.feed(iq("set", "<retract><item id='i'/></retract>")), "bad-request", "nodeid-required"));
  CHECK(is_error(alice.peer.feed(iq("set", "<retract node='n'/>")), "bad-request", "item-required"));
  CHECK(is_error(alice.peer.feed(iq("set", "<retract node='n'><item/></retract>")), "bad-request", "item-required"));
}

TEST_CASE("pubsub: XEP-0060 examples 124 to 132, nodes are created, by name and without") {
  LoggedIn alice;
  const auto* command = alice.asks<core::ConfigureNode>(
      iq("set", "<create node='princely_musings'/><configure>" +
                    form("node_config", field("title", "Princely Musings (Atom)") + field("deliver_payloads", "0") +
                                            field("access_model", "open") + field("max_payload_size", "1028") +
                                            field("notification_type", "normal") + field("body_xslt", "x")) +
                    "</configure>"));
  REQUIRE(command != nullptr);
  CHECK(command->make);
  CHECK(command->node == "princely_musings");
  CHECK(command->options.title == "Princely Musings (Atom)");
  CHECK(command->options.payloads == false);
  CHECK(command->options.access == core::Access::open);
  CHECK(command->options.max_bytes == 1028U);
  CHECK(command->options.headline == false);
  CHECK(canon(alice.peer.reply(core::NodeMade{"princely_musings"})) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='1'/>"));
  alice.peer.feed(iq("set", "<create/>"));
  CHECK(has(alice.peer.reply(core::NodeMade{"25e3d37d"}), "<create node='25e3d37d'/>"));
  alice.peer.feed(iq("set", "<create node='n'/>"));
  CHECK(is_error(alice.peer.reply(core::Refused{Errc::conflict, "node"}), "conflict"));
  for (const char* bad : {"item_expire", "purge_offline", "max_items", "notify_sub", "deliver_notifications"}) {
    const std::string answer = alice.peer.feed(
        iq("set", "<create node='n'/><configure>" + form("node_config", field(bad, "604800")) + "</configure>"));
    const bool number = std::string_view(bad) == "max_items";
    CHECK(is_error(answer, "not-acceptable") != number);
    alice.peer.commands.clear();
  }
}

TEST_CASE("pubsub: XEP-0060 examples 134 to 147, a node's configuration is asked for and changed") {
  LoggedIn alice;
  REQUIRE(alice.asks<core::GetNodes>(owner("get", "<configure node='n'/>")) != nullptr);
  core::NodesFound nodes;
  nodes.nodes = {{"n",
                  {.access = core::Access::roster,
                   .groups = {"friends"},
                   .max_items = core::kMaxItems,
                   .send_last = core::SendLast::on_subscription,
                   .title = "N"}}};
  const std::string answer = alice.peer.reply(nodes);
  CHECK(has(answer, "<configure node='n'><x xmlns='jabber:x:data' type='form'>"));
  for (const char* value : {"</option><value>roster</value></field>", "<value>friends</value>", "<value>max</value>",
                            "</option><value>on_sub</value></field>", "<value>N</value>"}) {
    CAPTURE(value);
    CHECK(has(answer, value));
  }
  // What was given can be submitted as it is.
  const std::size_t start = answer.find("<x xmlns='jabber:x:data'");
  std::string filled = answer.substr(start, answer.find("</x>") + 4 - start);
  filled.replace(filled.find("type='form'"), 11, "type='submit'");
  const auto* command = alice.asks<core::ConfigureNode>(owner("set", "<configure node='n'>" + filled + "</configure>"));
  REQUIRE(command != nullptr);
  CHECK(configured({}, command->options) == nodes.nodes[0].config);
  CHECK(canon(alice.peer.reply(core::NodeMade{"n"})) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='1'/>"));
  CHECK(canon(alice.peer.feed(
            owner("set", "<configure node='n'><x xmlns='jabber:x:data' type='cancel'/></configure>"))) ==
        canon("<iq type='result' to='alice@example.org/balcony' id='1'/>"));
  CHECK(is_error(alice.peer.feed(owner("set", "<configure node='n'/>")), "bad-request"));
  CHECK(is_error(alice.peer.feed(owner("get", "<configure/>")), "bad-request", "nodeid-required"));
  alice.peer.feed(owner("get", "<configure node='m'/>"));
  CHECK(is_error(alice.peer.reply(nodes), "item-not-found"));
  alice.peer.feed(
      owner("set", "<configure node='n'>" + form("node_config", field("max_items", "9999")) + "</configure>"));
  CHECK(is_error(alice.peer.reply(core::Refused{Errc::too_big, "pep_items_per_node"}), "not-acceptable"));
  CHECK(has(alice.peer.feed(owner("get", "<default/>")), "<default><x xmlns='jabber:x:data' type='form'>"));
  CHECK(is_error(alice.peer.feed(owner("get", "<default type='collection'/>")), "feature-not-implemented",
                 "unsupported"));
}

TEST_CASE("pubsub: XEP-0060 examples 155 to 165, nodes are deleted and purged, by their owner alone") {
  LoggedIn alice;
  const auto* command = alice.asks<core::ClearNode>(owner("set", "<delete node='n'/>"));
  REQUIRE(command != nullptr);
  CHECK(command->node == "n");
  CHECK(command->whole);
  CHECK(canon(alice.peer.reply(core::Done{})) == canon("<iq type='result' to='alice@example.org/balcony' id='1'/>"));
  command = alice.asks<core::ClearNode>(owner("set", "<purge node='n'/>"));
  REQUIRE(command != nullptr);
  CHECK_FALSE(command->whole);
  CHECK(is_error(alice.peer.reply(core::Refused{Errc::not_found, "node"}), "item-not-found"));
  CHECK(is_error(alice.peer.feed(owner("set", "<purge/>")), "bad-request", "nodeid-required"));
  for (const char* request : {"<delete node='n'/>", "<purge node='n'/>", "<configure node='n'/>"}) {
    CHECK(is_error(alice.peer.feed(iq("set", request, "bob@example.org", "http://jabber.org/protocol/pubsub#owner")),
                   "forbidden"));
  }
}

TEST_CASE("pubsub: what is not offered is said to be unsupported, by its name") {
  LoggedIn alice;
  const auto feature = [&](const std::string& request, const std::string& name) {
    const std::string answer = alice.peer.feed(request);
    return is_error(answer, "feature-not-implemented", "unsupported") && has(answer, "feature='" + name + "'");
  };
  CHECK(feature(iq("set", "<subscribe node='n' jid='alice@example.org'/>", "bob@example.org"), "subscribe"));
  CHECK(feature(iq("get", "<subscriptions/>"), "retrieve-subscriptions"));
  CHECK(feature(iq("get", "<affiliations/>"), "retrieve-affiliations"));
  CHECK(feature(owner("get", "<affiliations node='n'/>"), "modify-affiliations"));
  CHECK(feature(owner("set", "<subscriptions node='n'/>"), "manage-subscriptions"));
}
