#include "run.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>

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

void Meter::report(Report& to, long count, double seconds) const {
  const double server = cpu_seconds(server_) - cpu_;
  const double own = own_cpu_seconds() - own_;
  const double per_100k = count > 0 ? 1e5 / static_cast<double>(count) : 0;
  if (!server_.empty()) {
    to.add("server_cpu_s", server);
    to.add("server_cpu_s_per_100k", server * per_100k);
    to.add("server_cores", server / seconds);
  }
  to.add("load_cpu_s_per_100k", own * per_100k);
  to.add("load_cores", own / seconds);
}

std::string fresh_run_name() {
  return "r" + std::to_string(getpid()) + "." + std::to_string(time(nullptr));
}

}  // namespace confab::load
