#include "report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace confab::load {
namespace {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

}  // namespace

void Report::add(std::string_view name, std::string_view value) {
  lines_.push_back({std::string(name), std::string(value), true});
}

void Report::add(std::string_view name, double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.4g", value);
  if (std::fabs(value) >= 1000) std::snprintf(text, sizeof text, "%.0f", value);
  lines_.push_back({std::string(name), std::isfinite(value) ? text : "0", false});
}

void Report::add(std::string_view name, long value) {
  lines_.push_back({std::string(name), std::to_string(value), false});
}

std::string Report::text() const {
  std::string out;
  for (const Line& line : lines_) {
    out += line.name + std::string(line.name.size() < 32 ? 32 - line.name.size() : 1, ' ') + line.value + '\n';
  }
  return out;
}

std::string Report::json() const {
  std::string out = "{";
  for (const Line& line : lines_) {
    if (out.size() > 1) out += ", ";
    out += '"' + line.name + "\": " + (line.quoted ? '"' + escape(line.value) + '"' : line.value);
  }
  return out + "}\n";
}

void Latencies::report(Report& to) {
  if (all_.empty()) return;
  std::sort(all_.begin(), all_.end());
  const auto at = [&](double part) {
    return static_cast<long>(all_[static_cast<std::size_t>(part * static_cast<double>(all_.size() - 1))]);
  };
  to.add("p50_us", at(0.50));
  to.add("p95_us", at(0.95));
  to.add("p99_us", at(0.99));
  to.add("max_us", at(1.0));
}

}  // namespace confab::load
