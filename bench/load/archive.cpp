// archive: how long a page of a large archive takes (XEP-0313), from wherever it is asked for.
#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

#include "client.h"
#include "markup.h"
#include "run.h"

namespace confab::load {
namespace {

// One client that asks one thing after the other.
class Historian {
 public:
  Historian(Poller& poller, Site& site, Account account) : poller_(poller), client_(poller, site, std::move(account)) {
    client_.take_stanzas([this](Client&, std::string_view stanza) { on_stanza(stanza); });
  }

  std::string open(Clock::time_point limit) {
    client_.open();
    const bool ready = poller_.run_until([this] { return client_.state() != Client::State::connecting; }, limit);
    return ready && client_.state() == Client::State::ready ? std::string() : "no login: " + client_.failure();
  }

  // false: no answer, or an error.
  bool ask(const std::string& fields, const std::string& set, Clock::time_point limit) {
    id_ = "q" + std::to_string(++asked_);
    ids_.clear();
    answered_ = failed_ = false;
    client_.send("<iq type='set' id='" + id_ +
                 "'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'>" +
                 "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>" + fields +
                 "</x><set xmlns='http://jabber.org/protocol/rsm'>" + set + "</set></query></iq>");
    poller_.run_until([this] { return answered_; }, limit);
    return answered_ && !failed_;
  }

  const std::vector<std::string>& ids() const { return ids_; }  // of the last answer
  void end() { client_.end(); }

 private:
  void on_stanza(std::string_view stanza) {
    const std::size_t result = stanza.find("<result ");
    if (element_name(stanza) == "message" && result != stanza.npos) {
      ids_.emplace_back(attribute(stanza.substr(result), "id"));
    } else if (element_name(stanza) == "iq" && attribute(stanza, "id") == id_) {
      answered_ = true;
      failed_ = attribute(stanza, "type") == "error";
    }
  }

  Poller& poller_;
  Client client_;
  std::vector<std::string> ids_;
  std::string id_;
  long asked_ = 0;
  bool answered_ = false;
  bool failed_ = false;
};

std::string field(const std::string& name, const std::string& value) {
  return "<field var='" + name + "'><value>" + value + "</value></field>";
}

// Walks back through the whole archive: how many events there are, and ids from everywhere in it.
struct Survey {
  long events = 0;
  std::vector<std::string> ids;
};
bool survey(Historian& historian, long events, Survey& found, Clock::time_point limit) {
  std::string before = "<before/>";
  const long every = std::max(1L, events / 2000);
  for (;;) {
    if (!historian.ask({}, "<max>250</max>" + before, limit)) return false;
    if (historian.ids().empty()) return true;
    for (const std::string& id : historian.ids()) {
      if (found.events++ % every == 0) found.ids.push_back(id);
    }
    before = "<before>" + historian.ids().front() + "</before>";
  }
}

}  // namespace

int run_archive(Options& options) {
  Site site = read_site(options);
  const Processes server = read_processes(options);
  const long queries = std::max(1L, options.number("queries", 1000));
  const std::string max = "<max>" + std::to_string(options.number("page", 50)) + "</max>";
  const long user = options.number("user", 1);
  const long peers = std::max(1L, options.number("peers", 10));
  const long events = options.number("events", 1'000'000);
  const Clock::time_point limit = Clock::now() + std::chrono::seconds(options.number("seconds", 600));
  const bool json = options.flag("json");
  if (const int refused = refuse_unknown(options); refused != 0) return refused;

  Poller poller;
  Historian historian(poller, site, site.account(user, "historian"));
  if (const std::string why = historian.open(limit); !why.empty()) return fail_run(why);
  Survey whole;
  const Clock::time_point began = Clock::now();
  if (!survey(historian, events, whole, limit)) return fail_run("the archive cannot be walked through");
  Report report;
  report.add("command", "archive");
  report.add("events", whole.events);
  report.add("walk_events_per_second",
             static_cast<double>(whole.events) / std::chrono::duration<double>(Clock::now() - began).count());

  std::mt19937 random(1);
  const auto id = [&] { return whole.ids[random() % whole.ids.size()]; };
  const auto with = [&] {
    return field("with", site.account(2 * static_cast<long>(random() % static_cast<unsigned long>(peers)), "").user +
                             "@" + site.domain);
  };
  const double cpu = cpu_seconds(server);
  Latencies latencies;
  for (long n = 0; n < queries; ++n) {
    const std::string fields = n % 2 == 0 ? std::string() : with();
    const std::string place = n % 6 < 2   ? "<before/>"
                              : n % 6 < 4 ? "<before>" + id() + "</before>"
                                          : "<after>" + id() + "</after>";
    const Clock::time_point asked = Clock::now();
    if (!historian.ask(fields, max + place, limit)) return fail_run("a page was refused");
    const auto taken = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - asked);
    latencies.add(static_cast<std::uint32_t>(taken.count()));
  }
  latencies.report(report);
  if (!server.empty())
    report.add("server_cpu_ms_per_page", (cpu_seconds(server) - cpu) * 1000 / static_cast<double>(queries));
  print(report, json);
  historian.end();
  return 0;
}

}  // namespace confab::load
