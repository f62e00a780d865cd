// idle: what a session costs that does nothing. befriend: the rosters that go with it.
#include "crowd.h"
#include "growth.h"
#include "markup.h"
#include "run.h"

namespace confab::load {
namespace {

// A first session, opened and closed: what the server loads once is no session's.
std::string warm_up(Poller& poller, Site& site) {
  Crowd first(poller, site);
  first.add(site.account(0, "first"));
  const std::string why = first.open(1, Clock::now() + std::chrono::seconds(10));
  first.end();
  return why;
}

}  // namespace

int run_idle(Options& options) {
  Site site = read_site(options);
  site.roster = options.flag("roster");
  const Processes server = read_processes(options);
  const long connections = std::max(1L, options.number("connections", 1000));
  const long users = std::max(1L, options.number("users", connections));
  const long parallel = std::max(1L, options.number("parallel", 50));
  const auto settle = std::chrono::seconds(options.number("settle-seconds", 20));
  const Clock::time_point limit = Clock::now() + std::chrono::seconds(options.number("seconds", 120));
  const bool json = options.flag("json");
  if (const int refused = refuse_unknown(options); refused != 0) return refused;

  Poller poller;
  if (const std::string why = warm_up(poller, site); !why.empty()) return fail_run(why);
  const Memory before = settled_memory(poller, server, Clock::now() + settle);
  Crowd crowd(poller, site);
  for (long i = 0; i < connections; ++i) crowd.add(site.account(i % users, "i" + std::to_string(i / users)));
  const Clock::time_point began = Clock::now();
  if (const std::string why = crowd.open(parallel, limit); !why.empty()) return fail_run(why);
  const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
  const Memory after = settled_memory(poller, server, Clock::now() + settle);
  if (const std::string why = crowd.failure(); !why.empty()) return fail_run(why);

  Report report;
  report.add("command", "idle");
  report.add("sessions", connections);
  report.add("tls", site.tls == Tls::none ? "no" : site.tls == Tls::direct ? "direct" : "starttls");
  report.add("roster", site.roster ? "yes" : "no");
  report.add("login_seconds", seconds);
  if (!server.empty()) report_growth(report, before, after, connections);
  print(report, json);
  crowd.end();
  return 0;
}

// A ring: everybody asks the neighbours on both sides, and says yes to whoever asks (RFC 6121 §3.1).
int run_befriend(Options& options) {
  Site site = read_site(options);
  site.roster = true;  // answers go to interested resources alone (RFC 6121 §3.1.6)
  const long users = std::max(3L, options.number("users", 100));
  const long side = std::min(options.number("contacts", 20), users - 1) / 2;
  const bool hub = options.flag("hub");
  const long parallel = std::max(1L, options.number("parallel", 20));
  const Clock::time_point limit = Clock::now() + std::chrono::seconds(options.number("seconds", 300));
  const bool json = options.flag("json");
  if (const int refused = refuse_unknown(options); refused != 0) return refused;

  Poller poller;
  Crowd crowd(poller, site);
  for (long i = 0; i < users; ++i) crowd.add(site.account(i, "befriend"));
  if (const std::string why = crowd.open(parallel, limit); !why.empty()) return fail_run(why);
  const long wanted = hub ? (users - 1) * 2 : users * side * 2;
  long granted = 0;
  for (long i = 0; i < users; ++i) {
    Client& client = crowd[static_cast<std::size_t>(i)];
    client.take_stanzas([&granted](Client& self, std::string_view stanza) {
      if (element_name(stanza) != "presence") return;
      const std::string_view type = attribute(stanza, "type");
      if (type == "subscribe")
        self.send("<presence type='subscribed' to='" + std::string(attribute(stanza, "from")) + "'/>");
      if (type == "subscribed") ++granted;
    });
  }
  // One user after another: a burst of all would only fill queues.
  for (long i = 0; i < users; ++i) {
    const auto ask = [&](long from, long to) {
      Client& other = crowd[static_cast<std::size_t>((to + users) % users)];
      crowd[static_cast<std::size_t>(from)].send("<presence type='subscribe' to='" + other.bare_jid() + "'/>");
    };
    for (long step = -side; step <= side && !hub; ++step) {
      if (step != 0) ask(i, i + step);
    }
    if (hub && i > 0) ask(0, i), ask(i, 0);
    poller.run_until([&] { return granted >= (hub ? i * 2 : (i + 1) * side * 2); },
                     std::min(limit, Clock::now() + std::chrono::seconds(2)));
  }
  poller.run_until([&] { return granted >= wanted; }, std::min(limit, Clock::now() + std::chrono::seconds(5)));
  Report report;
  report.add("command", "befriend");
  report.add("users", users);
  report.add("granted", granted);
  report.add("wanted", wanted);
  print(report, json);
  crowd.end();
  return granted >= wanted ? 0 : 1;
}

}  // namespace confab::load
