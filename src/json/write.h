// Writing JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace confab::json {

// Appends `text` as a string with its quotes. What is no UTF-8 becomes U+FFFD.
void append_string(std::string& out, std::string_view text);

std::string quoted(std::string_view text);

// "[1,2]" of what is JSON already; of texts.
std::string array_of(const std::vector<std::string>& items);
std::string array_of_texts(const std::vector<std::string>& texts);

// An object on its way, member by member, in the order in which they are given: at the end of `out`, or by itself.
class ObjectText {
 public:
  ObjectText() : ObjectText(own_) {}
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  ObjectText(const ObjectText&) = delete;
  ObjectText& operator=(const ObjectText&) = delete;

  ObjectText& raw(std::string_view name, std::string_view json);  // what is JSON already
  ObjectText& text(std::string_view name, std::string_view value);
  ObjectText& number(std::string_view name, std::int64_t value);
  ObjectText& flag(std::string_view name, bool value);

  bool empty() const { return empty_; }
  void close() { out_ += '}'; }
  std::string take();  // closes; of an object by itself

 private:
  void name(std::string_view name);

  std::string own_;
  std::string& out_;
  bool empty_ = true;
};

}  // namespace confab::json
