#include "cost.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace confab::load {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Stat {
  int parent = 0;
  long ticks = 0;
};

// proc(5): the command's name stands in parentheses and may hold anything, so fields count from the last one.
std::optional<Stat> read_stat(const std::string& process) {
  const std::string text = read_file("/proc/" + process + "/stat");
  const std::size_t close = text.rfind(')');
  if (close == text.npos) return std::nullopt;
  std::istringstream fields(text.substr(close + 1));
  std::string state, skipped;
  Stat stat;
  long user = 0, system = 0;
  fields >> state >> stat.parent;
  for (int i = 5; i <= 13; ++i) fields >> skipped;
  fields >> user >> system;
  stat.ticks = user + system;
  return stat;
}

std::vector<int> descendants(std::vector<int> all) {
  std::vector<std::pair<int, int>> parents;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    int id = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), id).ec != std::errc()) continue;
    if (const auto stat = read_stat(name)) parents.emplace_back(id, stat->parent);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const auto& [id, parent] : parents) {
      if (parent == all[i] && std::find(all.begin(), all.end(), id) == all.end()) all.push_back(id);
    }
  }
  return all;
}

std::vector<int> every(const Processes& processes) {
  return processes.tree ? descendants(processes.ids) : processes.ids;
}

long line_value(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + ":");
  return at == text.npos ? 0 : std::strtol(text.c_str() + at + name.size() + 2, nullptr, 10);
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

double cpu_seconds(const Processes& processes) {
  long ticks = 0;
  for (const int id : every(processes)) {
    if (const auto stat = read_stat(std::to_string(id))) ticks += stat->ticks;
  }
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Memory memory(const Processes& processes) {
  Memory sum;
  for (const int id : every(processes)) {
    const std::string folder = "/proc/" + std::to_string(id);
    sum.rss_kb += line_value(read_file(folder + "/status"), "VmRSS");
    sum.pss_kb += line_value(read_file(folder + "/smaps_rollup"), "Pss");
  }
  return sum;
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace confab::load
