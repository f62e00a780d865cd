// A request's body out of a stream of bytes: by its length or in chunks (RFC 9112 §6, §7.1), strictly and within
// bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "http/line_reader.h"
#include "http/request_parser.h"

namespace confab::http {

// What Content-Length says; nullopt: it says nothing.
std::optional<std::uint64_t> length_of(const Request& head);

// Extensions of chunks are passed over and trailers dropped, both within limits. Lives on: the connection's shard.
class BodyReader {
 public:
  // `head`: one that has a body. `keeps`: else the body is read to its end, and nothing of it kept.
  BodyReader(const Request& head, std::size_t max_body, bool keeps);

  // Takes bytes off the front of `bytes`. true: the body is complete. false: more is needed, and `bytes` is empty.
  // Errors: too_big for a body beyond the limit, as soon as that is known; bad_frame. After one nothing more can be
  // read.
  Result<bool> read(std::string_view& bytes);

  std::string take() { return std::move(body_); }

 private:
  enum class State : std::uint8_t { size, data, data_end, trailers, whole };

  void read_data(std::string_view& bytes);
  Result<> read_line(std::string_view line);
  Result<> read_size(std::string_view line);

  const std::size_t max_;
  const bool keeps_;
  const bool chunked_;
  State state_;
  std::uint64_t left_ = 0;  // of the data under way
  std::uint64_t read_ = 0;  // of the body
  std::size_t extensions_ = 0;
  LineReader lines_;
  std::string body_;
};

}  // namespace confab::http
