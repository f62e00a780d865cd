// Numbers that one thread counts and any thread reads. Their exposition belongs to app.
#pragma once

#include <atomic>
#include <cstdint>

namespace confab {

// A count with one writer: no locked instruction on the path that counts. Lives on: written on one thread, read
// anywhere.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace confab
