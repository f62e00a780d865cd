#include "xml/tree.h"

#include <cstring>

namespace confab::xml {
namespace {

constexpr Fault ill_formed(const char* why) {
  return {Problem::not_well_formed, why};
}
constexpr Fault too_big(const char* why) {
  return {Problem::too_big, why};
}

std::string_view first_string(std::string_view& all) {
  const std::size_t size = all.find('\0');
  const std::string_view first = all.substr(0, size);
  all.remove_prefix(size + 1);
  return first;
}

struct QName {
  std::string_view prefix;
  std::string_view local;
  std::size_t bytes = 0;  // 0: none
};

// Namespaces in XML §4: at most one colon, and a name on each side.
QName read_qname(std::string_view text) {
  const std::size_t first = name_length(text);
  if (first == 0 || first == text.size() || text[first] != ':') return {{}, text.substr(0, first), first};
  const std::size_t second = name_length(text.substr(first + 1));
  if (second == 0) return {};
  return {text.substr(0, first), text.substr(first + 1, second), first + 1 + second};
}

char* skip_space(char* at, const char* end) {
  while (at != end && has_class(*at, kSpace)) ++at;
  return at;
}
}  // namespace

std::string_view Root::all() const {
  std::uint32_t size = 0;
  if (bytes_ == nullptr) return {};
  std::memcpy(&size, bytes_, sizeof(size));
  return {bytes_ + sizeof(size), size};
}
std::string_view Root::tag() const {
  std::string_view rest = all();
  return rest.empty() ? rest : first_string(rest);
}
std::string_view Root::default_ns() const {
  std::string_view rest = all();
  if (!rest.empty()) first_string(rest);
  while (!rest.empty()) {
    const std::string_view prefix = first_string(rest);
    const std::string_view ns = first_string(rest);
    if (prefix.empty()) return ns;
  }
  return {};
}
std::unique_ptr<char[]> Root::save(std::string_view all) {
  const auto size = static_cast<std::uint32_t>(all.size());
  auto bytes = std::make_unique<char[]>(sizeof(size) + size);
  std::memcpy(bytes.get(), &size, sizeof(size));
  std::memcpy(bytes.get() + sizeof(size), all.data(), size);
  return bytes;
}
std::size_t Root::memory(const char* bytes) {
  return bytes == nullptr ? 0 : sizeof(std::uint32_t) + Root(bytes).all().size();
}

struct Tree::Binding {
  std::string_view prefix;  // empty: the default namespace
  std::string_view ns;
  Binding* outer;
};

// An open element, and the namespaces in scope outside it.
struct Tree::Frame {
  Element* element;
  Binding* outer;
  std::uint32_t outer_count;
  Frame* up;
};

// The unread part of a start tag.
struct Tree::Cut {
  char* at;
  char* end;
  const Binding* outer;
  std::string_view rest() const { return {at, static_cast<std::size_t>(end - at)}; }
};

Tree* Tree::begin(Document& document, const char* root) {
  Arena& arena = document.arena();
  Tree* const tree = new (arena.take(sizeof(Tree))) Tree(arena);
  std::string_view rest = arena.copy(Root(root).all());
  if (!rest.empty()) first_string(rest);
  while (!rest.empty()) {
    const std::string_view prefix = first_string(rest);
    const std::string_view ns = first_string(rest);
    tree->bindings_ = arena.make<Binding>(Binding{prefix, ns, tree->bindings_});
    ++tree->binding_count_;
  }
  return tree;
}

std::unique_ptr<char[]> Tree::save_root() const {
  const std::size_t prefix = element_->prefix_bytes_;
  std::string all(element_->name_.data() - prefix, prefix + element_->name_.size());
  all += '\0';
  for (const Binding* at = bindings_; at != nullptr; at = at->outer) {
    all.append(at->prefix).append(1, '\0').append(at->ns).append(1, '\0');
  }
  return Root::save(all);
}

const std::string_view* Tree::find(std::string_view prefix) const {
  static constexpr std::string_view kXml = kXmlNs;
  for (const Binding* at = bindings_; at != nullptr; at = at->outer) {
    if (at->prefix == prefix) return &at->ns;
  }
  return prefix == "xml" ? &kXml : nullptr;
}

void Tree::push(Element& element, Binding* outer, std::uint32_t outer_count) {
  Frame* frame = spare_;
  if (frame == nullptr) {
    frame = arena_->make<Frame>();
  } else {
    spare_ = frame->up;
  }
  *frame = {&element, outer, outer_count, top_};
  top_ = frame;
  ++depth_;
}

void Tree::pop() {
  Frame* const frame = top_;
  bindings_ = frame->outer;
  binding_count_ = frame->outer_count;
  top_ = frame->up;
  frame->up = spare_;
  spare_ = frame;
  --depth_;
}

Fault Tree::open_tag(std::string_view inside, const Limits& limits) {
  const bool empty = inside.ends_with('/');
  if (empty) inside.remove_suffix(1);
  if (depth_ >= limits.depth) return too_big("elements too deep");
  if (++elements_ > limits.elements) return too_big("too many elements");
  char* const begin = arena_->take_chars(inside.size());
  if (!inside.empty()) std::memcpy(begin, inside.data(), inside.size());
  const std::string_view text(begin, inside.size());
  const QName name = read_qname(text);
  if (name.bytes == 0) return ill_formed("a tag without a name");
  if (name.bytes > limits.name_bytes) return too_big("name too long");

  Element* const made = top_ == nullptr ? new (arena_->take(sizeof(Element))) Element(*arena_, name.local, {})
                                        : &top_->element->append_element(name.local, {});
  made->prefix_bytes_ = static_cast<std::uint32_t>(name.bytes - name.local.size());
  if (top_ == nullptr) element_ = made;
  Binding* const outer = bindings_;
  const std::uint32_t outer_count = binding_count_;
  if (name.bytes != text.size()) {
    const Fault fault = read_attributes(begin + name.bytes, begin + text.size(), *made, limits);
    if (fault) return fault;
  }
  push(*made, outer, outer_count);
  if (const Fault fault = resolve(*made, name.prefix)) return fault;
  if (empty) pop();
  return {};
}

Fault Tree::read_attributes(char* at, char* end, Element& element, const Limits& limits) {
  Cut cut{at, end, bindings_};
  for (std::uint32_t count = 0;; ++count) {
    char* const next = skip_space(cut.at, end);
    if (next == end) return {};
    if (next == cut.at) return ill_formed("no white space before an attribute");
    if (count == limits.attributes) return too_big("too many attributes");
    cut.at = next;
    if (const Fault fault = read_attribute(cut, element, limits)) return fault;
  }
}

// The namespace stays open: `ns` holds the prefix until all declarations of the tag are known.
Fault Tree::read_attribute(Cut& cut, Element& element, const Limits& limits) {
  const QName name = read_qname(cut.rest());
  if (name.bytes == 0) return ill_formed("an attribute without a name");
  if (name.bytes > limits.name_bytes) return too_big("name too long");
  cut.at = skip_space(cut.at + name.bytes, cut.end);
  if (cut.at == cut.end || *cut.at != '=') return ill_formed("an attribute without =");
  cut.at = skip_space(cut.at + 1, cut.end);
  if (cut.at == cut.end || (*cut.at != '"' && *cut.at != '\'')) return ill_formed("an attribute value without quotes");
  char* const begin = cut.at + 1;
  const Decoded decoded = decode(begin, cut.end, kStopValue, *cut.at);
  if (decoded.fault) return decoded.fault;
  if (decoded.in == cut.end) return ill_formed("an attribute value without an end");
  cut.at = decoded.in + 1;
  const std::string_view value(begin, static_cast<std::size_t>(decoded.out - begin));
  if (name.prefix == "xmlns") return declare(name.local, value, cut.outer, limits);
  if (name.prefix.empty() && name.local == "xmlns") return declare({}, value, cut.outer, limits);
  Attribute* const made = arena_->make<Attribute>();
  *made = {name.local, name.prefix, value, nullptr};
  element.append_attribute(made);
  return {};
}

// Namespaces in XML §3 (reserved prefixes and names), §5 (no prefix may be undeclared).
Fault Tree::declare(std::string_view prefix, std::string_view ns, const Binding* outer, const Limits& limits) {
  if (prefix == "xmlns" || ns == kXmlnsNs) return ill_formed("the prefix xmlns declared");
  if ((prefix == "xml") != (ns == kXmlNs)) return ill_formed("the prefix xml declared otherwise");
  if (!prefix.empty() && ns.empty()) return ill_formed("a prefix undeclared");
  for (const Binding* at = bindings_; at != outer; at = at->outer) {
    if (at->prefix == prefix) return ill_formed("a prefix declared twice");
  }
  if (binding_count_ >= limits.namespaces) return too_big("too many namespaces");
  bindings_ = arena_->make<Binding>(Binding{prefix, ns, bindings_});
  ++binding_count_;
  return {};
}

Fault Tree::resolve(Element& element, std::string_view prefix) {
  const std::string_view* const ns = find(prefix);
  if (prefix == "xmlns") return ill_formed("an element with the prefix xmlns");
  if (ns == nullptr && !prefix.empty()) return {Problem::bad_namespace_prefix, "a prefix that is not declared"};
  if (ns != nullptr) element.ns_ = *ns;
  for (Attribute* at = element.first_attribute_; at != nullptr; at = at->next) {
    if (!at->ns.empty()) {
      const std::string_view* const found = find(at->ns);
      if (found == nullptr) return {Problem::bad_namespace_prefix, "a prefix that is not declared"};
      at->ns = *found;
    }
    for (const Attribute* other = element.first_attribute_; other != at; other = other->next) {
      if (other->name == at->name && other->ns == at->ns) return ill_formed("an attribute twice");
    }
  }
  return {};
}

Fault Tree::close_tag(std::string_view name) {
  while (!name.empty() && has_class(name.back(), kSpace)) name.remove_suffix(1);
  const Element& open = *top_->element;
  const std::size_t prefix = open.prefix_bytes_;
  if (name != std::string_view(open.name_.data() - prefix, prefix + open.name_.size())) {
    return ill_formed("an end tag of another element");
  }
  pop();
  return {};
}

Fault Tree::character_data(std::string_view raw, ByteClass mode) {
  if (raw.empty()) return {};
  char* const begin = arena_->take_chars(raw.size());
  std::memcpy(begin, raw.data(), raw.size());
  const Decoded decoded = decode(begin, begin + raw.size(), mode);
  if (decoded.fault) return decoded.fault;
  arena_->give_back(decoded.out);
  top_->element->append_text({begin, static_cast<std::size_t>(decoded.out - begin)});
  return {};
}

}  // namespace confab::xml
