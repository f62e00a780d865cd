// The reader against expat, against itself on other cuts of the same bytes, and against what the writer makes of its
// trees. The first three bytes choose limits and cuts, the others are XML.
#include <expat.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "xml/tests/dump.h"
#include "xml/writer.h"

namespace {
using namespace confab::xml;

void require(bool good, const char* what, std::string_view input) {
  if (good) return;
  std::fprintf(stderr, "%s\n%.*s\n", what, static_cast<int>(input.size()), input.data());
  std::abort();
}

struct Oracle {
  bool stream = false;  // text directly in the root does not count
  std::string text;
  int depth = 0;
  bool restricted = false;  // what RFC 6120 §11.1 leaves out, or what a stream does not have
  bool accepted = false;
};

Oracle& oracle_of(void* user) {
  return *static_cast<Oracle*>(user);
}

void on_start(void* user, const XML_Char* name, const XML_Char** atts) {
  std::vector<DumpAttribute> attributes;
  for (; *atts != nullptr; atts += 2) attributes.push_back({atts[0], atts[1]});
  oracle_of(user).text += dump_open(name, std::move(attributes));
  ++oracle_of(user).depth;
}
void on_end(void* user, const XML_Char*) {
  oracle_of(user).text += "\6";
  --oracle_of(user).depth;
}
void on_text(void* user, const XML_Char* text, int size) {
  Oracle& oracle = oracle_of(user);
  const std::string_view all(text, static_cast<std::size_t>(size));
  if (oracle.depth != 1 || !oracle.stream) {
    oracle.text += all;
  } else if (all.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    oracle.restricted = true;
  }
}
void on_cdata(void* user) {
  Oracle& oracle = oracle_of(user);
  if (oracle.depth == 1 && oracle.stream) oracle.restricted = true;
}
void on_declaration(void* user, const XML_Char* version, const XML_Char* encoding, int) {
  if (version == nullptr || std::string_view(version) != "1.0" || encoding != nullptr)
    oracle_of(user).restricted = true;
}

Oracle ask_expat(std::string_view input, bool stream) {
  Oracle oracle;
  oracle.stream = stream;
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreateNS("UTF-8", '\1'),
                                                                            XML_ParserFree);
  XML_Parser const p = parser.get();
  XML_SetHashSalt(p, 1);
  XML_SetUserData(p, &oracle);
  XML_SetElementHandler(p, on_start, on_end);
  XML_SetCharacterDataHandler(p, on_text);
  XML_SetCommentHandler(p, [](void* user, const XML_Char*) { oracle_of(user).restricted = true; });
  XML_SetProcessingInstructionHandler(
      p, [](void* user, const XML_Char*, const XML_Char*) { oracle_of(user).restricted = true; });
  XML_SetStartDoctypeDeclHandler(
      p, [](void* user, const XML_Char*, const XML_Char*, const XML_Char*, int) { oracle_of(user).restricted = true; });
  XML_SetCdataSectionHandler(p, on_cdata, [](void*) {});
  XML_SetXmlDeclHandler(p, on_declaration);
  oracle.accepted = XML_Parse(p, input.data(), static_cast<int>(input.size()), XML_TRUE) == XML_STATUS_OK;
  if (input.starts_with("\xEF\xBB\xBF")) oracle.restricted = true;
  // A reference to white space alone is text, but this handler cannot tell it from a keep-alive.
  if (stream && input.find("&#") != std::string_view::npos) oracle.restricted = true;
  return oracle;
}

// expat knows the names of XML 1.0's fourth edition, which allow fewer characters.
bool has_wide_names(std::string_view input) {
  bool in_tag = false;
  char quote = 0;
  for (const char c : input) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (in_tag && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '<' || c == '>') {
      in_tag = c == '<';
    } else if (in_tag && static_cast<unsigned char>(c) >= 0x80) {
      return true;
    }
  }
  return false;
}

void compare(std::string_view input, bool we_accept, const std::string& ours, Problem problem, bool stream) {
  const Oracle theirs = ask_expat(input, stream);
  if (we_accept) {
    if (!theirs.accepted && has_wide_names(input)) return;
    require(theirs.accepted, "expat refuses what we accept", input);
    if (stream && theirs.restricted) return;
    require(theirs.text == ours, "expat reads another tree", input);
  } else if (theirs.accepted && !theirs.restricted && problem != Problem::too_big) {
    require(false, "expat accepts what we refuse", input);
  }
}

void write_and_read_again(std::string_view input, const Element& element) {
  std::string written;
  write(element, written);
  Document again;
  const Limits wide{1 << 24, 1000, 1 << 20, 2000, 1 << 20, 2000};
  const auto read = read_document(written, wide, again);
  require(read && equal(**read, element), "the written form reads otherwise", input);
  require(dump(**read) == dump(element), "the written form dumps otherwise", input);
  require(to_string(**read) == written, "the written form is not stable", input);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::vector<std::size_t> cuts{data[0] % 16u, data[1] % 7u, data[1] / 7u};
  const std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
  Limits limits;
  if (data[2] & 1) limits = {100, 3, 5, 3, 12, 4};
  if (data[2] & 2) limits.bytes = data[2];

  const StreamDump whole = dump_stream(input, limits);
  require(whole == dump_stream(input, limits, cuts), "other cuts, another result", input);
  require(whole == dump_stream(input, limits, {1}), "byte by byte, another result", input);
  compare(input, whole.problem == Problem::none && whole.closed, whole.text, whole.problem, true);

  Document document;
  Problem problem = Problem::none;
  const auto element = read_document(input, limits, document, &problem);
  require(element.has_value() == (problem == Problem::none), "a failure without a problem", input);
  compare(input, element.has_value(), element ? dump(**element) : std::string(), problem, false);
  if (element) write_and_read_again(input, **element);
  return 0;
}
