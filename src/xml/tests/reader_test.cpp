#include "xml/reader.h"

#include <doctest/doctest.h>

#include "xml/tests/dump.h"
#include "xml/writer.h"

using namespace confab;
using namespace confab::xml;

namespace {

constexpr std::string_view kOpen =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
    "to='im.example.com' version='1.0' xml:lang='en'>";

Problem problem_of(std::string_view text, const Limits& limits = {}) {
  Document document;
  Problem problem = Problem::none;
  const auto read = read_document(text, limits, document, &problem);
  CHECK(read.has_value() == (problem == Problem::none));
  if (!read) CHECK((read.error().code == Errc::too_big) == (problem == Problem::too_big));
  return problem;
}

Problem stream_problem(std::string_view text, const Limits& limits = {}) {
  const StreamDump whole = dump_stream(text, limits);
  CHECK(whole == dump_stream(text, limits, {1}));
  CHECK(whole == dump_stream(text, limits, {2, 3, 7}));
  return whole.problem;
}

// What the text of the element `text` is.
std::string text_of(std::string_view text) {
  Document document;
  const auto read = read_document(text, {}, document);
  return read ? std::string((*read)->text()) : "refused";
}
std::string value_of(std::string_view text) {
  Document document;
  const auto read = read_document(text, {}, document);
  return read ? std::string((*read)->attr("v")) : "refused";
}
}  // namespace

TEST_CASE("a stream is opened, gives its children, and is closed") {
  Reader reader;
  reader.feed(kOpen);
  auto item = reader.next();
  REQUIRE(item);
  REQUIRE(item->kind == Item::Kind::stream_open);
  CHECK(item->element->is("stream", "http://etherx.jabber.org/streams"));
  CHECK(item->element->attr("to") == "im.example.com");
  CHECK(item->element->lang() == "en");
  CHECK(reader.default_ns() == "jabber:client");

  reader.feed(" \n<message to='a@b'><body>Hi</body></message>  <stream:features/>");
  item = reader.next();
  REQUIRE(item->kind == Item::Kind::element);
  CHECK(item->element->is("message", "jabber:client"));
  CHECK(item->element->child("body", "jabber:client")->text() == "Hi");
  CHECK(reader.next()->element->is("features", "http://etherx.jabber.org/streams"));
  CHECK(reader.next()->kind == Item::Kind::none);

  reader.feed("</stream:stream >\n");
  CHECK(reader.next()->kind == Item::Kind::stream_close);
  CHECK(reader.next()->kind == Item::Kind::none);
  reader.feed("<a/>");
  CHECK_FALSE(reader.next());
  CHECK(reader.problem() == Problem::not_well_formed);
}

TEST_CASE("a root without content is opened and closed") {
  CHECK(dump_stream("<a xmlns='b'/>", {}).closed);
  CHECK(dump_stream("<a></a>", {}).closed);
  CHECK(dump_stream("<p:a xmlns:p='b'></p:a>", {}).closed);
  CHECK(stream_problem("<a//>") == Problem::not_well_formed);
}

TEST_CASE("an error is final until reset") {
  Reader reader;
  reader.feed("<a><b></c>");
  REQUIRE(reader.next());
  const auto failed = reader.next();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::bad_frame);
  reader.feed("<d/>");
  CHECK_FALSE(reader.next());
  reader.reset();
  (void)reader.take_buffered();
  reader.feed("<a>");
  CHECK(reader.next()->kind == Item::Kind::stream_open);
}

TEST_CASE("a new stream begins behind a stanza, with or without the bytes behind it") {
  Reader reader;
  reader.feed(std::string(kOpen) + "<auth/>" + std::string(kOpen) + "<x/>");
  CHECK(reader.next()->kind == Item::Kind::stream_open);
  CHECK(reader.next()->element->name() == "auth");
  const std::size_t left = reader.buffered();
  CHECK(left == kOpen.size() + 4);
  reader.reset();
  CHECK(reader.default_ns().empty());
  CHECK(reader.next()->kind == Item::Kind::stream_open);
  CHECK(reader.take_buffered() == "<x/>");
  CHECK(reader.next()->kind == Item::Kind::none);
}

TEST_CASE("an idle reader holds next to nothing") {
  Reader reader;
  reader.feed(kOpen);
  (void)reader.next();
  (void)reader.next();
  CHECK(sizeof(Reader) + reader.memory() < 200);
  for (int i = 0; i < 3; ++i) {
    reader.feed(std::string(9000, ' ') + "<message><body>" + std::string(9000, 'x') + "</body></message>\n");
    CHECK(reader.next()->kind == Item::Kind::element);
    CHECK(reader.memory() > 9000);
    CHECK(reader.next()->kind == Item::Kind::none);
    CHECK(sizeof(Reader) + reader.memory() < 200);
  }
  reader.feed("<mess");
  CHECK(reader.next()->kind == Item::Kind::none);
  CHECK(sizeof(Reader) + reader.memory() < 1400);
}

