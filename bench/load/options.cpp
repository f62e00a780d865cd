#include "options.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace confab::load {
namespace {

long read_number(std::string_view name, std::string_view text) {
  long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    std::fprintf(stderr, "confab-load: --%s takes a number\n", std::string(name).c_str());
    std::exit(2);
  }
  return value;
}

}  // namespace

Options::Options(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (!word.starts_with("--")) {
      stray_ = word;
      continue;
    }
    const bool has_value = i + 1 < argc && !std::string_view(argv[i + 1]).starts_with("--");
    given_[std::string(word.substr(2))] = has_value ? argv[++i] : "";
  }
}

const std::string* Options::find(std::string_view name) {
  known_.emplace(name);
  const auto found = given_.find(name);
  return found == given_.end() ? nullptr : &found->second;
}

long Options::number(std::string_view name, long otherwise) {
  const std::string* found = find(name);
  return found != nullptr ? read_number(name, *found) : otherwise;
}

std::string Options::text(std::string_view name, std::string_view otherwise) {
  const std::string* found = find(name);
  return found != nullptr ? *found : std::string(otherwise);
}

bool Options::flag(std::string_view name) {
  return find(name) != nullptr;
}

std::vector<int> Options::numbers(std::string_view name) {
  std::vector<int> all;
  const std::string* found = find(name);
  std::string_view rest = found != nullptr ? std::string_view(*found) : std::string_view();
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    all.push_back(static_cast<int>(read_number(name, rest.substr(0, comma))));
    rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
  }
  return all;
}

std::string Options::unknown() const {
  if (!stray_.empty()) return stray_;
  for (const auto& [name, value] : given_) {
    if (!known_.contains(name)) return "--" + name;
  }
  return {};
}

}  // namespace confab::load
