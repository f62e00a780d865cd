#include "net/shard.h"

#include <pthread.h>
#include <signal.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cassert>
#include <chrono>
#include <iterator>
#include <string>
#include <utility>

#include "net/lingering.h"

namespace confab::net {
namespace {

thread_local Shard* t_shard = nullptr;

Now read_clock() {
  using namespace std::chrono;
  return {{duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()},
          {duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count()}};
}

struct LocalLoop final : Loop {
  void post(Task task) override { here().post(std::move(task)); }
  void after(milliseconds delay, Task task) override { here().after(delay, std::move(task)); }
  Now now() const override { return t_shard != nullptr ? t_shard->now() : read_clock(); }
  static Shard& here() {
    assert(t_shard != nullptr);
    return *t_shard;
  }
};

}  // namespace

Loop& local_loop() {
  static LocalLoop loop;
  return loop;
}

struct Shard::Reactor {
  boost::asio::io_context io{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  boost::asio::steady_timer alarm{io};
  std::optional<MonoMs> alarm_at;
};

struct Shard::Delayed : Timer {
  Delayed(Shard& shard, Task what)
      : Timer([](Timer& timer) {
          auto& self = static_cast<Delayed&>(timer);
          Task due = std::move(self.task);
          self.owner.delayed_.erase(self.place);
          due();
        }),
        owner(shard),
        task(std::move(what)) {}
  Shard& owner;
  Task task;
  std::list<std::unique_ptr<Delayed>>::iterator place;
};

Shard::Shard(std::uint32_t number, PumpLimits limits)
    : reactor_(std::make_unique<Reactor>()), wheel_(read_clock().mono), pumps_(number, *this, wheel_, limits) {}

Shard::~Shard() {
  join();
}

boost::asio::io_context& Shard::io() {
  return reactor_->io;
}

void Shard::post(Task task) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(task));
    wake = std::exchange(sleeping_, false);
  }
  if (wake && t_shard != this) boost::asio::post(reactor_->io, [] {});
}

void Shard::after(milliseconds delay, Task task) {
  if (t_shard != nullptr && t_shard != this) return t_shard->after(delay, std::move(task));
  delayed_.push_back(std::make_unique<Delayed>(*this, std::move(task)));
  delayed_.back()->place = std::prev(delayed_.end());
  wheel_.arm(*delayed_.back(), now().mono + delay);
}

Now Shard::now() const {
  if (t_shard != this) return t_shard != nullptr ? t_shard->now() : read_clock();
  if (std::exchange(now_is_old_, false)) now_ = read_clock();
  return now_;
}

void Shard::start() {
  thread_ = std::thread([this] { run(); });
}

void Shard::stop(milliseconds deadline) {
  post([this, deadline] { begin_stop(deadline); });
}

void Shard::join() {
  if (thread_.joinable()) thread_.join();
}

void Shard::begin_stop(milliseconds deadline) {
  if (std::exchange(stopping_, true)) return;
  stop_at_ = now().mono + deadline;
  after(deadline, [] {});  // so that a turn comes when it is over
  pumps_.end_all(session::CloseReason::shutdown);
}

void Shard::run() {
  t_shard = this;
  pthread_setname_np(pthread_self(), ("shard-" + std::to_string(number())).c_str());
  // Signals are the main thread's; SIGPIPE, which OpenSSL's writes can raise, is nobody's.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  while (!stopping_ || pumps_.size() != 0 || pumps_.busy() || !lingering_.empty()) turn();
  reactor_->work.reset();
  t_shard = nullptr;
}

void Shard::turn() {
  pumps_.counters().turns.add();
  bool idle = !pumps_.busy() && !sweep_due_;
  if (idle) {
    arm_alarm();
    const std::lock_guard lock(mutex_);
    idle = posted_.empty();
    sleeping_ = idle;
  }
  now_is_old_ = true;
  if (idle) reactor_->io.run_one();
  reactor_->io.poll();
  run_posted();
  wheel_.advance(now().mono);
  if (stopping_ && !aborted_ && now().mono >= stop_at_) {
    aborted_ = true;
    pumps_.abort_all(session::CloseReason::shutdown);
    lingering_.clear();
  }
  pumps_.flush();
  sweep_lingering();
}

// One batch per turn: what the tasks post in their turn waits for the next, so that sockets are not starved.
void Shard::run_posted() {
  {
    const std::lock_guard lock(mutex_);
    sleeping_ = false;
    running_.swap(posted_);
  }
  for (Task& task : running_) task();
  running_.clear();
}

void Shard::arm_alarm() {
  const std::optional<MonoMs> next = wheel_.next();
  Reactor& reactor = *reactor_;
  if (!next || (reactor.alarm_at && *reactor.alarm_at <= *next)) return;
  reactor.alarm_at = next;
  reactor.alarm.expires_at(std::chrono::steady_clock::time_point(milliseconds(next->ms)));
  reactor.alarm.async_wait([&reactor](const boost::system::error_code& error) {
    if (!error) reactor.alarm_at.reset();
  });
}

void Shard::linger(std::unique_ptr<Lingering> socket) {
  if (aborted_) return;
  socket->start(*this);
  lingering_.push_back(std::move(socket));
}

void Shard::sweep_lingering() {
  if (!std::exchange(sweep_due_, false)) return;
  std::erase_if(lingering_, [](const auto& socket) { return socket->done(); });
}

}  // namespace confab::net
