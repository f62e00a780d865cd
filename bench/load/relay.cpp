// relay: joins two connections that name the same pair, and forwards between them; or forwards what one says to all
// that listen to it. It knows nothing, stores nothing and checks nothing: what it costs is what sockets cost, and no
// server of messages can cost less.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"
#include "markup.h"
#include "run.h"

namespace confab::load {
namespace {

constexpr std::string_view kEnd = "</message>";

// To the ends of a fan, who speak MQTT: a CONNACK of 5.0.
constexpr std::string_view kWelcome("\x20\x03\x00\x00\x00", 5);

class Relay;

// One end of a pair, or of a fan.
class Leg {
 public:
  Leg(Poller& poller, Relay& relay, int descriptor)
      : relay_(relay),
        connection_(poller, {.on_open = [] {},
                             .on_bytes = [this](std::string_view bytes) { on_bytes(bytes); },
                             .on_closed = [this](std::string_view) { on_closed(); }}) {
    connection_.adopt(descriptor);
  }

  void join(Leg& partner) {
    partner_ = &partner;
    connection_.send("<paired/>");
  }
  void speak_to(const std::vector<Leg*>& audience) {
    audience_ = &audience;
    connection_.send(kWelcome);
  }
  void listen() { connection_.send(kWelcome); }
  bool is_open() const { return connection_.is_open(); }

 private:
  void on_bytes(std::string_view bytes);
  void on_closed();
  void greet(std::string_view bytes);

  Relay& relay_;
  Connection connection_;
  Leg* partner_ = nullptr;
  const std::vector<Leg*>* audience_ = nullptr;
  std::string rest_;  // of a message that has not come whole
};

class Relay : public Watched {
 public:
  explicit Relay(Poller& poller) : poller_(poller) {}
  ~Relay() override { close(listener_); }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // Returns the port; 0: failed.
  int listen_on(int port);
  void pair_up(const std::string& name, Leg& leg);
  void join_fan(const std::string& name, bool speaks, Leg& leg);
  void sweep();
  void want_sweep() { sweeps_ = true; }
  void on_ready(std::uint32_t events) override;

 private:
  Poller& poller_;
  int listener_ = -1;
  bool sweeps_ = false;
  std::vector<std::unique_ptr<Leg>> legs_;
  std::map<std::string, Leg*> alone_;
  std::map<std::string, std::vector<Leg*>> fans_;  // who listens
};

// Whole messages only, as a server would; but several at once where they came at once. To a fan everything as it came:
// one message at a time is whole.
void Leg::on_bytes(std::string_view bytes) {
  if (audience_ != nullptr) {
    for (Leg* leg : *audience_) leg->connection_.send(bytes);
    return;
  }
  if (partner_ == nullptr) return greet(bytes);
  const std::size_t last = bytes.rfind(kEnd);
  const bool split = last == bytes.npos || last + kEnd.size() != bytes.size() || !rest_.empty();
  if (!split) return partner_->connection_.send(bytes);
  rest_ += bytes;
  const std::size_t end = rest_.rfind(kEnd);
  if (end == rest_.npos) return;
  partner_->connection_.send(std::string_view(rest_).substr(0, end + kEnd.size()));
  rest_.erase(0, end + kEnd.size());
}

void Leg::greet(std::string_view bytes) {
  rest_ += bytes;
  if (!rest_.ends_with("/>")) return;
  const std::string name(attribute(rest_, "n"));
  const std::string kind(element_name(rest_));
  rest_.clear();
  if (kind == "pair") return relay_.pair_up(name, *this);
  relay_.join_fan(name, kind == "speaker", *this);
}

void Leg::on_closed() {
  if (partner_ != nullptr) {
    partner_->partner_ = nullptr;
    partner_->connection_.close();
  }
  partner_ = nullptr;
  relay_.want_sweep();
}

int Relay::listen_on(int port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 4096) != 0) return 0;
  getsockname(listener_, generic, &size);
  poller_.add(listener_, EPOLLIN, *this);
  return ntohs(address.sin_port);
}

void Relay::on_ready(std::uint32_t) {
  for (;;) {
    const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    legs_.push_back(std::make_unique<Leg>(poller_, *this, descriptor));
  }
}

void Relay::pair_up(const std::string& name, Leg& leg) {
  const auto [found, first] = alone_.try_emplace(name, &leg);
  if (first) return;
  Leg* other = found->second;
  alone_.erase(found);
  leg.join(*other);
  other->join(leg);
}

void Relay::join_fan(const std::string& name, bool speaks, Leg& leg) {
  std::vector<Leg*>& audience = fans_[name];
  if (speaks) return leg.speak_to(audience);
  audience.push_back(&leg);
  leg.listen();
}

void Relay::sweep() {
  if (!sweeps_) return;
  sweeps_ = false;
  for (auto& [name, audience] : fans_) {
    std::erase_if(audience, [](const Leg* leg) { return !leg->is_open(); });
  }
  std::erase_if(alone_, [](const auto& entry) { return !entry.second->is_open(); });
  std::erase_if(legs_, [](const auto& leg) { return !leg->is_open(); });
}

}  // namespace

int run_relay(Options& options) {
  const int port = static_cast<int>(options.number("port", 0));
  const auto limit = Clock::now() + std::chrono::seconds(options.number("seconds", 600));
  if (const int refused = refuse_unknown(options); refused != 0) return refused;
  Poller poller;
  Relay relay(poller);
  const int bound = relay.listen_on(port);
  if (bound == 0) return fail_run("the relay cannot listen");
  std::printf("ready pid=%d port=%d\n", getpid(), bound);
  std::fflush(stdout);
  poller.run_until(
      [&] {
        relay.sweep();
        return false;
      },
      limit);
  return 0;
}

}  // namespace confab::load
