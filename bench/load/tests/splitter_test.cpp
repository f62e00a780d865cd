#include "../splitter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "../markup.h"

namespace confab::load {
namespace {

struct Cut {
  std::vector<std::string> pieces;
  Splitter splitter;

  void add(std::string_view bytes) {
    splitter.add(bytes, [this](Splitter::Piece piece, std::string_view text) {
      const char* mark = piece == Splitter::Piece::stream ? "S " : piece == Splitter::Piece::end ? "E " : "";
      pieces.push_back(mark + std::string(text));
      if (text.starts_with("<success")) splitter.restart();
    });
  }
};

const std::string kStream =
    "<?xml version='1.0'?><stream:stream id='a>b' xmlns='jabber:client'>"
    "<stream:features><bind xmlns='b'/><x><y/></x></stream:features> \n"
    "<r xmlns='urn:xmpp:sm:3'/><message id=\"1>'\"><body>a &gt; b</body><e a='/>'/></message>"
    "<iq/><m><![CDATA[</m><x>]]></m></stream:stream>";

const std::vector<std::string> kPieces = {"S <stream:stream id='a>b' xmlns='jabber:client'>",
                                          "<stream:features><bind xmlns='b'/><x><y/></x></stream:features>",
                                          "<r xmlns='urn:xmpp:sm:3'/>",
                                          "<message id=\"1>'\"><body>a &gt; b</body><e a='/>'/></message>",
                                          "<iq/>",
                                          "<m><![CDATA[</m><x>]]></m>",
                                          "E </stream:stream>"};

TEST_CASE("a stream is cut into stanzas") {
  Cut cut;
  cut.add(kStream);
  CHECK(cut.pieces == kPieces);
}

TEST_CASE("wherever its bytes are torn apart") {
  for (std::size_t first = 0; first <= kStream.size(); ++first) {
    Cut cut;
    cut.add(std::string_view(kStream).substr(0, first));
    cut.add(std::string_view(kStream).substr(first));
    CHECK(cut.pieces == kPieces);
  }
  Cut bytewise;
  for (const char c : kStream) bytewise.add({&c, 1});
  CHECK(bytewise.pieces == kPieces);
}

TEST_CASE("a stream that begins again within the same bytes") {
  Cut cut;
  cut.add("<s><success/><s><a/>");
  CHECK(cut.pieces == std::vector<std::string>{"S <s>", "<success/>", "S <s>", "<a/>"});
}

TEST_CASE("stanzas without a stream") {
  Cut cut{.pieces = {}, .splitter = Splitter(true)};
  cut.add("<paired/><message><bo");
  cut.add("dy/></message>");
  CHECK(cut.pieces == std::vector<std::string>{"<paired/>", "<message><body/></message>"});
}

TEST_CASE("attributes and text are found") {
  const std::string_view stanza = "<message to='a' id = \"x'1\" type='chat'><body id='no'>hello</body></message>";
  CHECK(element_name(stanza) == "message");
  CHECK(attribute(stanza, "id") == "x'1");
  CHECK(attribute(stanza, "type") == "chat");
  CHECK(attribute(stanza, "from").empty());
  CHECK(attribute("<a/>", "id").empty());
  CHECK(text_of(stanza, "body") == "hello");
  CHECK(text_of("<success xmlns='s'/>", "success").empty());
  CHECK(text_of(stanza, "subject").empty());
}

}  // namespace
}  // namespace confab::load
