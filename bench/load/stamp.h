// What a message says of itself: whose run it is of, its number, and when it was sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "poller.h"

namespace confab::load {

class Stamp {
 public:
  struct Read {
    std::size_t number = 0;
    Clock::time_point sent{};
  };

  // `run_name` tells this run's messages from what an earlier one left on its way: letters, digits, dots.
  explicit Stamp(const std::string& run_name) : mark_("#" + run_name + ":") {}

  // Appends text of at least `bytes` bytes: #RUN:NUMBER:MICROSECONDS; and as many x as it takes.
  void write(std::string& out, std::size_t number, Clock::time_point sent, std::size_t bytes) const;

  // Wherever in `payload` it stands; nothing if it isn't this run's.
  std::optional<Read> find(std::string_view payload) const;

 private:
  std::string mark_;
};

}  // namespace confab::load
