#include "net/admission.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace confab::net {
namespace {

// Files, the store, listeners and the loops need descriptors too.
constexpr rlim_t kReserve = 256;

std::uint32_t total_limit(std::uint32_t wanted) {
  if (wanted != 0) return wanted;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t reserve = std::min(kReserve, limit.rlim_cur / 4);
  return static_cast<std::uint32_t>(std::min<rlim_t>(limit.rlim_cur - reserve, 10'000'000));
}

}  // namespace

Ticket::Ticket(Ticket&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)), entry_(std::exchange(other.entry_, nullptr)) {}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
  std::swap(admission_, other.admission_);
  std::swap(entry_, other.entry_);
  return *this;
}

Ticket::~Ticket() {
  if (admission_ != nullptr) admission_->release(*entry_);
}

Admission::Admission(std::uint32_t per_address, std::uint32_t total)
    : per_address_(per_address), limit_(total_limit(total)) {}

Ticket Admission::admit(const std::string& address) {
  Ticket ticket;
  const std::lock_guard lock(mutex_);
  if (total_ >= limit_) return ticket;
  const auto at = addresses_.try_emplace(address, 0).first;
  if (per_address_ != 0 && at->second >= per_address_) return ticket;
  ++at->second;
  ++total_;
  ticket.admission_ = this;
  ticket.entry_ = &*at;
  return ticket;
}

void Admission::release(Ticket::Entry& entry) {
  const std::lock_guard lock(mutex_);
  --total_;
  if (--entry.second == 0) addresses_.erase(addresses_.find(entry.first));
}

std::size_t Admission::total() const {
  const std::lock_guard lock(mutex_);
  return total_;
}

}  // namespace confab::net
