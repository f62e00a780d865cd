// Counters and gauges as text, for whoever scrapes /metrics (OpenMetrics 1.0; Prometheus reads it too).
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace confab::app {

struct Sample {
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
};

// Families are added once, while the site is wired up; their values are asked for at every scrape.
// Lives on: add() before the first exposition; exposition() anywhere, and `read` is called there.
class Metrics {
 public:
  enum class Kind : unsigned char { counter, gauge };
  using Read = std::function<std::vector<Sample>()>;

  // `name` without the suffix _total, which a counter gets by itself: [a-zA-Z_][a-zA-Z0-9_]*.
  void add(Kind kind, std::string name, std::string help, Read read);
  void counter(std::string name, std::string help, std::function<std::uint64_t()> read);
  void gauge(std::string name, std::string help, std::function<double()> read);

  std::string exposition() const;

  static constexpr const char* kContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

 private:
  struct Family {
    Kind kind;
    std::string name;
    std::string help;
    Read read;
  };

  mutable std::mutex mutex_;
  std::vector<Family> families_;
};

}  // namespace confab::app
