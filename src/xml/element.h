// An XML element as a tree of nodes in an arena: what the reader gives and what the writer takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "xml/arena.h"

namespace confab::xml {

inline constexpr std::string_view kXmlNs = "http://www.w3.org/XML/1998/namespace";  // of the prefix "xml"
inline constexpr std::string_view kXmlnsNs = "http://www.w3.org/2000/xmlns/";       // of the prefix "xmlns"

class Element;

// Goes through a chain of nodes; skips what is no T.
template <class T>
class Chain {
 public:
  class Iterator {
   public:
    explicit Iterator(const T* at) : at_(at) {}
    const T& operator*() const { return *at_; }
    const T* operator->() const { return at_; }
    Iterator& operator++() {
      at_ = at_->following();
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const T* at_;
  };

  explicit Chain(const T* first) : first_(first) {}
  Iterator begin() const { return Iterator(first_); }
  Iterator end() const { return Iterator(nullptr); }
  bool empty() const { return first_ == nullptr; }

 private:
  const T* first_;
};

struct Attribute {
  std::string_view name;
  std::string_view ns;  // empty: none (the default namespace is not for attributes, Namespaces in XML §6.2)
  std::string_view value;
  Attribute* next = nullptr;

  const Attribute* following() const { return next; }
};

// Text or an element. Two texts never follow each other, and no text is empty.
class Node {
 public:
  const Element* as_element() const;  // null: it is text
  Element* as_element();
  std::string_view as_text() const;  // empty: it is an element
  const Node* following() const { return next_; }

 protected:
  explicit Node(bool is_element) : is_element_(is_element) {}

 private:
  friend class Element;
  Node* next_ = nullptr;
  bool is_element_;

 protected:
  std::uint32_t prefix_bytes_ = 0;  // of the tag as it was read: kept here, where alignment leaves room
};

// Made by a Document or by another Element's `add`; lives as long as that Document, until its clear(). What builders
// are given is copied into the arena. Names and namespaces are the program's own words or were read by the Reader: they
// are not checked here. Values may be anything (see the writer).
class Element : public Node {
 public:
  std::string_view name() const { return name_; }
  std::string_view ns() const { return ns_; }
  bool is(std::string_view name, std::string_view ns) const { return name_ == name && ns_ == ns; }

  // An attribute's value; empty where there is none. Without `ns`: the attribute in no namespace.
  std::string_view attr(std::string_view name, std::string_view ns = {}) const;
  const Attribute* find_attr(std::string_view name, std::string_view ns = {}) const;
  std::string_view lang() const { return attr("lang", kXmlNs); }  // this element's own xml:lang
  Chain<Attribute> attributes() const { return Chain<Attribute>(first_attribute_); }

  // All direct text, in order. Joined in the arena where elements stand between.
  std::string_view text() const;
  Chain<Node> nodes() const { return Chain<Node>(first_node_); }
  Chain<Element> children() const { return Chain<Element>(first_element(first_node_)); }
  const Element* first_child() const { return first_element(first_node_); }  // null: none
  const Element* child(std::string_view name, std::string_view ns) const;    // the first such; null: none
  Element* child(std::string_view name, std::string_view ns);
  bool has_child(std::string_view name, std::string_view ns) const { return child(name, ns) != nullptr; }

  Element& add(std::string_view name, std::string_view ns);       // the new child
  Element& add(std::string_view name) { return add(name, ns_); }  // in this element's namespace
  Element& set(std::string_view name, std::string_view value);    // adds or replaces; this element
  Element& set_in(std::string_view ns, std::string_view name, std::string_view value);
  Element& set_lang(std::string_view lang) { return set_in(kXmlNs, "lang", lang); }
  Element& unset(std::string_view name, std::string_view ns = {});
  Element& text(std::string_view value);  // appends
  // Appends XML that write() made with this element's namespace as the default one: it is put out as it is. Nothing but
  // the writer looks into it.
  Element& written(std::string_view xml);
  Element& copy(const Element& other);  // a deep copy as the last child, of any document; the new child
  Element& rename(std::string_view name, std::string_view ns);

  void remove(const Element& child);                               // no child of this: nothing
  std::size_t remove(std::string_view name, std::string_view ns);  // all such children; how many
  void remove_nodes() { first_node_ = last_node_ = nullptr; }

  const Element* following() const { return first_element(Node::following()); }  // the next sibling element

 private:
  friend class Arena;
  friend class Document;
  friend class Tree;
  Element(Arena& arena, std::string_view name, std::string_view ns)
      : Node(true), arena_(&arena), name_(name), ns_(ns) {}
  static const Element* first_element(const Node* from);
  Element& append_element(std::string_view name, std::string_view ns);  // what they are given is in the arena already
  void append_text(std::string_view value);
  void append_attribute(Attribute* attribute);
  void append_node(Node* node);
  void copy_content(const Element& other);
  std::string_view joined_text() const;

  Arena* arena_;
  std::string_view name_;
  std::string_view ns_;
  Attribute* first_attribute_ = nullptr;
  Attribute* last_attribute_ = nullptr;
  Node* first_node_ = nullptr;
  Node* last_node_ = nullptr;
};

// Owns an arena and so the elements in it. Nothing is allocated before the first element. May move: the elements stay
// where they are. Lives on: one thread at a time.
class Document {
 public:
  Document() = default;
  Document(Document&& other) noexcept : arena_(std::exchange(other.arena_, nullptr)) {}
  Document& operator=(Document&& other) noexcept {
    std::swap(arena_, other.arena_);
    return *this;
  }
  ~Document() { release(); }

  Element& make(std::string_view name, std::string_view ns);  // free-standing; there may be several
  Element& copy(const Element& other);                        // a free-standing deep copy

  void clear() {  // the elements are gone; one small block stays for the next
    if (arena_ != nullptr) arena_->clear();
  }
  void release();  // the elements and all memory are gone
  std::size_t memory() const { return arena_ == nullptr ? 0 : arena_->memory(); }

 private:
  friend class Tree;
  Arena& arena();
  Arena* arena_ = nullptr;
};

// The same names, namespaces, attributes (in any order), texts and children (in this order).
bool equal(const Element& a, const Element& b);

}  // namespace confab::xml
