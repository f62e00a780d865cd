// Writes elements as XML that every conforming reader reads back as the same tree.
#pragma once

#include <string>
#include <string_view>

#include "xml/element.h"

namespace confab::xml {

// What is declared around the place where an element is written.
struct Scope {
  std::string_view default_ns;  // elements in it need no xmlns
  std::string_view prefix;      // elements in prefix_ns are written with it: "stream" (RFC 6120 §4.8.5); empty: none
  std::string_view prefix_ns;
};

// Appends `element`. xmlns is declared where the namespace differs from what is inherited, and a prefix ("n0", …) on
// the spot for an attribute in a namespace other than xml's. In values, what no XML can carry (control characters,
// broken UTF-8, U+FFFE and U+FFFF) becomes U+FFFD.
void write(const Element& element, std::string& out, const Scope& scope = {});
void write(const Element& element, std::string& out, std::string_view default_ns);
std::string to_string(const Element& element, std::string_view default_ns = {});

// A start tag alone that declares `scope` itself, and stays open: <stream:stream xmlns='jabber:client' …>. Children are
// then written with the same scope. The content of `root` is not written.
void write_open_tag(const Element& root, std::string& out, const Scope& scope);
void write_close_tag(const Element& root, std::string& out, const Scope& scope);

void append_escaped_text(std::string& out, std::string_view text);
void append_escaped_attr(std::string& out, std::string_view value);  // for either kind of quotes

// Whether `text` consists of what XML can carry (XML 1.0 §2.2 Char), in UTF-8.
bool is_xml_text(std::string_view text);

}  // namespace confab::xml
