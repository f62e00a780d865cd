#include "xml/reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "xml/tree.h"

namespace confab::xml {

// What one token led to.
struct Reader::Step {
  enum class Kind : unsigned char { more, again, item, failed } kind = Kind::again;
  Item item;
  const char* why = "";
};

Reader::Reader(const Limits& limits) : limits_(limits) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

void Reader::feed(std::string_view bytes) {
  if (problem_ != Problem::none) return;
  if (at_ == buffer_.size()) {
    buffer_.clear();
    at_ = 0;
  } else if (at_ > buffer_.size() / 2) {  // moves each byte a constant number of times
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_.append(bytes);
}

std::string_view Reader::rest() const {
  return std::string_view(buffer_).substr(at_);
}

void Reader::consume(std::size_t bytes) {
  at_ += bytes;
  scanned_ = 0;
  quote_ = 0;
}

Result<Item> Reader::next() {
  if (delivered_) {
    document_.clear();
    tree_ = nullptr;
    delivered_ = false;
  }
  if (problem_ != Problem::none) return failure("failed before");
  for (;;) {
    const Step done = step();
    switch (done.kind) {
      case Step::Kind::again:
        continue;
      case Step::Kind::item:
        return done.item;
      case Step::Kind::failed:
        return failure(done.why);
      case Step::Kind::more:
        shrink();
        return Item{};
    }
  }
}

tl::unexpected<Error> Reader::failure(std::string_view why) {
  tree_ = nullptr;
  document_.release();
  return fail(problem_ == Problem::too_big ? Errc::too_big : Errc::bad_frame, why);
}

Reader::Step Reader::stop(Problem problem, const char* why) {
  problem_ = problem;
  return {Step::Kind::failed, {}, why};
}

// A token's first few bytes, which do not tell yet what it is. No limit is looked at, so that a cut changes nothing.
Reader::Step Reader::wait() {
  return {Step::Kind::more, {}, ""};
}

// An unfinished token: `bytes` of it are there.
Reader::Step Reader::wait(std::size_t bytes) {
  if (!within_limit(bytes)) return stop(Problem::too_big, "too many bytes");
  return {Step::Kind::more, {}, ""};
}

bool Reader::within_limit(std::size_t bytes) const {
  return bytes <= limits_.bytes && used_ <= limits_.bytes - bytes;
}

Reader::Step Reader::step() {
  if (tree_ != nullptr) return content();
  if (state_ == State::closing) {  // the root was an empty element
    state_ = State::closed;
    return {Step::Kind::item, {Item::Kind::stream_close, nullptr}, ""};
  }
  return stream_level();
}

// Between the root's children: white space is a keep-alive (RFC 6120 §4.6.1), other text is an error.
Reader::Step Reader::stream_level() {
  used_ = 0;
  const std::string_view all = rest();
  if (state_ == State::start && all.starts_with('<') && std::string_view("<?xml").starts_with(all.substr(0, 5))) {
    return declaration();
  }
  std::size_t space = 0;
  while (space < all.size() && has_class(all[space], kSpace)) ++space;
  if (space != 0) {
    if (state_ == State::start) state_ = State::prolog;
    consume(space);
  }
  const std::string_view text = all.substr(space);
  if (text.empty()) return wait();
  if (text[0] != '<' || state_ == State::closed) return stop(Problem::not_well_formed, "text outside of an element");
  if (text.size() < 2) return wait();
  if (text[1] == '!' || text[1] == '?') return markup(text);
  if (text[1] == '/') return state_ == State::open ? close_root() : stop(Problem::not_well_formed, "an end tag first");
  if (state_ == State::open || whole_) return start_tag();
  return open_root();
}

// §2.8: <?xml version="1.0" encoding="UTF-8"?>, at the very beginning alone.
Reader::Step Reader::declaration() {
  constexpr std::size_t kHead = 5;
  const std::string_view all = rest();
  if (all.size() <= kHead) return wait();
  if (!has_class(all[kHead], kSpace)) {
    return stop(Problem::restricted_xml, "a processing instruction");
  }
  const std::size_t length = length_to("?>", kHead);
  if (length == 0) return wait(all.size());
  if (!within_limit(length)) return stop(Problem::too_big, "too many bytes");
  if (const Fault fault = read_declaration(all.substr(kHead, length - kHead - 2))) {
    return stop(fault.problem, fault.why);
  }
  state_ = State::prolog;
  consume(length);
  return {};
}

Reader::Step Reader::content() {
  const std::string_view all = rest();
  if (all.empty()) return wait();
  if (all[0] != '<') {
    const std::size_t length = length_to("<", 0);
    if (length == 0) return wait(all.size());
    if (!within_limit(length)) return stop(Problem::too_big, "too many bytes");
    return built(tree_->character_data(all.substr(0, length - 1), kStopText), length - 1);
  }
  if (all.size() < 2) return wait();
  if (all[1] == '!' || all[1] == '?') return markup(all);
  if (all[1] != '/') return start_tag();
  const std::size_t length = length_to(">", 2);
  if (length == 0) return wait(all.size());
  if (!within_limit(length)) return stop(Problem::too_big, "too many bytes");
  return built(tree_->close_tag(all.substr(2, length - 3)), length);
}

Reader::Step Reader::start_tag() {
  const std::size_t length = tag_length();
  if (length == 0) return wait(rest().size());
  if (!within_limit(length)) return stop(Problem::too_big, "too many bytes");
  if (tree_ == nullptr) tree_ = Tree::begin(document_, root_.get());
  return built(tree_->open_tag(rest().substr(1, length - 2), limits_), length);
}

// RFC 6120 §11.1: of the markup that begins with "<!" and "<?" only CDATA sections are left.
Reader::Step Reader::markup(std::string_view text) {
  constexpr std::string_view kCdata = "<![CDATA[";
  if (text[1] == '?') return stop(Problem::restricted_xml, "a processing instruction");
  if (!kCdata.starts_with(text.substr(0, kCdata.size()))) {
    const bool known = std::string_view("-DEAN").find(text[2]) != std::string_view::npos;
    return known ? stop(Problem::restricted_xml, "a comment or a declaration")
                 : stop(Problem::not_well_formed, "markup that is none");
  }
  if (text.size() < kCdata.size()) return wait();
  if (tree_ == nullptr) return stop(Problem::not_well_formed, "text outside of an element");
  const std::size_t length = length_to("]]>", kCdata.size());
  if (length == 0) return wait(text.size());
  if (!within_limit(length)) return stop(Problem::too_big, "too many bytes");
  return built(tree_->character_data(text.substr(kCdata.size(), length - kCdata.size() - 3), kStopCdata), length);
}

Reader::Step Reader::built(const Fault& fault, std::size_t bytes) {
  if (fault) return stop(fault.problem, fault.why);
  used_ += static_cast<std::uint32_t>(bytes);
  consume(bytes);
  if (!tree_->is_whole()) return {};
  if (whole_) state_ = State::closed;
  delivered_ = true;
  return {Step::Kind::item, {Item::Kind::element, std::exchange(tree_, nullptr)->element()}, ""};
}

Reader::Step Reader::open_root() {
  const std::size_t length = tag_length();
  if (length == 0) return wait(rest().size());
  if (!within_limit(length)) return stop(Problem::too_big, "too many bytes");
  std::string_view inside = rest().substr(1, length - 2);
  const bool empty = inside.ends_with('/');
  if (empty) inside.remove_suffix(1);
  if (inside.ends_with('/')) return stop(Problem::not_well_formed, "a / in a tag");
  Tree* const tree = Tree::begin(document_, nullptr);
  if (const Fault fault = tree->open_tag(inside, limits_)) return stop(fault.problem, fault.why);
  root_ = tree->save_root();
  state_ = empty ? State::closing : State::open;
  delivered_ = true;
  consume(length);
  return {Step::Kind::item, {Item::Kind::stream_open, tree->element()}, ""};
}

Reader::Step Reader::close_root() {
  const std::size_t length = length_to(">", 2);
  if (length == 0) return wait(rest().size());
  if (!within_limit(length)) return stop(Problem::too_big, "too many bytes");
  std::string_view name = rest().substr(2, length - 3);
  while (!name.empty() && has_class(name.back(), kSpace)) name.remove_suffix(1);
  if (name != Root(root_.get()).tag()) return stop(Problem::not_well_formed, "an end tag of another element");
  state_ = State::closed;
  consume(length);
  return {Step::Kind::item, {Item::Kind::stream_close, nullptr}, ""};
}

// How long the start tag is, both brackets included; 0: its end is not there. Goes on where it stopped last.
std::size_t Reader::tag_length() {
  const char* const begin = buffer_.data() + at_;
  const char* const end = buffer_.data() + buffer_.size();
  const char* at = begin + scanned_;
  while (at != end) {
    if (quote_ != 0) {
      at = static_cast<const char*>(std::memchr(at, quote_, static_cast<std::size_t>(end - at)));
      if (at == nullptr) break;
      quote_ = 0;
    } else if (*at == '>') {
      return static_cast<std::size_t>(at - begin) + 1;
    } else if (*at == '"' || *at == '\'') {
      quote_ = *at;
    }
    ++at;
  }
  scanned_ = static_cast<std::size_t>(end - begin);
  return 0;
}

// How long the token is that ends with `mark` and has at least `head` bytes before it; 0: the mark is not there.
std::size_t Reader::length_to(std::string_view mark, std::size_t head) {
  const std::string_view all = rest();
  const std::size_t found = all.find(mark, std::max(head, scanned_));
  if (found != std::string_view::npos) return found + mark.size();
  scanned_ = all.size() < mark.size() ? 0 : all.size() - mark.size() + 1;
  return 0;
}

std::string_view Reader::default_ns() const {
  return Root(root_.get()).default_ns();
}

void Reader::reset() {
  problem_ = Problem::none;
  state_ = State::start;
  delivered_ = false;
  used_ = 0;
  tree_ = nullptr;
  root_.reset();
  document_.clear();
  consume(0);
}

std::string Reader::take_buffered() {
  std::string taken(rest());
  buffer_.clear();
  at_ = 0;
  consume(0);
  return taken;
}

void Reader::shrink() {
  if (tree_ != nullptr || delivered_) return;
  document_.release();
  if (at_ != buffer_.size()) return;
  std::string().swap(buffer_);
  at_ = 0;
}

std::size_t Reader::memory() const {
  const std::size_t inside = std::string().capacity();
  return document_.memory() + Root::memory(root_.get()) + (buffer_.capacity() > inside ? buffer_.capacity() + 1 : 0);
}

Result<Element*> read_document(std::string_view bytes, const Limits& limits, Document& document, Problem* problem) {
  Reader reader(limits);
  reader.whole_ = true;
  std::swap(reader.document_, document);
  reader.document_.clear();
  reader.feed(bytes);
  Result<Item> item = reader.next();
  Element* found = nullptr;
  if (item && item->kind == Item::Kind::element) {
    const std::string_view behind = reader.rest();
    found = item->element;
    for (const char c : behind) {
      if (!has_class(c, kSpace)) found = nullptr;
    }
  }
  std::swap(reader.document_, document);
  if (problem != nullptr) *problem = found != nullptr ? Problem::none : reader.problem_;
  if (!item) return fail(std::move(item.error()));
  if (found == nullptr && problem != nullptr) *problem = Problem::not_well_formed;
  if (found == nullptr) return fail(Errc::bad_frame, "not one whole element");
  return found;
}

std::string_view to_string(Problem problem) {
  switch (problem) {
    case Problem::none:
      return "none";
    case Problem::not_well_formed:
      return "not-well-formed";
    case Problem::restricted_xml:
      return "restricted-xml";
    case Problem::bad_namespace_prefix:
      return "bad-namespace-prefix";
    case Problem::unsupported_encoding:
      return "unsupported-encoding";
    case Problem::too_big:
      return "policy-violation";
  }
  return "none";
}

}  // namespace confab::xml
