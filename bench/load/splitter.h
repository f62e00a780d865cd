// Cuts a server's XML stream into stanzas (RFC 6120 §4), byte by byte as it comes. Written for servers that behave, and
// apart from the server's own reader, so that a fault there doesn't hide here.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace confab::load {

class Splitter {
 public:
  enum class Piece : unsigned char { stream, stanza, end };  // the stream's first tag, a whole stanza, its last tag
  using Take = std::function<void(Piece piece, std::string_view text)>;

  // `bare`: stanzas without a stream around them.
  explicit Splitter(bool bare = false) : bare_(bare), depth_(bare ? 1 : 0) {}

  // Calls `take` for every piece that is complete. `take` may call `restart`; the rest of `bytes` is then the new
  // stream's.
  void add(std::string_view bytes, const Take& take);

  // A new stream begins (RFC 6120 §4.3.3).
  void restart() { depth_ = bare_ ? 1 : 0; }

 private:
  std::size_t cut(std::string_view text, const Take& take);

  bool bare_ = false;
  int depth_ = 0;
  std::string kept_;  // the beginning of a piece that is not complete
};

}  // namespace confab::load
