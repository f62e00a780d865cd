// What a run found, in the order in which it is printed: as text, or as one JSON object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace confab::load {

class Report {
 public:
  void add(std::string_view name, std::string_view value);
  void add(std::string_view name, double value);
  void add(std::string_view name, long value);

  std::string text() const;
  std::string json() const;

 private:
  struct Line {
    std::string name;
    std::string value;
    bool quoted = false;
  };
  std::vector<Line> lines_;
};

// Latencies in microseconds.
class Latencies {
 public:
  void reserve(std::size_t count) { all_.reserve(count); }
  void add(std::uint32_t microseconds) { all_.push_back(microseconds); }

  // Adds p50_us, p95_us, p99_us and max_us; nothing if there are no latencies. Sorts.
  void report(Report& to);

 private:
  std::vector<std::uint32_t> all_;
};

}  // namespace confab::load
