// Lines that end in CRLF, out of a stream of bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace confab::http {

// Lives on: the connection's shard.
class LineReader {
 public:
  // `max`: bytes of all lines until restart(), their ends included.
  explicit LineReader(std::size_t max) : max_(max) {}

  // Takes bytes off the front of `bytes`. true: line() is a whole one, without its CRLF, until next() or restart().
  // false: more is needed, and `bytes` is empty. Errors: bad_frame for a bare LF or CR (RFC 9112 §2.2), too_big.
  Result<bool> read(std::string_view& bytes);

  std::string_view line() const { return line_; }
  void next() { line_.clear(); }
  void restart(std::size_t max);
  bool idle() const { return line_.empty(); }

 private:
  std::size_t max_;
  std::size_t taken_ = 0;
  std::string line_;
};

}  // namespace confab::http