TEST_CASE("white space between stanzas has no limit") {
  Limits limits;
  limits.bytes = 64;
  CHECK(dump_stream("<a>" + std::string(5000, '\n') + "<b/>" + std::string(5000, ' ') + "</a>", limits).closed);
}

TEST_CASE("any cut of the bytes gives the same items") {
  const std::string text = std::string(kOpen) +
                           "<m a='1' b=\"&lt;'>\">t\r\n&amp;\xE2\x82\xAC<![CDATA[<x>]]]]>u<n xmlns='' p:q='r' "
                           "xmlns:p='s'/>&#10;</m> <iq/></stream:stream>";
  const StreamDump whole = dump_stream(text, {});
  REQUIRE(whole.closed);
  for (std::size_t first = 1; first < text.size(); ++first) {
    REQUIRE(dump_stream(text, {}, {first, text.size()}) == whole);
    REQUIRE(dump_stream(text, {}, {first}) == whole);
  }
}

TEST_CASE("RFC 6120 section 11.1: comments, instructions, DTDs and entities are refused") {
  for (const char* text :
       {"<a><!-- c --></a>", "<a><?p i?></a>", "<!DOCTYPE a><a/>", "<a><b>&e;</b></a>", "<a b='&e;'/>",
        "<!-- c --><a/>", "<?php x?><a/>", " <?xml version='1.0'?><a/>", "<a><!ENTITY e 'x'></a>"}) {
    CAPTURE(text);
    CHECK(problem_of(text) == Problem::restricted_xml);
    CHECK(stream_problem(text) == Problem::restricted_xml);
  }
}

TEST_CASE("the XML declaration") {
  for (const char* good : {"<?xml version='1.0'?><a/>", "<?xml version=\"1.0\" encoding='utf-8'?>\n<a/>",
                           "<?xml  version = '1.0' encoding='UTF-8' standalone='yes' ?><a/>",
                           "<?xml version='1.0' standalone='no'?><a/>"}) {
    CHECK(problem_of(good) == Problem::none);
  }
  for (const char* bad :
       {"<?xml?><a/>", "<?xml ?><a/>", "<?xml version='1.1'?><a/>", "<?xml encoding='UTF-8'?><a/>",
        "<?xml version='1.0'encoding='UTF-8'?><a/>", "<?xml version='1.0' standalone='x'?><a/>",
        "<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>", "<?xml version='1.0' x='y'?><a/>",
        "<?xml version='1.0' encoding=''?><a/>", "<?xml version=1.0?><a/>"}) {
    CAPTURE(bad);
    CHECK(problem_of(bad) != Problem::none);
  }
  CHECK(problem_of("<?xml version='1.0' encoding='ISO-8859-1'?><a/>") == Problem::unsupported_encoding);
  CHECK(problem_of("<?xml version='1.0' encoding='UTF-16'?><a/>") == Problem::unsupported_encoding);
  CHECK(problem_of("\xEF\xBB\xBF<a/>") == Problem::not_well_formed);  // a byte order mark: RFC 6120 §11.6
}

