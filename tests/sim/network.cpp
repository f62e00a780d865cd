#include "sim/network.h"

#include <algorithm>

namespace confab::sim {
namespace {

constexpr std::size_t kWindow = 65536;  // bytes that the network takes before the site has to wait

}  // namespace

class Wire::End final : public session::Stream {
 public:
  End(std::shared_ptr<Wire> wire, Loop& loop) : wire_(std::move(wire)), loop_(&loop) { wire_->end_ = this; }
  ~End() override { close(session::CloseReason::finished); }

  void listen(session::StreamListener& listener) override { listener_ = &listener; }
  void set_reading(bool on) override {
    wire_->reading_ = on;
    if (on) wire_->flush_to_server();
  }
  std::size_t write(std::string_view bytes) override {
    if (wire_->dead_ || wire_->client_gone_) return bytes.size();  // the kernel takes it all the same
    const std::size_t room = kWindow - std::min(kWindow, wire_->under_way_);
    const std::size_t taken = std::min(room, bytes.size());
    if (taken < bytes.size()) blocked_ = true;
    if (taken == 0) return 0;
    wire_->under_way_ += taken;
    World& world = wire_->world_;
    world.at(wire_->later(wire_->last_down_us_, 3'000), [wire = wire_, text = std::string(bytes.substr(0, taken))] {
      wire->under_way_ -= text.size();
      if (wire->end_ != nullptr) wire->end_->unblock();
      if (wire->dead_ || wire->client_gone_) return;
      if (wire->on_bytes) wire->on_bytes(text);
    });
    return taken;
  }
  void start_tls() override {}
  void close(session::CloseReason) override {
    if (wire_ == nullptr || wire_->end_ != this) return;
    wire_->end_ = nullptr;
    wire_->tell_client_closed();
  }
  void leave() override { away_ = true; }
  void enter(Loop& loop) override {
    loop_ = &loop;
    away_ = false;
    for (auto& missed : std::exchange(missed_, {})) post(std::move(missed));
    wire_->flush_to_server();
  }

  void unblock() {
    if (!std::exchange(blocked_, false)) return;
    post([](End& end) { end.listener_->on_stream_writable(); });
  }
  void closed(session::CloseReason reason) {
    post([reason](End& end) {
      end.wire_->end_ = nullptr;
      end.listener_->on_stream_closed(reason);
    });
  }
  // On the end's loop, if the end is still there by then; between two loops it waits for the second.
  void post(std::function<void(End&)> what) {
    loop_->post([wire = wire_, what = std::move(what)] {
      if (wire->end_ == nullptr || wire->end_->listener_ == nullptr) return;
      if (wire->end_->away_) return wire->end_->missed_.push_back(what);
      what(*wire->end_);
    });
  }
  void bytes(std::string_view text) { listener_->on_stream_bytes(as_bytes(text)); }

 private:
  std::shared_ptr<Wire> wire_;
  Loop* loop_;
  session::StreamListener* listener_ = nullptr;
  bool blocked_ = false;
  bool away_ = false;
  std::vector<std::function<void(End&)>> missed_;
};

std::unique_ptr<session::Stream> Wire::make_stream(Loop& loop) {
  return std::make_unique<End>(shared_from_this(), loop);
}

std::int64_t Wire::later(std::int64_t& last_us, std::int64_t spread_us) {
  const auto delay = 20 + static_cast<std::int64_t>(world_.chance.below(static_cast<std::uint64_t>(spread_us)));
  last_us = std::max(last_us, world_.now_us + delay);
  return last_us;
}

void Wire::send(std::string_view bytes) {
  if (dead_ || client_gone_) return;
  // TCP keeps no message boundaries: now and then a write arrives in pieces.
  while (!bytes.empty()) {
    const std::size_t piece = world_.chance.percent(20) ? 1 + world_.chance.below(bytes.size()) : bytes.size();
    world_.at(later(last_up_us_, 3'000), [self = shared_from_this(), text = std::string(bytes.substr(0, piece))] {
      if (!self->dead_) self->to_server(text);
    });
    bytes.remove_prefix(piece);
  }
}

void Wire::to_server(std::string bytes) {
  inbound_.push_back(std::move(bytes));
  flush_to_server();
}

void Wire::flush_to_server() {
  if (end_ == nullptr || !reading_ || inbound_.empty()) return;
  end_->post([self = shared_from_this()](End& end) {
    if (!self->reading_ || self->inbound_.empty()) return;
    const std::string text = std::move(self->inbound_.front());
    self->inbound_.pop_front();
    end.bytes(text);
    self->flush_to_server();
  });
}

void Wire::close() {
  if (std::exchange(client_gone_, true)) return;
  world_.at(later(last_up_us_, 3'000), [self = shared_from_this()] {
    if (self->dead_ || self->server_told_) return;
    self->server_told_ = true;
    if (self->end_ != nullptr) self->end_->closed(session::CloseReason::peer_closed);
  });
}

void Wire::cut() {
  if (std::exchange(dead_, true)) return;
  const auto up = world_.now_us + static_cast<std::int64_t>(world_.chance.below(20'000'000));
  world_.at(up, [self = shared_from_this()] {
    if (self->end_ != nullptr && !std::exchange(self->server_told_, true)) {
      self->end_->closed(session::CloseReason::reset);
    }
  });
  tell_client_closed();
}

void Wire::tell_client_closed() {
  world_.at(later(last_down_us_, dead_ ? 5'000'000 : 3'000), [self = shared_from_this()] {
    if (std::exchange(self->client_gone_, true)) return;
    if (self->on_closed) self->on_closed();
  });
}

}  // namespace confab::sim
