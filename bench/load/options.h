// The command line: --name value, or --name alone.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace confab::load {

class Options {
 public:
  // What follows the command's name. A value is whatever follows a name and does not begin with "--".
  Options(int argc, char** argv);

  // Reading a name makes it known; see `unknown`. A number that isn't one ends the program with 2.
  long number(std::string_view name, long otherwise);
  std::string text(std::string_view name, std::string_view otherwise);
  bool flag(std::string_view name);
  std::vector<int> numbers(std::string_view name);

  // The first argument nobody asked for; empty if there is none.
  std::string unknown() const;

 private:
  const std::string* find(std::string_view name);

  std::map<std::string, std::string, std::less<>> given_;
  std::set<std::string, std::less<>> known_;
  std::string stray_;
};

}  // namespace confab::load
