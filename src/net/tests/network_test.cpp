#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>

#include "loopback.h"

using namespace confab;
using namespace confab::net;
using session::CloseReason;

namespace {

std::string pattern(std::size_t size, unsigned seed) {
  std::string text;
  text.reserve(size + 16);
  for (unsigned i = seed; text.size() < size; ++i) text += std::to_string(i * 2654435761U) + ",";
  text.resize(size);
  return text;
}

}  // namespace

TEST_CASE("an echo over TCP; the end of file is told to the domain") {
  Loopback net;
  const std::uint16_t port = net.listen();
  {
    Client client(port);
    CHECK(client.send("E\n"));
    CHECK(client.echoes("hello"));
    CHECK(client.echoes(pattern(100'000, 1)));
  }
  CHECK(eventually([&] { return net.domain.gone == 1 && net.network.connections() == 0; }));
  CHECK(net.closed(CloseReason::peer_closed) == 1);
  CHECK(net.sum(&Counters::accepted) == 1);
  CHECK(net.sum(&Counters::open) == 0);
}

TEST_CASE("a goodbye arrives although the server had not read everything") {
  Loopback net;
  const std::uint16_t port = net.listen();
  for (int i = 0; i < 20; ++i) {
    Client client(port);
    CHECK(client.send("Q\n" + pattern(300'000, 5)));
    CHECK(client.read(100) == "done\n");
  }
}

TEST_CASE("stopping says goodbye and ends in time, with a peer who never reads too") {
  NetworkOptions options{.shards = 2};
  options.limits.queue_bytes = 200U << 20;
  Loopback net(options);
  const std::uint16_t port = net.listen();
  Client polite(port), deaf(port);
  CHECK(polite.send("E\n"));
  CHECK(polite.echoes("x"));
  CHECK(deaf.send("S\n"));
  CHECK(eventually([&] { return net.sum(&Counters::bytes_out) > 10'000; }));
  const auto start = std::chrono::steady_clock::now();
  net.network.stop(milliseconds(300));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  CHECK(polite.read(10) == "bye\n");
  CHECK(net.domain.gone == 2);
  CHECK_FALSE(Client().connect(port));
}

TEST_CASE("who does not read is closed beyond queue_bytes") {
  Loopback net;
  const std::uint16_t port = net.listen();
  Client client;
  client.take_little();
  CHECK(client.connect(port));
  CHECK(client.send("S\n"));
  CHECK(eventually([&] { return net.closed(CloseReason::slow_reader) == 1; }));
}

TEST_CASE("a client that sends and never reads makes the server hold back, not buffer") {
  Loopback net;
  const std::uint16_t port = net.listen();
  Client client;
  client.take_little();
  CHECK(client.connect(port));
  CHECK(client.send("E\n"));
  const timeval limit{0, 300'000};
  ::setsockopt(client.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  CHECK_FALSE(client.send(pattern(64U << 20, 3)));  // its own window fills
  CHECK(net.closed(CloseReason::slow_reader) == 0);
  CHECK(net.sum(&Counters::open) == 1);
}

TEST_CASE("limits per address and in all; a place is given back") {
  for (const bool per_address : {true, false}) {
    Loopback net({.shards = 2,
                  .limits = {},
                  .connections_per_address = per_address ? 3U : 0U,
                  .sessions = per_address ? 0U : 3U});
    const std::uint16_t port = net.listen();
    {
      std::vector<Client> clients;
      for (int i = 0; i < 3; ++i) {
        clients.emplace_back(port);
        CHECK(clients.back().send("E\n"));
        CHECK(clients.back().echoes("in"));
      }
      Client refused(port);
      CHECK(refused.read(1).empty());
      CHECK(net.sum(&Counters::refused) == 1);
    }
    CHECK(eventually([&] { return net.network.connections() == 0; }));
    Client again(port);
    CHECK(again.send("E\n"));
    CHECK(again.echoes("back"));
  }
}

TEST_CASE("without descriptors connections are refused, nothing spins, and accepting goes on afterwards") {
  Loopback net({.shards = 1, .limits = {}, .connections_per_address = 0, .sessions = 1000});
  const std::uint16_t port = net.listen();
  Client probe(port);
  CHECK(probe.send("E\n"));
  CHECK(probe.echoes("up"));
  std::vector<Client> clients(20);
  const int next = ::dup(0);
  ::close(next);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit tight{static_cast<rlim_t>(next) + 2, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
  const std::uint64_t turns = net.sum(&Counters::turns);
  for (Client& client : clients) CHECK(client.connect(port));
  CHECK(eventually([&] { return net.sum(&Counters::refused) == 18; }));
  CHECK(clients.back().read(1).empty());
  CHECK(net.sum(&Counters::accept_waits) >= 1);
  CHECK(net.sum(&Counters::turns) - turns < 1000);
  ::setrlimit(RLIMIT_NOFILE, &before);
  Client later(port);
  CHECK(later.send("E\n"));
  CHECK(later.echoes("again"));
  CHECK(probe.echoes("still"));
}

TEST_CASE("connections move to their account's shard under load: nothing is lost or reordered") {
  Loopback net;
  const std::uint16_t port = net.listen();
  constexpr int kThreads = 4;
  constexpr int kRounds = 25;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds; ++round) {
        Client client(port);
        const std::string data = pattern(40'000, static_cast<unsigned>(t * 1000 + round));
        // Login and data in one go: much of it arrives while the connection is on its way.
        const std::string login = round % 2 == 0 ? "L0\n" : "L1\n";
        if (client.send(login + data) && client.read(data.size()) == data && client.echoes("end")) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == kThreads * kRounds);
  CHECK(net.sum(&Counters::moved_in) > 10);
  CHECK(eventually([&] { return net.domain.gone == kThreads * kRounds; }));
  CHECK(eventually([&] { return net.sum(&Counters::open) == 0; }));
}

TEST_CASE("tasks from many threads run in each thread's order; delayed ones run in their time") {
  Network network({.shards = 2});
  network.start();
  constexpr int kThreads = 4;
  constexpr int kTasks = 20'000;
  std::vector<int> last(kThreads, -1);
  std::atomic<int> done{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i) {
        network.shard(1).post([&, t, i] {
          if (std::exchange(last[static_cast<std::size_t>(t)], i) != i - 1) ++wrong;
          ++done;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(eventually([&] { return done == kThreads * kTasks; }));
  CHECK(wrong == 0);
  std::atomic<std::int64_t> waited{-1};
  network.shard(0).post([&] {
    const MonoMs start = local_loop().now().mono;
    local_loop().after(milliseconds(150), [&, start] { waited = local_loop().now().mono.ms - start.ms; });
  });
  CHECK(eventually([&] { return waited >= 0; }));
  CHECK(waited >= 150);
  network.stop(seconds(1));
}

TEST_CASE("an idle network does not turn") {
  Loopback net;
  const std::uint16_t port = net.listen();
  Client client(port);
  CHECK(client.send("E\n"));
  CHECK(client.echoes("x"));
  const std::uint64_t turns = net.sum(&Counters::turns);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(net.sum(&Counters::turns) - turns < 20);
}

TEST_CASE("addresses: what cannot be bound is told, IPv6 takes IPv4 too") {
  Loopback net;
  const auto make = [](Loop& loop) { return std::make_unique<EchoSession>(loop); };
  const auto listen = [&](const char* address) {
    return net.network.listen(
        {.name = "t", .addresses = {address}, .make_session = make, .tls = nullptr, .direct_tls = false});
  };
  const std::uint16_t port = net.listen();
  for (const char* bad : {"", "127.0.0.1", "127.0.0.1:", "no such host.invalid:1", "127.0.0.1:http"}) {
    CHECK_FALSE(listen(bad));
  }
  const auto taken = listen(("127.0.0.1:" + std::to_string(port)).c_str());
  REQUIRE_FALSE(taken);
  CHECK(taken.error().code == Errc::unavailable);
  const auto any = listen("[::]:0");
  REQUIRE(any);
  Client client(static_cast<std::uint16_t>(std::stoi(any->front().substr(any->front().rfind(':') + 1))));
  CHECK(client.send("E\n"));
  CHECK(client.echoes("four in six"));
}