namespace {
constexpr const char* kNotWellFormed[] = {"<a>",
                                          "<a></b>",
                                          "<a/><b/>",
                                          "<a/>x",
                                          "x<a/>",
                                          "</a>",
                                          "<>",
                                          "< a/>",
                                          "<a b/>",
                                          "<a b=c/>",
                                          "<a b='c'd='e'/>",
                                          "<a b='<'/>",
                                          "<a b='c' b='d'/>",
                                          "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
                                          "<a>]]></a>",
                                          "<a>&</a>",
                                          "<a>&amp</a>",
                                          "<a>&;</a>",
                                          "<a>&#;</a>",
                                          "<a>&#x;</a>",
                                          "<a>&#0;</a>",
                                          "<a>&#xD800;</a>",
                                          "<a>&#xFFFE;</a>",
                                          "<a>&#x110000;</a>",
                                          "<a>&#99999999999999;</a>",
                                          "<a>&#1;</a>",
                                          "<a>&#xg;</a>",
                                          "<a>&#X41;</a>",
                                          "<1/>",
                                          "<-a/>",
                                          "<a:b:c xmlns:a='u'/>",
                                          "<:a/>",
                                          "<a:/>",
                                          "<a:1 xmlns:a='u'/>",
                                          "<a :b='c'/>",
                                          "<a xmlns:='u'/>",
                                          "<a xmlns:b=''/>",
                                          "<a xmlns:xmlns='u'/>",
                                          "<a xmlns:xml='u'/>",
                                          "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
                                          "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
                                          "<a xmlns:b='http://www.w3.org/XML/1998/namespace'/>",
                                          "<xmlns:a/>",
                                          "<a xmlns='b' xmlns='c'/>",
                                          "<a xmlns:b='c' xmlns:b='c'/>",
                                          "<a / >",
                                          "<a/ >",
                                          "<a></ a>",
                                          "<a></a b='c'>",
                                          "<a>\x01</a>",
                                          "<a b='\x1F'/>",
                                          "<a>\xC0\x80</a>",
                                          "<a>\xED\xA0\x80</a>",
                                          "<a>\xEF\xBF\xBE</a>",
                                          "<a>\xEF\xBF\xBF</a>",
                                          "<a>\xF4\x90\x80\x80</a>",
                                          "<a>\xE2\x82</a>",
                                          "<a>\x80</a>",
                                          "<a\xC3\x97/>",
                                          "<a><![CDATA[\x02]]></a>",
                                          "<a><![cdata[]]></a>",
                                          "<a><!x></a>",
                                          "<a b='c/>",
                                          "<a><![CDATA[ ]]</a>"};
}  // namespace

TEST_CASE("what is not well-formed is refused") {
  for (const char* text : kNotWellFormed) {
    CAPTURE(text);
    CHECK(problem_of(text) == Problem::not_well_formed);
  }
  CHECK(problem_of(std::string_view("<a>\0</a>", 8)) == Problem::not_well_formed);
  CHECK(stream_problem("<a><![CDATA[x]]></a>") == Problem::not_well_formed);
  CHECK(stream_problem("<a>x<b/></a>") == Problem::not_well_formed);
  CHECK(stream_problem("GET / HTTP/1.1\r\n\r\n") == Problem::not_well_formed);
}

TEST_CASE("a prefix that nobody declared") {
  CHECK(problem_of("<p:a/>") == Problem::bad_namespace_prefix);
  CHECK(problem_of("<a p:b='c'/>") == Problem::bad_namespace_prefix);
  CHECK(problem_of("<a><b xmlns:p='u'/><p:c/></a>") == Problem::bad_namespace_prefix);
  CHECK(stream_problem("<stream:stream>") == Problem::bad_namespace_prefix);
}

TEST_CASE("namespaces: the innermost declaration counts, and ends with its element") {
  Document document;
  const auto read = read_document(
      "<a xmlns='u' xmlns:p='v' x='1' p:x='2'><p:b xmlns:p='w'><p:c/></p:b><p:d/><e xmlns=''><f/></e><g/></a>", {},
      document);
  REQUIRE(read);
  const Element& a = **read;
  CHECK(a.is("a", "u"));
  CHECK(a.attr("x") == "1");
  CHECK(a.attr("x", "v") == "2");
  CHECK(a.child("b", "w")->has_child("c", "w"));
  CHECK(a.has_child("d", "v"));
  CHECK(a.child("e", "")->has_child("f", ""));
  CHECK(a.has_child("g", "u"));
}

TEST_CASE("names may be of any script") {
  CHECK(problem_of("<\xC3\xA9t\xC3\xA9 \xE5\x90\x8D='x'/>") == Problem::none);
  CHECK(problem_of("<\xF0\x90\x80\x80/>") == Problem::none);
  CHECK(problem_of("<a\xCC\x80\xC2\xB7.-_1/>") == Problem::none);
  CHECK(problem_of("<\xCC\x80/>") == Problem::not_well_formed);
}

