#include <doctest/doctest.h>

#include "app/blocking_loop.h"
#include "app/login_limits.h"
#include "app/metrics.h"
#include "app/operator_pages.h"
#include "app/password_pool.h"
#include "app/site_files.h"
#include "auth/credentials.h"

namespace confab::app {
namespace {

auth::SiteKey test_key() {
  return auth::SiteKey(auth::SiteKey::Bytes{7});
}

struct Pool {
  explicit Pool(PasswordPoolOptions options = {"a.example", 4096, true, 2, 10, 10})
      : pool(std::move(options), test_key(), system_random()) {}
  Result<bool> verify(Uid uid, const std::string& record, const std::string& password) {
    return loop.wait<bool>(seconds(20), [&](auto done) { pool.verify(uid, record, password, loop, std::move(done)); });
  }
  std::string derive(const std::string& name, const std::string& password) {
    return *loop.wait<std::string>(seconds(20), [&](auto done) { pool.derive(name, password, loop, std::move(done)); });
  }
  BlockingLoop loop;
  PasswordPool pool;
};

TEST_CASE("derive, then verify; the second time without hashing") {
  Pool p;
  const std::string record = p.derive("alice", "secret");
  CHECK(auth::open_ha1(*auth::decode(record), "alice@a.example", auth::Algorithm::md5, test_key()) ==
        auth::ha1(auth::Algorithm::md5, "alice", "a.example", "secret"));
  CHECK(p.verify(1, record, "wrong") == false);
  CHECK(p.verify(1, record, "secret") == true);
  CHECK(p.pool.recent_hits() == 0);
  CHECK(p.verify(1, record, "secret") == true);
  CHECK(p.pool.recent_hits() == 1);
  CHECK(p.verify(1, record, "wrong") == false);
}

TEST_CASE("a changed password: neither forget nor a late verify leaves the old one") {
  Pool p;
  const std::string old = p.derive("alice", "old");
  const std::string fresh = p.derive("alice", "fresh");
  CHECK(p.verify(1, old, "old") == true);
  p.pool.forget(1);
  CHECK(p.verify(1, old, "old") == true);  // began before the change, with the record of then
  CHECK(p.verify(1, fresh, "old") == false);
  CHECK(p.verify(1, fresh, "fresh") == true);
}

TEST_CASE("names that do not exist: the same record each time, never right") {
  Pool p;
  const std::string decoy = p.pool.decoy("nobody");
  CHECK(decoy == p.pool.decoy("nobody"));
  CHECK(decoy != p.pool.decoy("nobody2"));
  CHECK(p.verify(0, decoy, "x") == false);
  CHECK(p.verify(1, "garbage", "x") == false);
}

TEST_CASE("without sip_digest there is no HA1") {
  Pool p({"a.example", 4096, false, 1, 10, 10});
  CHECK(auth::decode(p.derive("alice", "x"))->sealed_ha1.empty());
}

TEST_CASE("beyond the queue works are refused; on the way down they are answered") {
  BlockingLoop loop;
  int answered = 0, refused = 0;
  {
    PasswordPool pool({"a.example", 4096, false, 1, 3, 0}, test_key(), system_random());
    for (int i = 0; i < 50; ++i) {
      pool.derive("a", "b", loop, [&](Result<std::string> result) { ++(result ? answered : refused); });
    }
    CHECK(pool.refused() > 0);
  }
  loop.wait<int>(milliseconds(50), [](auto) {});
  CHECK(answered + refused == 50);
}

TEST_CASE("failed logins slow down, per address and per account") {
  MonoMs now{0};
  FailedLogins limits(3, [&now] { return now; });
  for (int i = 0; i < 2; ++i) limits.failed("192.0.2.1", "alice");
  CHECK(limits.delay("192.0.2.1", "alice") == seconds(0));
  limits.failed("192.0.2.1", "alice");
  CHECK(limits.delay("192.0.2.9", "alice") == seconds(1));
  CHECK(limits.delay("192.0.2.1", "bob") == seconds(1));
  limits.failed("192.0.2.1", "alice");
  CHECK(limits.delay("192.0.2.1", "alice") == seconds(2));
  for (int i = 0; i < 20; ++i) limits.failed("192.0.2.1", "alice");
  CHECK(limits.delay("192.0.2.1", "alice") == seconds(30));
  limits.succeeded("192.0.2.1", "alice");
  CHECK(limits.delay("192.0.2.9", "alice") == seconds(0));
  CHECK(limits.delay("192.0.2.1", "x") == seconds(30));
  now = now + std::chrono::minutes(5);
  CHECK(limits.delay("192.0.2.1", "x") == seconds(0));
}

TEST_CASE("the table of failures is bounded; 0 lifts the limit") {
  FailedLogins limits(1, [] { return MonoMs{0}; }, 10);
  for (int i = 0; i < 100; ++i) limits.failed(std::to_string(i), "");
  CHECK(limits.size() == 10);
  CHECK(limits.failures() == 100);
  CHECK(limits.delay("0", "") == seconds(0));
  CHECK(limits.delay("99", "") == seconds(1));
  FailedLogins none(0, [] { return MonoMs{0}; });
  for (int i = 0; i < 100; ++i) none.failed("a", "b");
  CHECK(none.delay("a", "b") == seconds(0));
  CHECK(none.size() == 0);
}

TEST_CASE("metrics as text") {
  Metrics metrics;
  metrics.counter("confab_logins", "Logins, \"good\" ones", [] { return std::uint64_t{3}; });
  metrics.add(Metrics::Kind::gauge, "confab_sessions", "Sessions\nnow",
              [] { return std::vector<Sample>{{{{"wire", "xmpp"}, {"x", "a\"\\\n"}}, 1.5}, {{{"wire", "mqtt"}}, 2}}; });
  CHECK(metrics.exposition() ==
        "# TYPE confab_logins counter\n# HELP confab_logins Logins, \\\"good\\\" ones\nconfab_logins_total 3\n"
        "# TYPE confab_sessions gauge\n# HELP confab_sessions Sessions\\nnow\n"
        "confab_sessions{wire=\"xmpp\",x=\"a\\\"\\\\\\n\"} 1.5\nconfab_sessions{wire=\"mqtt\"} 2\n# EOF\n");
}

TEST_CASE("pages for operators") {
  Metrics metrics;
  bool ready = false;
  OperatorPages pages([&ready] { return ready; }, metrics);
  session::PeerInfo far;
  session::PeerInfo near;
  near.loopback = true;
  CHECK(pages.get("/healthz", far).status == 200);
  CHECK(pages.get("/readyz", far).status == 503);
  ready = true;
  CHECK(pages.get("/readyz", far).status == 200);
  CHECK(pages.get("/version", far).type == "application/json");
  CHECK(pages.get("/metrics", far).status == 403);
  CHECK(pages.get("/metrics", near).body == "# EOF\n");
  CHECK(pages.get("/", near).status == 404);
}

}  // namespace
}  // namespace confab::app
