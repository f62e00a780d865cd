// Builds one top-level element from its tags and texts, and knows the namespaces in scope.
#pragma once

#include <memory>
#include <string_view>

#include "xml/decode.h"
#include "xml/element.h"
#include "xml/reader.h"

namespace confab::xml {

// What outlives the root's start tag, in one allocation: its name as written, and its namespace declarations.
class Root {
 public:
  explicit Root(const char* bytes) : bytes_(bytes) {}
  std::string_view tag() const;
  std::string_view default_ns() const;
  std::string_view all() const;  // "tag\0" and for each declaration "prefix\0namespace\0": no XML character is NUL
  static std::unique_ptr<char[]> save(std::string_view all);
  static std::size_t memory(const char* bytes);

 private:
  const char* bytes_;
};

// Lives in the document's arena, from a top-level element's first byte to its last.
class Tree {
 public:
  // `root`: null where nothing is around the element.
  static Tree* begin(Document& document, const char* root);

  Fault open_tag(std::string_view inside, const Limits& limits);  // what stands between "<" and ">"
  Fault close_tag(std::string_view name);                         // what stands between "</" and ">"
  Fault character_data(std::string_view raw, ByteClass mode);     // kStopText or kStopCdata

  bool is_whole() const { return top_ == nullptr; }
  Element* element() { return element_; }

  // For the root's start tag alone, after open_tag.
  std::unique_ptr<char[]> save_root() const;

 private:
  friend class Arena;
  struct Binding;
  struct Frame;
  struct Cut;
  explicit Tree(Arena& arena) : arena_(&arena) {}

  Fault read_attributes(char* at, char* end, Element& element, const Limits& limits);
  Fault read_attribute(Cut& cut, Element& element, const Limits& limits);
  Fault declare(std::string_view prefix, std::string_view ns, const Binding* outer, const Limits& limits);
  Fault resolve(Element& element, std::string_view prefix);
  const std::string_view* find(std::string_view prefix) const;
  void push(Element& element, Binding* outer, std::uint32_t outer_count);
  void pop();

  Arena* arena_;
  Element* element_ = nullptr;
  Frame* top_ = nullptr;
  Frame* spare_ = nullptr;
  Binding* bindings_ = nullptr;
  std::uint32_t binding_count_ = 0;
  std::uint32_t depth_ = 0;
  std::uint32_t elements_ = 0;
};

}  // namespace confab::xml