TEST_CASE("text: references, sections, line ends") {
  CHECK(text_of("<a>&lt;&gt;&amp;&apos;&quot;</a>") == "<>&'\"");
  CHECK(text_of("<a>&#65;&#x42;&#xe9;&#x20AC;&#x1F600;</a>") == "AB\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  CHECK(text_of("<a>1\r\n2\r3\n4&#13;</a>") == "1\n2\n3\n4\r");
  CHECK(text_of("<a>x<![CDATA[<&>\r\n]]]]>y<![CDATA[]]></a>") == "x<&>\n]]y");
  CHECK(text_of("<a>1<b>-</b>2<c/>3</a>") == "123");
  CHECK(text_of("<a>]] ]></a>") == "]] ]>");
  CHECK(text_of("<a></a>").empty());
}

TEST_CASE("attribute values: references, white space, both quotes") {
  CHECK(value_of("<a v='\"'/>") == "\"");
  CHECK(value_of("<a v=\"'>/\"/>") == "'>/");
  CHECK(value_of("<a v='1\t2\n3\r\n4\r5'/>") == "1 2 3 4 5");
  CHECK(value_of("<a v='&#9;&#10;&#13;&lt;]]>'/>") == "\t\n\r<]]>");
  CHECK(value_of("<a\r\n\tv \n=\t'x' />") == "x");
}

TEST_CASE("each limit") {
  Limits limits{100, 3, 4, 2, 5, 2};
  CHECK(problem_of("<a><b><c/></b><d/></a>", limits) == Problem::none);
  CHECK(problem_of("<a><b><c><d/></c></b></a>", limits) == Problem::too_big);
  CHECK(problem_of("<a><b/><b/><b/><b/></a>", limits) == Problem::too_big);
  CHECK(problem_of("<a b='' c=''/>", limits) == Problem::none);
  CHECK(problem_of("<a b='' c='' d=''/>", limits) == Problem::too_big);
  CHECK(problem_of("<abcde fghij=''/>", limits) == Problem::none);
  CHECK(problem_of("<abcdef/>", limits) == Problem::too_big);
  CHECK(problem_of("<a bcdefg=''/>", limits) == Problem::too_big);
  CHECK(problem_of("<a xmlns='u'><b xmlns='v'/><b xmlns='w'/></a>", limits) == Problem::none);
  CHECK(problem_of("<a xmlns='u'><b xmlns='v' xmlns:p='w'/></a>", limits) == Problem::too_big);
  CHECK(problem_of("<a>" + std::string(93, 'x') + "</a>", limits) == Problem::none);
  CHECK(problem_of("<a>" + std::string(94, 'x') + "</a>", limits) == Problem::too_big);
}

TEST_CASE("the limit of bytes holds for what is unfinished, and may grow") {
  Limits limits;
  limits.bytes = 50;
  for (const std::string begin : {"<a b='", "<a ", "<a><b>", "<a><![CDATA[", "<a><b/>", "<?xml ", "</"}) {
    CAPTURE(begin);
    CHECK(stream_problem("<r>" + begin + std::string(60, 'x'), limits) != Problem::none);
  }
  CHECK(stream_problem("<r><a>" + std::string(60, 'x'), limits) == Problem::too_big);
  Reader reader(limits);
  reader.feed("<r><a>" + std::string(40, 'x'));
  (void)reader.next();
  CHECK(reader.next()->kind == Item::Kind::none);
  limits.bytes = 1000;
  reader.set_limits(limits);
  reader.feed(std::string(400, 'x') + "</a>");
  CHECK(reader.next()->kind == Item::Kind::element);
}

// Found by fuzzing: with a limit below the length of "<![CDATA[" the cut of the bytes chose the problem.
TEST_CASE("a tiny limit gives the same problem whatever the cut") {
  Limits limits;
  limits.bytes = 2;
  CHECK(stream_problem("<?xmA", limits) == Problem::restricted_xml);
  CHECK(stream_problem("<a/>", limits) == Problem::too_big);
  limits.bytes = 5;
  CHECK(stream_problem("<r><a><![CDATx", limits) == Problem::not_well_formed);
}

TEST_CASE("time and memory are linear however the bytes come") {
  Limits limits;
  limits.bytes = 4 << 20;
  limits.elements = 1 << 20;
  std::string text = "<r><a v='" + std::string(300000, 'v') + "'>" + std::string(300000, 't') + "<![CDATA[" +
                     std::string(300000, 'c') + "]]>";
  for (int i = 0; i < 20000; ++i) text += "x<![CDATA[y]]>";
  text += "</a></r>";
  Reader reader(limits);
  std::size_t most = 0;
  bool whole = false;
  for (const char c : text) {
    reader.feed({&c, 1});
    for (auto item = reader.next(); item->kind != Item::Kind::none; item = reader.next()) {
      if (item->kind == Item::Kind::element) whole = item->element->text().size() == 640000;
    }
    most = std::max(most, reader.memory());
  }
  CHECK(whole);
  CHECK(most < 16 * text.size());
}

TEST_CASE("one document: white space around it, nothing else") {
  CHECK(problem_of(" \n<a/>\r\n ") == Problem::none);
  CHECK(problem_of("") == Problem::not_well_formed);
  CHECK(problem_of("  ") == Problem::not_well_formed);
  CHECK(problem_of("<a/></a>") == Problem::not_well_formed);
  CHECK(problem_of("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' version='1.0'/>") ==
        Problem::none);
}
