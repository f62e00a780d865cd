#include "run.h"

#include <cstdio>
#include <string>

namespace confab::load {

Processes read_processes(Options& options) {
  return {.ids = options.numbers("server-pid"), .tree = options.flag("tree")};
}

int refuse_unknown(const Options& options) {
  const std::string stray = options.unknown();
  if (stray.empty()) return 0;
  std::fprintf(stderr, "confab-load: what is %s?\n", stray.c_str());
  return 2;
}

int fail_run(std::string_view why) {
  std::fprintf(stderr, "confab-load: %s\n", std::string(why).c_str());
  return 1;
}

int print(const Report& report, bool json) {
  const std::string text = json ? report.json() : report.text();
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace confab::load
