// Who may still connect: the limits per address and in total, over all shards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace confab::net {

class Admission;

// One admitted connection; gives its place back when destroyed. Lives on: one thread at a time.
class Ticket {
 public:
  Ticket() = default;
  Ticket(Ticket&& other) noexcept;
  Ticket& operator=(Ticket&& other) noexcept;
  ~Ticket();
  explicit operator bool() const { return admission_ != nullptr; }

 private:
  friend class Admission;
  using Entry = std::pair<const std::string, std::uint32_t>;
  Admission* admission_ = nullptr;
  Entry* entry_ = nullptr;
};

// Its lock is taken when a connection comes and when it goes, never between. Lives on: anywhere; outlives its tickets.
class Admission {
 public:
  // 0: per_address without a limit; total as many as descriptors allow, some kept for files and the store.
  Admission(std::uint32_t per_address, std::uint32_t total);

  // An empty ticket: over a limit.
  Ticket admit(const std::string& address);
  std::size_t total() const;
  std::uint32_t limit() const { return limit_; }

 private:
  friend class Ticket;
  void release(Ticket::Entry& entry);

  const std::uint32_t per_address_;
  const std::uint32_t limit_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> addresses_;  // its nodes stay where they are
  std::size_t total_ = 0;
};

}  // namespace confab::net
