// A text that most have not, in the room of a pointer.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>

namespace confab::core {

// A value: copies are apart, equal texts are equal. Empty, it takes no memory.
class RareText {
 public:
  RareText() = default;
  RareText(std::string text) : text_(text.empty() ? nullptr : std::make_unique<std::string>(std::move(text))) {}
  RareText(std::string_view text) : RareText(std::string(text)) {}
  RareText(const char* text) : RareText(std::string(text)) {}
  RareText(const RareText& other) : RareText(std::string_view(other)) {}
  RareText(RareText&&) noexcept = default;
  RareText& operator=(RareText other) noexcept {
    text_ = std::move(other.text_);
    return *this;
  }
  ~RareText() = default;

  operator std::string_view() const { return text_ == nullptr ? std::string_view() : std::string_view(*text_); }
  bool empty() const { return text_ == nullptr; }
  void clear() { text_.reset(); }
  bool operator==(const RareText& other) const { return std::string_view(*this) == std::string_view(other); }
  template <class Text>
    requires std::convertible_to<const Text&, std::string_view>
  bool operator==(const Text& other) const {
    return std::string_view(*this) == std::string_view(other);
  }

 private:
  std::unique_ptr<std::string> text_;  // null: empty
};

}  // namespace confab::core
