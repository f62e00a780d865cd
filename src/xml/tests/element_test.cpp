#include "xml/element.h"

#include <doctest/doctest.h>

#include <string>

#include "xml/writer.h"

using namespace confab::xml;

TEST_CASE("an element is built, changed and written") {
  Document document;
  Element& message = document.make("message", "jabber:client");
  message.set("to", "juliet@example.org").set("type", "chat").set_lang("en");
  message.add("body").text("a < b").text(" & c");
  message.add("request", "urn:xmpp:receipts");
  CHECK(to_string(message, "jabber:client") ==
        "<message to='juliet@example.org' type='chat' xml:lang='en'><body>a &lt; b &amp; c</body>"
        "<request xmlns='urn:xmpp:receipts'/></message>");
  message.set("type", "normal").unset("to").unset("nothing");
  CHECK(message.attr("type") == "normal");
  CHECK(message.find_attr("to") == nullptr);
  CHECK(message.lang() == "en");
  message.unset("lang", kXmlNs).set("last", "1");
  CHECK(message.attr("last") == "1");
  CHECK(message.has_child("body", "jabber:client"));
  CHECK_FALSE(message.has_child("body", "jabber:server"));
  CHECK(message.child("request", "urn:xmpp:receipts")->rename("received", "urn:x").is("received", "urn:x"));
}

TEST_CASE("mixed content keeps its order, and texts that meet are one") {
  Document document;
  Element& a = document.make("a", "");
  a.text("1").add("b");
  a.text("2").add("c");
  a.text("3").add("b");
  a.text("").text("4");
  CHECK(to_string(a) == "<a>1<b/>2<c/>3<b/>4</a>");
  CHECK(a.text() == "1234");
  std::size_t children = 0;
  for (const Element& child : a.children()) children += child.name().size();
  CHECK(children == 3);
  CHECK(a.remove("b", "") == 2);
  CHECK(to_string(a) == "<a>12<c/>34</a>");
  a.remove(*a.first_child());
  CHECK(to_string(a) == "<a>1234</a>");
  CHECK(++a.nodes().begin() == a.nodes().end());
  a.remove(document.make("x", ""));
  a.text("5").remove_nodes();
  a.text("6");
  CHECK(to_string(a) == "<a>6</a>");
}

TEST_CASE("a deep copy, into another document and into itself") {
  Document one;
  Element& a = one.make("a", "u");
  a.set("x", "1").text("t").add("b", "v").set_in("urn:p", "y", "2").text("w");
  Document two;
  const Element& copy = two.copy(a);
  CHECK(equal(copy, a));
  a.copy(a);
  CHECK_FALSE(equal(copy, a));
  CHECK(equal(*a.child("a", "u"), copy));
  one.release();
  CHECK(copy.child("b", "v")->attr("y", "urn:p") == "2");
  Document three(std::move(two));
  CHECK(copy.attr("x") == "1");
  CHECK(two.memory() == 0);
}

TEST_CASE("equal sees every difference but the attributes' order") {
  Document d;
  const auto make = [&d]() -> Element& { return d.make("a", "u").set("x", "1").set("y", "2"); };
  CHECK(equal(make(), d.make("a", "u").set("y", "2").set("x", "1")));
  CHECK_FALSE(equal(make(), d.make("b", "u").set("y", "2").set("x", "1")));
  CHECK_FALSE(equal(make(), d.make("a", "v").set("y", "2").set("x", "1")));
  CHECK_FALSE(equal(make(), make().set("z", "")));
  CHECK_FALSE(equal(make().set("z", ""), make()));
  CHECK_FALSE(equal(make(), make().set("x", "2")));
  CHECK_FALSE(equal(make(), make().text("t")));
  CHECK_FALSE(equal(make().text("t"), make().text("s")));
  CHECK_FALSE(equal(make().text("b"), make().copy(d.make("b", ""))));
}

TEST_CASE("a cleared document is used again without growing") {
  Document document;
  CHECK(document.memory() == 0);
  std::size_t memory = 0;
  for (int i = 0; i < 5; ++i) {
    document.clear();
    document.make("a", "b").text(std::string(100000, 'x'));
    if (i > 0) CHECK(document.memory() == memory);
    memory = document.memory();
  }
  document.clear();
  CHECK(document.memory() < 1100);
}
