#include "http/line_reader.h"

namespace confab::http {

Result<bool> LineReader::read(std::string_view& bytes) {
  const std::size_t feed = bytes.find('\n');
  const std::size_t size = feed == std::string_view::npos ? bytes.size() : feed + 1;
  if (taken_ + size > max_) return fail(Errc::too_big, "too long");
  taken_ += size;
  line_.append(bytes.substr(0, size));
  bytes.remove_prefix(size);
  if (feed == std::string_view::npos) return false;
  if (!line_.ends_with("\r\n")) return fail(Errc::bad_frame, "a line feed without a carriage return");
  line_.resize(line_.size() - 2);
  if (line_.find('\r') != std::string::npos) return fail(Errc::bad_frame, "a carriage return inside a line");
  return true;
}

void LineReader::restart(std::size_t max) {
  max_ = max;
  taken_ = 0;
  line_.clear();
}

}  // namespace confab::http
