#include "net/pumps.h"

#include <cassert>
#include <utility>

namespace confab::net {
namespace {

constexpr std::size_t kSpareBuffers = 64;
constexpr std::size_t kSpareBufferBytes = 65536;
constexpr std::size_t kFirstBufferBytes = 512;

std::uint32_t slot_of(std::uint64_t number) {
  return static_cast<std::uint32_t>(number & 0xFFFFFFFFU) - 1;
}

}  // namespace

Pumps::Pumps(std::uint32_t shard, Loop& loop, TimerWheel& wheel, PumpLimits limits)
    : shard_(shard), loop_(loop), wheel_(wheel), limits_(limits) {
  buffers_.reserve(kSpareBuffers);
}

Pumps::~Pumps() = default;

void Pumps::serve(session::Domain& domain, std::vector<Pumps*> peers) {
  domain_ = &domain;
  peers_ = std::move(peers);
}

// ---- Finding. A number is its slot and the slot's generation, so it is never used twice. ----

std::uint64_t Pumps::add(std::unique_ptr<Pump> pump) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t at = free_.back();
  free_.pop_back();
  slots_[at].pump = std::move(pump);
  ++size_;
  return (std::uint64_t{slots_[at].generation} << 32) | (at + 1);
}

std::unique_ptr<Pump> Pumps::take_out(std::uint64_t number) {
  const std::uint32_t at = slot_of(number);
  ++slots_[at].generation;
  free_.push_back(at);
  --size_;
  return std::move(slots_[at].pump);
}

Pump* Pumps::find(std::uint64_t number) const {
  const std::uint32_t at = slot_of(number);
  if (at >= slots_.size() || slots_[at].generation != number >> 32) return nullptr;
  return slots_[at].pump.get();
}

Pump* Pumps::find(session::ConnectionId id) const {
  return id.shard == shard_ && id.number != 0 ? find(id.number) : nullptr;
}

void Pumps::put_token(const Pump& pump) {
  tokens_.insert_or_assign(pump.token(), pump.number());
}

void Pumps::drop_token(const Pump& pump) {
  if (pump.token().empty()) return;
  const auto at = tokens_.find(pump.token());
  if (at != tokens_.end() && at->second == pump.number()) tokens_.erase(at);
}

Pump* Pumps::find_token(const std::string& token) const {
  const auto at = tokens_.find(token);
  return at == tokens_.end() ? nullptr : find(at->second);
}

// ---- Coming, going, moving. ----

session::ConnectionId Pumps::open(std::unique_ptr<session::Stream> stream, std::unique_ptr<session::Session> session,
                                  session::PeerInfo peer) {
  assert(domain_ != nullptr);
  auto made = std::make_unique<Pump>(std::move(stream), std::move(session), std::move(peer));
  Pump& pump = *made;
  const std::uint64_t number = add(std::move(made));
  counters_.opened.add();
  counters_.open.add();
  pump.start(*this, number);
  if (ending_) end({shard_, number}, ending_reason_);
  return {shard_, number};
}

void Pumps::remove(const Pump& pump) {
  dead_.push_back(take_out(pump.number()));
}

void Pumps::bury(std::unique_ptr<session::Stream> stream) {
  dead_streams_.push_back(std::move(stream));
}

void Pumps::send_away(std::uint64_t number) {
  Pump* pump = find(number);
  if (pump == nullptr || !pump->leaving()) return;
  Pumps& owner = *peers_[domain_->owner_shard(pump->account())];
  pump->depart();
  owner.loop().post([&owner, moved = take_out(number)]() mutable { owner.adopt(std::move(moved)); });
}

void Pumps::adopt(std::unique_ptr<Pump> arrived) {
  Pump& pump = *arrived;
  const std::uint64_t number = add(std::move(arrived));
  pump.arrive(*this, number);
  if (ending_) end({shard_, number}, ending_reason_);
}

// ---- From the domain. ----

void Pumps::deliver(session::ConnectionId to, const core::Delivery& delivery) {
  if (Pump* pump = find(to)) pump->deliver(delivery);
}

void Pumps::deliver(session::ConnectionId to, const core::TopicDelivery& delivery) {
  if (Pump* pump = find(to)) pump->deliver(delivery);
}

void Pumps::reply(session::ConnectionId to, session::RequestId request, const core::Reply& reply) {
  if (Pump* pump = find(to)) pump->reply(request, reply);
}

void Pumps::end(session::ConnectionId connection, session::CloseReason reason) {
  if (Pump* pump = find(connection)) pump->end(reason);
}

void Pumps::end_all(session::CloseReason reason) {
  ending_ = true;
  ending_reason_ = reason;
  for (std::size_t at = 0; at < slots_.size(); ++at) {
    if (slots_[at].pump) slots_[at].pump->end(reason);
  }
}

void Pumps::abort_all(session::CloseReason reason) {
  for (std::size_t at = 0; at < slots_.size(); ++at) {
    if (slots_[at].pump) slots_[at].pump->abort(reason);
  }
}

// ---- The end of a turn. ----

void Pumps::flush() {
  flushing_.swap(dirty_);
  for (const std::uint64_t number : flushing_) {
    if (Pump* pump = find(number)) pump->flush();
  }
  flushing_.clear();
  for (const std::uint64_t number : std::exchange(leaving_, {})) send_away(number);
  dead_.clear();
  dead_streams_.clear();
}

// ---- Buffers: lent while there is output, so that an idle connection has none. ----

std::string Pumps::take_buffer() {
  if (buffers_.empty()) {
    std::string fresh;
    fresh.reserve(kFirstBufferBytes);
    return fresh;
  }
  std::string buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void Pumps::give_back(std::string buffer) {
  if (buffers_.size() >= kSpareBuffers || buffer.capacity() > kSpareBufferBytes) return;
  buffer.clear();
  buffers_.push_back(std::move(buffer));
}

std::string& Pumps::waste() {
  waste_.clear();
  return waste_;
}

}  // namespace confab::net
