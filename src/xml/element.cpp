#include "xml/element.h"

namespace confab::xml {
namespace {
struct Text : Node {
  explicit Text(std::string_view v) : Node(false), value(v) {}
  std::string_view value;
};
const Text& as(const Node& node) {
  return static_cast<const Text&>(node);
}
}  // namespace

const Element* Node::as_element() const {
  return is_element_ ? static_cast<const Element*>(this) : nullptr;
}
Element* Node::as_element() {
  return is_element_ ? static_cast<Element*>(this) : nullptr;
}
std::string_view Node::as_text() const {
  return is_element_ ? std::string_view() : as(*this).value;
}

const Element* Element::first_element(const Node* from) {
  while (from != nullptr && !from->is_element_) from = from->next_;
  return static_cast<const Element*>(from);
}

const Attribute* Element::find_attr(std::string_view name, std::string_view ns) const {
  for (const Attribute* at = first_attribute_; at != nullptr; at = at->next) {
    if (at->name == name && at->ns == ns) return at;
  }
  return nullptr;
}

std::string_view Element::attr(std::string_view name, std::string_view ns) const {
  const Attribute* const found = find_attr(name, ns);
  return found == nullptr ? std::string_view() : found->value;
}

std::string_view Element::text() const {
  std::string_view only;
  for (const Node* node = first_node_; node != nullptr; node = node->next_) {
    if (node->is_element_) continue;
    if (!only.empty()) return joined_text();
    only = as(*node).value;
  }
  return only;
}

std::string_view Element::joined_text() const {
  std::string_view joined;
  for (const Node* node = first_node_; node != nullptr; node = node->next_) {
    if (!node->is_element_) joined = arena_->append(joined, as(*node).value);
  }
  return joined;
}

const Element* Element::child(std::string_view name, std::string_view ns) const {
  const Element* at = first_child();
  while (at != nullptr && !at->is(name, ns)) at = at->following();
  return at;
}
Element* Element::child(std::string_view name, std::string_view ns) {
  return const_cast<Element*>(std::as_const(*this).child(name, ns));
}

void Element::append_node(Node* node) {
  (last_node_ == nullptr ? first_node_ : last_node_->next_) = node;
  last_node_ = node;
}

void Element::append_attribute(Attribute* attribute) {
  (last_attribute_ == nullptr ? first_attribute_ : last_attribute_->next) = attribute;
  last_attribute_ = attribute;
}

Element& Element::append_element(std::string_view name, std::string_view ns) {
  Element* const child = new (arena_->take(sizeof(Element))) Element(*arena_, name, ns);
  append_node(child);
  return *child;
}

Element& Element::add(std::string_view name, std::string_view ns) {
  const std::string_view kept = arena_->copy(name);
  return append_element(kept, ns == ns_ ? ns_ : arena_->copy(ns));
}

Element& Element::set(std::string_view name, std::string_view value) {
  return set_in({}, name, value);
}

Element& Element::set_in(std::string_view ns, std::string_view name, std::string_view value) {
  if (const Attribute* const found = find_attr(name, ns)) {
    const_cast<Attribute*>(found)->value = arena_->copy(value);
    return *this;
  }
  Attribute* const made = arena_->make<Attribute>();
  made->name = arena_->copy(name);
  made->ns = ns == kXmlNs ? kXmlNs : arena_->copy(ns);
  made->value = arena_->copy(value);
  append_attribute(made);
  return *this;
}

Element& Element::unset(std::string_view name, std::string_view ns) {
  Attribute* before = nullptr;
  for (Attribute* at = first_attribute_; at != nullptr; before = std::exchange(at, at->next)) {
    if (at->name != name || at->ns != ns) continue;
    (before == nullptr ? first_attribute_ : before->next) = at->next;
    if (last_attribute_ == at) last_attribute_ = before;
    break;
  }
  return *this;
}

// `value` is in the arena. Text goes to the text before it, in place where nothing was taken from the arena between.
void Element::append_text(std::string_view value) {
  if (value.empty()) return;
  if (last_node_ == nullptr || last_node_->is_element_) return append_node(arena_->make<Text>(value));
  std::string_view& last = static_cast<Text*>(last_node_)->value;
  if (last.data() + last.size() == value.data()) {
    last = {last.data(), last.size() + value.size()};
  } else {
    last = arena_->append(last, value);
  }
}

Element& Element::text(std::string_view value) {
  if (value.empty()) return *this;
  if (last_node_ != nullptr && !last_node_->is_element_) {
    std::string_view& last = static_cast<Text*>(last_node_)->value;
    last = arena_->append(last, value);
  } else {
    append_text(arena_->copy(value));
  }
  return *this;
}

// A child without a name, which nothing that is read can be.
Element& Element::written(std::string_view xml) {
  if (!xml.empty()) append_element({}, ns_).append_text(arena_->copy(xml));
  return *this;
}

void Element::copy_content(const Element& other) {
  for (const Attribute& at : other.attributes()) set_in(at.ns, at.name, at.value);
  for (const Node* node = other.first_node_; node != nullptr; node = node->next_) {
    if (node->is_element_) {
      copy(*node->as_element());
    } else {
      text(node->as_text());
    }
  }
}

Element& Element::copy(const Element& other) {
  const std::string_view name = arena_->copy(other.name_);
  const std::string_view ns = other.ns_ == ns_ ? ns_ : arena_->copy(other.ns_);
  Element* const made = new (arena_->take(sizeof(Element))) Element(*arena_, name, ns);
  made->copy_content(other);
  append_node(made);  // last, so that an element may be copied into itself
  return *made;
}

Element& Element::rename(std::string_view name, std::string_view ns) {
  name_ = arena_->copy(name);
  ns_ = arena_->copy(ns);
  return *this;
}

void Element::remove(const Element& child) {
  Node* before = nullptr;
  Node* at = first_node_;
  while (at != nullptr && at != &child) before = std::exchange(at, at->next_);
  if (at == nullptr) return;
  Node* const after = at->next_;
  (before == nullptr ? first_node_ : before->next_) = after;
  if (last_node_ == at) last_node_ = before;
  if (before == nullptr || after == nullptr || before->is_element_ || after->is_element_) return;
  Text* const joined = static_cast<Text*>(before);
  joined->value = arena_->append(joined->value, after->as_text());
  joined->next_ = after->next_;
  if (last_node_ == after) last_node_ = before;
}

std::size_t Element::remove(std::string_view name, std::string_view ns) {
  std::size_t removed = 0;
  for (const Element* at = child(name, ns); at != nullptr; at = child(name, ns), ++removed) remove(*at);
  return removed;
}

Arena& Document::arena() {
  if (arena_ == nullptr) arena_ = Arena::create();
  return *arena_;
}

void Document::release() {
  if (arena_ != nullptr) Arena::destroy(std::exchange(arena_, nullptr));
}

Element& Document::make(std::string_view name, std::string_view ns) {
  Arena& own = arena();
  const std::string_view kept = own.copy(name);
  const std::string_view space = own.copy(ns);
  return *new (own.take(sizeof(Element))) Element(own, kept, space);
}

Element& Document::copy(const Element& other) {
  Element& made = make(other.name(), other.ns());
  made.copy_content(other);
  return made;
}

namespace {
bool equal_attributes(const Element& a, const Element& b) {
  std::size_t in_a = 0;
  std::size_t in_b = 0;
  for (const Attribute& at : a.attributes()) {
    const Attribute* const other = b.find_attr(at.name, at.ns);
    if (other == nullptr || other->value != at.value) return false;
    ++in_a;
  }
  for ([[maybe_unused]] const Attribute& at : b.attributes()) ++in_b;
  return in_a == in_b;
}
}  // namespace

bool equal(const Element& a, const Element& b) {
  if (!a.is(b.name(), b.ns()) || !equal_attributes(a, b)) return false;
  auto left = a.nodes().begin();
  auto right = b.nodes().begin();
  const auto end = a.nodes().end();
  for (; left != end && right != end; ++left, ++right) {
    const Element* const child = left->as_element();
    const Element* const other = right->as_element();
    if ((child == nullptr) != (other == nullptr)) return false;
    if (child != nullptr ? !equal(*child, *other) : left->as_text() != right->as_text()) return false;
  }
  return left == right;
}

}  // namespace confab::xml
