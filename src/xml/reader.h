// Reads an XMPP stream, and one whole element: a strict subset of XML 1.0 with namespaces (RFC 6120 §11).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "xml/element.h"

namespace confab::xml {

// What one child of the root (and the root's start tag, and an XML declaration) may have at most.
struct Limits {
  std::uint32_t bytes = 16 * 1024;  // from "<" to the last ">"
  std::uint32_t depth = 32;         // the child itself is 1
  std::uint32_t elements = 1024;    // in all, the child itself included: bounds memory, at about 100 bytes each
  std::uint32_t attributes = 64;    // of one element, namespace declarations included
  std::uint32_t name_bytes = 256;   // of one tag's or attribute's name, prefix included
  std::uint32_t namespaces = 32;    // declarations in scope at one place, the root's included
};

// Why reading failed, as far as a stream error tells them apart (RFC 6120 §4.9.3).
enum class Problem : unsigned char {
  none,
  not_well_formed,
  restricted_xml,        // comment, processing instruction, DTD, an entity that is not predefined (RFC 6120 §11.1)
  bad_namespace_prefix,  // a prefix that nobody declared
  unsupported_encoding,  // the declaration names another than UTF-8
  too_big,               // over one of the limits: policy-violation
};
std::string_view to_string(Problem problem);

struct Item {
  enum class Kind : unsigned char {
    none,          // more bytes are needed
    stream_open,   // the root's start tag: `element` has its attributes, and no content
    element,       // a whole child of the root
    stream_close,  // the root's end tag
  };
  Kind kind = Kind::none;
  Element* element = nullptr;  // valid until the next call of next() or reset(); the caller may change it
};

class Tree;
struct Fault;

// Bytes in, items out. Time is linear in the bytes however they are cut. A reader with nothing under way has given its
// buffers back. After an error it stays failed until reset(). Lives on: one thread at a time.
class Reader {
 public:
  explicit Reader(const Limits& limits = {});
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  // Keeps a copy of `bytes`. The caller bounds one call's size, and calls next() until it gives `none` before the next.
  void feed(std::string_view bytes);

  // Errc::too_big for Problem::too_big, Errc::bad_frame for the others.
  Result<Item> next();
  Problem problem() const { return problem_; }

  // The default namespace of the root, valid until reset(); empty before stream_open.
  std::string_view default_ns() const;

  const Limits& limits() const { return limits_; }
  void set_limits(const Limits& limits) { limits_ = limits; }  // from the next token on

  // Begins a new stream (RFC 6120 §4.3.3), failed or not. Bytes that are buffered stay and belong to it: who must not
  // carry them over (STARTTLS, RFC 6120 §5.3.5) takes them away first.
  void reset();
  std::size_t buffered() const { return buffer_.size() - at_; }
  std::string take_buffered();

  void shrink();               // gives memory back as far as nothing is under way; next() does so itself
  std::size_t memory() const;  // bytes on the heap

 private:
  enum class State : unsigned char { start, prolog, open, closing, closed };
  friend Result<Element*> read_document(std::string_view, const Limits&, Document&, Problem*);
  struct Step;
  Step step();
  Step stream_level();
  Step declaration();
  Step content();
  Step start_tag();
  Step markup(std::string_view text);
  Step open_root();
  Step close_root();
  Step built(const Fault& fault, std::size_t bytes);
  Step wait();
  Step wait(std::size_t bytes);
  Step stop(Problem problem, const char* why);
  tl::unexpected<Error> failure(std::string_view why);
  bool within_limit(std::size_t bytes) const;
  void consume(std::size_t bytes);
  std::string_view rest() const;
  std::size_t tag_length();
  std::size_t length_to(std::string_view mark, std::size_t head);

  Limits limits_;
  Problem problem_ = Problem::none;
  State state_ = State::start;
  char quote_ = 0;           // of the attribute value in which scanning stopped
  bool delivered_ = false;   // the document holds an element that was handed out
  bool whole_ = false;       // one element without a root around it
  std::uint32_t used_ = 0;   // bytes of the child under way that have left the buffer
  std::size_t at_ = 0;       // where the current token begins in buffer_
  std::size_t scanned_ = 0;  // how far behind at_ the token's end is known not to be
  std::string buffer_;
  std::unique_ptr<char[]> root_;  // the root's tag and namespaces (see tree.h)
  Document document_;
  Tree* tree_ = nullptr;  // the child under way, in the document's arena
};

// Reads exactly one element, with white space around it and an XML declaration before it, as a WebSocket message is
// (RFC 7395 §3.3). The element lives in `document`, which is cleared first. `problem`: why, on failure.
Result<Element*> read_document(std::string_view bytes, const Limits& limits, Document& document,
                               Problem* problem = nullptr);

}  // namespace confab::xml
