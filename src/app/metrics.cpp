#include "app/metrics.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace confab::app {
namespace {

// OpenMetrics 1.0, "escaped-string".
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::string write_value(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> text{};
  const bool whole = std::floor(value) == value && std::abs(value) < 9e15;
  std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.9g", value);
  return text.data();
}

void write_sample(const std::string& name, const Sample& sample, std::string& out) {
  out += name;
  for (std::size_t i = 0; i < sample.labels.size(); ++i) {
    out += i == 0 ? "{" : ",";
    out += sample.labels[i].first + "=\"" + escape(sample.labels[i].second) + "\"";
  }
  if (!sample.labels.empty()) out += "}";
  out += " " + write_value(sample.value) + "\n";
}

}  // namespace

void Metrics::add(Kind kind, std::string name, std::string help, Read read) {
  const std::lock_guard lock(mutex_);
  families_.push_back({kind, std::move(name), std::move(help), std::move(read)});
}

void Metrics::counter(std::string name, std::string help, std::function<std::uint64_t()> read) {
  add(Kind::counter, std::move(name), std::move(help),
      [read = std::move(read)] { return std::vector<Sample>{{{}, static_cast<double>(read())}}; });
}

void Metrics::gauge(std::string name, std::string help, std::function<double()> read) {
  add(Kind::gauge, std::move(name), std::move(help),
      [read = std::move(read)] { return std::vector<Sample>{{{}, read()}}; });
}

std::string Metrics::exposition() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const Family& family : families_) {
    const bool counts = family.kind == Kind::counter;
    out += "# TYPE " + family.name + (counts ? " counter\n" : " gauge\n");
    out += "# HELP " + family.name + " " + escape(family.help) + "\n";
    const std::string name = family.name + (counts ? "_total" : "");
    for (const Sample& sample : family.read()) write_sample(name, sample, out);
  }
  return out + "# EOF\n";
}

}  // namespace confab::app
