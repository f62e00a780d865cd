// A tree as one line in which every difference shows: for comparing readers.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "xml/element.h"
#include "xml/reader.h"

namespace confab::xml {

struct DumpAttribute {
  std::string name;  // ns, \1, name; or name alone
  std::string value;
  auto operator<=>(const DumpAttribute&) const = default;
};

inline std::string dump_name(std::string_view name, std::string_view ns) {
  return ns.empty() ? std::string(name) : std::string(ns) + '\1' + std::string(name);
}

inline std::string dump_open(const std::string& name, std::vector<DumpAttribute> attributes) {
  std::sort(attributes.begin(), attributes.end());
  std::string out = "\2" + name;
  for (const DumpAttribute& at : attributes) out += "\3" + at.name + "\4" + at.value;
  return out + "\5";
}

inline std::string dump_open(const Element& element) {
  std::vector<DumpAttribute> attributes;
  for (const Attribute& at : element.attributes()) {
    attributes.push_back({dump_name(at.name, at.ns), std::string(at.value)});
  }
  return dump_open(dump_name(element.name(), element.ns()), std::move(attributes));
}

inline std::string dump(const Element& element) {
  std::string out = dump_open(element);
  for (const Node& node : element.nodes()) {
    const Element* const child = node.as_element();
    out += child == nullptr ? std::string(node.as_text()) : dump(*child);
  }
  return out + "\6";
}

struct StreamDump {
  std::string text;
  Problem problem = Problem::none;
  bool closed = false;
  bool operator==(const StreamDump&) const = default;
};

// Takes what there is. false: nothing more can come.
inline bool drain(Reader& reader, StreamDump& into) {
  for (;;) {
    const Result<Item> item = reader.next();
    if (!item) {
      into.problem = reader.problem();
      return false;
    }
    switch (item->kind) {
      case Item::Kind::none:
        return true;
      case Item::Kind::stream_open:
        into.text += dump_open(*item->element);
        break;
      case Item::Kind::element:
        into.text += dump(*item->element);
        break;
      case Item::Kind::stream_close:
        into.text += "\6";
        into.closed = true;
        break;
    }
  }
}

// Reads `bytes` as a stream, cut into pieces of `sizes` in turn; empty: in one piece.
inline StreamDump dump_stream(std::string_view bytes, const Limits& limits,
                              const std::vector<std::size_t>& sizes = {}) {
  Reader reader(limits);
  StreamDump made;
  for (std::size_t turn = 0; !bytes.empty(); ++turn) {
    const std::size_t size = sizes.empty() ? bytes.size() : std::max<std::size_t>(1, sizes[turn % sizes.size()]);
    reader.feed(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
    if (!drain(reader, made)) break;
  }
  return made;
}

}  // namespace confab::xml
