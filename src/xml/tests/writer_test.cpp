#include "xml/writer.h"

#include <doctest/doctest.h>

#include <random>

#include "xml/reader.h"

using namespace confab::xml;

namespace {
constexpr Scope kStream{"jabber:client", "stream", "http://etherx.jabber.org/streams"};

std::string random_text(std::mt19937& random) {
  static constexpr std::string_view kPieces[] = {
      "a",    "<", ">", "&", "'", "\"", "\t", "\n", "\r", "]]>", " ", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
      "&amp;"};
  std::string out;
  for (std::size_t n = random() % 6; n > 0; --n) out += kPieces[random() % std::size(kPieces)];
  return out;
}

void grow(Element& at, std::mt19937& random, int depth) {
  static constexpr std::string_view kSpaces[] = {"", "u", "urn:v", "a'<&>\"", kXmlNs};
  static constexpr std::string_view kNames[] = {"a", "b", "\xC3\xA9", "lang"};
  const auto space = [&random] { return kSpaces[random() % std::size(kSpaces)]; };
  const auto name = [&random] { return kNames[random() % std::size(kNames)]; };
  for (std::size_t n = random() % 4; n > 0; --n) at.set_in(space(), name(), random_text(random));
  for (std::size_t n = random() % 4; n > 0 && depth > 0; --n) {
    at.text(random_text(random));
    grow(at.add(name(), space()), random, depth - 1);
  }
  at.text(random_text(random));
}
}  // namespace

TEST_CASE("whatever tree is written is read back equal") {
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    Document document;
    Element& element = document.make("root", i % 2 == 0 ? "" : "urn:v");
    grow(element, random, 4);
    const std::string written = to_string(element);
    Document again;
    const auto read = read_document(written, {}, again);
    CAPTURE(written);
    REQUIRE(read);
    REQUIRE(equal(**read, element));
    REQUIRE(to_string(**read) == written);
  }
}

TEST_CASE("a namespace is declared where it changes") {
  Document d;
  Element& a = d.make("a", "u");
  a.add("b").add("c", "v").add("d", "u");
  a.add("e", "");
  CHECK(to_string(a, "u") == "<a><b><c xmlns='v'><d xmlns='u'/></c></b><e xmlns=''/></a>");
  CHECK(to_string(d.make("a", "")) == "<a/>");
}

TEST_CASE("attributes in namespaces get a prefix on the spot, elements of xml's keep it") {
  Document d;
  CHECK(to_string(d.make("a", "").set_in("urn:p", "x", "1").set_in("urn:q", "x", "2").set_lang("de")) ==
        "<a xmlns:n0='urn:p' n0:x='1' xmlns:n1='urn:q' n1:x='2' xml:lang='de'/>");
  CHECK(to_string(d.make("a", kXmlNs)) == "<xml:a/>");
}

TEST_CASE("a stream: open tag, stanzas under it, close tag") {
  Document d;
  const Element& root = d.make("stream", kStream.prefix_ns).set("id", "x'1").set("version", "1.0").set_lang("en");
  std::string out;
  write_open_tag(root, out, kStream);
  Element& features = d.make("features", kStream.prefix_ns);
  features.add("starttls", "urn:ietf:params:xml:ns:xmpp-tls").add("required");
  write(features, out, kStream);
  write(d.make("presence", "jabber:client"), out, kStream);
  write_close_tag(root, out, kStream);
  CHECK(out ==
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='x&apos;1' "
        "version='1.0' xml:lang='en'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/>"
        "</starttls></stream:features><presence/></stream:stream>");
  Reader reader;
  reader.feed(out);
  CHECK(equal(*reader.next()->element, root));
  CHECK(equal(*reader.next()->element, features));
  CHECK(reader.next()->element->is("presence", "jabber:client"));
  CHECK(reader.next()->kind == Item::Kind::stream_close);
}

TEST_CASE("escaping; what XML cannot carry is replaced") {
  std::string out;
  append_escaped_text(out, "<a>&'\"\t\n\r]]>");
  CHECK(out == "&lt;a&gt;&amp;'\"\t\n&#13;]]&gt;");
  out.clear();
  append_escaped_attr(out, "<a>&'\"\t\n\r");
  CHECK(out == "&lt;a&gt;&amp;&apos;&quot;&#9;&#10;&#13;");
  out.clear();
  append_escaped_text(out, std::string_view("a\0b\x1B\xFF\xED\xA0\x80\xEF\xBF\xBE\xC3\xA9\xE2\x82", 15));
  CHECK(is_xml_text(out));
  CHECK(
      out.starts_with("a\xEF\xBF\xBD"
                      "b\xEF\xBF\xBD\xEF\xBF\xBD"));
  CHECK(out.find("\xC3\xA9") != std::string::npos);
}

TEST_CASE("is_xml_text") {
  CHECK(is_xml_text(""));
  CHECK(is_xml_text("a\t\n\r\xC3\xA9\xF0\x9F\x98\x80"));
  CHECK_FALSE(is_xml_text("\x01"));
  CHECK_FALSE(is_xml_text(std::string_view("\0", 1)));
  CHECK_FALSE(is_xml_text("\xEF\xBF\xBF"));
  CHECK_FALSE(is_xml_text("\xC3"));
}
