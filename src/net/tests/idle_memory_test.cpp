// Not a test but a measurement: net_test --no-skip -tc="memory*".
#include <doctest/doctest.h>
#include <malloc.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>

#include "loopback.h"

using namespace confab;
using namespace confab::net;

namespace {

const std::string kMessage(200, 'm');

long resident_bytes() {
  long pages = 0;
  long ignored = 0;
  std::ifstream("/proc/self/statm") >> ignored >> pages;
  return pages * ::sysconf(_SC_PAGESIZE);
}

// The clients live in another process, so that what is measured is the server's. Returns bytes per connection.
long measure(const TestSite& site, bool tls, int count) {
  Loopback net({.shards = 1, .limits = {}, .connections_per_address = 0, .sessions = 0});
  int port_pipe[2];
  int end_pipe[2];
  if (::pipe(port_pipe) != 0 || ::pipe(end_pipe) != 0) return -1;
  const pid_t child = ::fork();  // before there are threads
  if (child == 0) {
    ::close(end_pipe[1]);
    std::uint16_t port = 0;
    if (::read(port_pipe[0], &port, sizeof port) == sizeof port) {
      std::vector<Client> clients;
      for (int i = 0; i < count; ++i) {
        Client& client = clients.emplace_back(port);
        if (tls && client.start_tls()) client.read_line();
        if (client.send("E\n")) client.echoes(kMessage);
      }
      char end = 0;
      [[maybe_unused]] const auto n = ::read(end_pipe[0], &end, 1);
    }
    ::_exit(0);
  }
  const std::uint16_t port = net.listen(tls ? site.profile() : nullptr, tls);
  const long before = resident_bytes();
  [[maybe_unused]] const auto n = ::write(port_pipe[1], &port, sizeof port);
  const auto served = [&] {
    return net.sum(&Counters::bytes_in) == static_cast<std::uint64_t>(count) * (kMessage.size() + 2);
  };
  for (int tries = 0; tries < 6 && !eventually(served); ++tries) {
  }
  const long after = resident_bytes();
  CHECK(net.sum(&Counters::open) == static_cast<std::uint64_t>(count));
  ::close(end_pipe[1]);
  ::waitpid(child, nullptr, 0);
  for (const int fd : {port_pipe[0], port_pipe[1], end_pipe[0]}) ::close(fd);
  return (after - before) / count;
}

}  // namespace

TEST_CASE("memory of idle connections" * doctest::skip()) {
  const TestSite site;
  measure(site, false, 10);  // what is needed once
  const long plain = measure(site, false, 4000);
  const long tls = measure(site, true, 4000);
  std::printf("sizeof(Pump) %zu, bytes per idle connection: plain %ld, TLS %ld\n", sizeof(Pump), plain, tls);
}
