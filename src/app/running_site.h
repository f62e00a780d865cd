// A site that serves: everything built from its configuration, started and stopped in order.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "app/blocking_loop.h"
#include "app/config.h"
#include "app/control.h"
#include "app/control_socket.h"
#include "app/login_limits.h"
#include "app/metrics.h"
#include "app/operator_pages.h"
#include "app/password_pool.h"
#include "app/site_files.h"
#include "engine/node.h"
#include "http/upgrades.h"
#include "mqtt/protocol.h"
#include "net/certificates.h"
#include "net/network.h"
#include "net/tls_context.h"
#include "store/sqlite/sqlite_store.h"
#include "xmpp/protocol.h"

namespace confab::app {

// Where the configuration was read from, so that it can be read again.
using Reload = std::function<Result<Config>()>;

// Lives on: main's thread; LiveSite's calls come on the control socket's.
class RunningSite final : public LiveSite {
 public:
  // Serves when this returns: every listener accepts. Errors: as their parts tell them, with text for the operator.
  static Result<std::unique_ptr<RunningSite>> start(Config config, Reload read_again);
  // Stops accepting, says goodbye on every wire, writes what was put off; at most limits.shutdown_seconds.
  ~RunningSite() override;

  const std::string& ca_fingerprint() const { return certificate_.ca_fingerprint; }

  // On main's thread: SIGHUP's reload(), and what has to happen now and then for a certificate not to expire.
  Result<> reload_on_signal();
  void renew_certificate();

  void account_changed(Uid uid, const Address& account, AccountChange change) override;
  Result<> remove_account(const Address& account, bool retire) override;
  Result<std::vector<SessionLine>> list_sessions() override;
  std::string metrics() override { return metrics_.exposition(); }
  Result<> reload() override;
  std::vector<std::pair<std::string, std::string>> listeners() override { return addresses_; }

 private:
  RunningSite(Config config, Reload read_again);

  // running_site.cpp, in this order
  Result<> open_folder();
  Result<> open_store();
  Result<> open_certificate();
  void build_node();
  Result<> open_listeners();
  Result<> open_control();

  Result<> listen(const std::string& name, const std::vector<std::string>& addresses, bool direct_tls,
                  std::vector<std::string> alpn, std::function<std::unique_ptr<session::Session>(Loop&)> make_session);
  net::SiteNames site_names() const;
  void publish_xmpp_site();
  void publish_mqtt_sites();
  void add_metrics();
  void write_what_was_put_off();

  std::mutex config_mutex_;  // config_, between main's thread and the control socket's
  Config config_;
  Reload read_again_;
  // Whoever posts to the shards goes before them: the order of these members is the reverse of their ends.
  std::unique_ptr<net::Network> network_;
  FailedLogins login_limits_;
  // Every one that ever was: sessions keep the one that they began with.
  std::vector<std::unique_ptr<xmpp::Site>> xmpp_sites_;
  std::atomic<const xmpp::Site*> xmpp_site_{nullptr};
  std::vector<std::unique_ptr<mqtt::Site>> mqtt_sites_;
  std::atomic<const mqtt::Site*> mqtt_site_{nullptr};
  std::atomic<const mqtt::Site*> mqtt_open_site_{nullptr};
  std::atomic<std::uint64_t> topics_dropped_{0};
  http::Upgrades upgrades_;
  Metrics metrics_;
  std::atomic<bool> ready_{false};
  std::unique_ptr<OperatorPages> pages_;
  std::unique_ptr<engine::Node> node_;
  std::unique_ptr<PasswordPool> passwords_;
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<SiteFiles> files_;
  std::shared_ptr<net::TlsContext> tls_;
  net::SiteCertificate certificate_;
  std::vector<std::pair<std::string, std::string>> addresses_;
  BlockingLoop control_loop_;  // the control socket's thread
  std::unique_ptr<Control> control_;
  std::unique_ptr<ControlServer> control_server_;
};

}  // namespace confab::app
