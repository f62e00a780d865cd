// Steps through JSON text and finds what breaks RFC 8259. For json's own units only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace confab::json {

// Lives on: one thread at a time; looks into text that the caller keeps.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t depth) : text_(text), depth_(depth) {}

  void skip_space();
  bool at_end() const { return at_ == text_.size(); }
  bool take(char c);  // the next byte, if it is `c`
  std::size_t place() const { return at_; }
  std::string_view from(std::size_t start) const { return text_.substr(start, at_ - start); }

  // Each steps over one whole thing. `decoded` null: not wanted.
  Result<> value();
  Result<> string(std::string* decoded);

 private:
  Result<> object();
  Result<> array();
  Result<> number();
  Result<> word(std::string_view word);
  Result<> escape(std::string* decoded);
  Result<std::uint32_t> hex();
  Result<> character(std::string* decoded);
  bool digits();
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_;
};

}  // namespace confab::json
