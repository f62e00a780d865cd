// Looking things up in one stanza's text. Enough for what a load generator asks; no reader of XML.
#pragma once

#include <string>
#include <string_view>

namespace confab::load {

// The name in the first tag, with its prefix if it has one.
std::string_view element_name(std::string_view stanza);

// An attribute of the first tag, as written; empty if it isn't there.
std::string_view attribute(std::string_view stanza, std::string_view name);

// What stands between the first <name ...> and the next "</": text of an element without children.
std::string_view text_of(std::string_view stanza, std::string_view name);

std::string escape_xml(std::string_view text);

}  // namespace confab::load
