#include "http/body_reader.h"

#include <algorithm>

#include "http/syntax.h"

namespace confab::http {
namespace {

constexpr std::size_t kSizeDigits = 8;         // of a chunk's size: 4 GiB
constexpr std::size_t kSizeLine = 1024;        // a size and its extensions
constexpr std::size_t kExtensionBytes = 4096;  // of all chunks
constexpr std::size_t kTrailerBytes = 8192;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::uint64_t> length_of(const Request& head) {
  const std::string* length = head.find("content-length");
  if (length == nullptr) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : *length) value = value * 10 + static_cast<std::uint64_t>(c - '0');  // the parser saw to it
  return value;
}

BodyReader::BodyReader(const Request& head, std::size_t max_body, bool keeps)
    : max_(max_body),
      keeps_(keeps),
      chunked_(head.find("transfer-encoding") != nullptr),
      state_(chunked_ ? State::size : State::data),
      left_(chunked_ ? 0 : length_of(head).value_or(0)),
      lines_(kSizeLine) {}

Result<bool> BodyReader::read(std::string_view& bytes) {
  if (!chunked_ && left_ > max_) return fail(Errc::too_big, "the body is too long");
  while (state_ != State::whole) {
    if (state_ == State::data) {
      read_data(bytes);
      if (left_ > 0) return false;
      continue;
    }
    const auto whole = lines_.read(bytes);
    if (!whole) return fail(Errc::bad_frame, whole.error().text);
    if (!*whole) return false;
    if (auto read = read_line(lines_.line()); !read) return fail(std::move(read.error()));
  }
  return true;
}

void BodyReader::read_data(std::string_view& bytes) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
  if (keeps_) body_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  left_ -= size;
  if (left_ > 0) return;
  state_ = chunked_ ? State::data_end : State::whole;
  lines_.restart(2);  // there is room for an empty line alone
}

Result<> BodyReader::read_line(std::string_view line) {
  if (state_ == State::size) return read_size(line);
  if (state_ == State::data_end) {
    state_ = State::size;
    lines_.restart(kSizeLine);
  } else if (line.empty()) {
    state_ = State::whole;
  } else {
    if (const auto field = read_field(line); !field) return fail(field.error());
    lines_.next();
  }
  return {};
}

// chunk-size [ BWS ";" … ]: hexadecimal digits and nothing before them.
Result<> BodyReader::read_size(std::string_view line) {
  std::size_t digits = 0;
  std::uint64_t size = 0;
  for (; digits < line.size() && hex_digit(line[digits]) >= 0; ++digits) {
    if (digits == kSizeDigits) return fail(Errc::bad_frame, "a chunk's size has too many digits");
    size = size * 16 + static_cast<std::uint64_t>(hex_digit(line[digits]));
  }
  const std::string_view extension = line.substr(digits);
  if (digits == 0 || !is_value(extension) || (!extension.empty() && !trim(extension).starts_with(';'))) {
    return fail(Errc::bad_frame, "not a chunk's size");
  }
  extensions_ += extension.size();
  if (extensions_ > kExtensionBytes) return fail(Errc::bad_frame, "too many extensions of chunks");
  read_ += size;
  if (read_ > max_) return fail(Errc::too_big, "the body is too long");
  state_ = size == 0 ? State::trailers : State::data;
  left_ = size;
  lines_.restart(kTrailerBytes);
  return {};
}

}  // namespace confab::http
