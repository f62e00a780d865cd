#include "app/running_site.h"

#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <future>
#include <thread>

#include "app/restore_topics.h"
#include "app/wire_up.h"
#include "base/log.h"
#include "http/http_session.h"

namespace confab::app {
namespace {

constexpr seconds kAnswerTime{30};

std::uint32_t shards_of(const Config& config) {
  if (config.threads > 0) return static_cast<std::uint32_t>(config.threads);
  return std::max(1U, std::thread::hardware_concurrency());
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace

RunningSite::RunningSite(Config config, Reload read_again)
    : config_(std::move(config)),
      read_again_(std::move(read_again)),
      login_limits_(config_.limits.login_failures, [] { return read_clocks().mono; }) {}

Result<std::unique_ptr<RunningSite>> RunningSite::start(Config config, Reload read_again) {
  std::unique_ptr<RunningSite> site(new RunningSite(std::move(config), std::move(read_again)));
  for (const auto step : {&RunningSite::open_folder, &RunningSite::open_store, &RunningSite::open_certificate}) {
    if (auto done = (site.get()->*step)(); !done) return fail(done.error());
  }
  site->build_node();
  if (auto done = restore_topics(*site->node_, *site->store_, site->control_loop_); !done) return fail(done.error());
  site->add_metrics();
  for (const auto step : {&RunningSite::open_listeners, &RunningSite::open_control}) {
    if (auto done = (site.get()->*step)(); !done) return fail(done.error());
  }
  site->network_->start();
  site->ready_ = true;
  return site;
}

RunningSite::~RunningSite() {
  ready_ = false;
  if (network_) network_->stop_accepting();
  control_server_.reset();
  if (network_) network_->stop(seconds(config_.limits.shutdown_seconds));
  if (node_ && store_) write_what_was_put_off();
  store_.reset();
  passwords_.reset();
}

Result<> RunningSite::open_folder() {
  std::error_code error;
  std::filesystem::create_directories(config_.data_dir, error);
  if (error) return fail(Errc::unavailable, config_.data_dir + ": " + error.message());
  std::filesystem::permissions(config_.data_dir, std::filesystem::perms::owner_all, error);
  const auto key_file = config_.in_data(config_.auth.key_file);
  auto key = auth::SiteKey::load_or_create(key_file);
  if (!key) return fail(key.error().code, key_file.string() + ": " + key.error().text);
  passwords_ = std::make_unique<PasswordPool>(password_options(config_), *key, system_random());
  files_ = open_site_files(config_);
  return {};
}

Result<> RunningSite::open_store() {
  const auto database = database_file(config_);
  if (!database) return fail(database.error());
  auto opened = store::SqliteStore::open(store_options(config_, *database));
  if (!opened) return fail(opened.error());
  store_ = std::move(*opened);
  return {};
}

net::SiteNames RunningSite::site_names() const {
  const std::string host = host_name();
  return {.domain = config_.domain, .hosts = {host, host + ".local"}, .addresses = net::local_addresses()};
}

Result<> RunningSite::open_certificate() {
  std::filesystem::path certificate = config_.in_data(config_.tls.certificate);
  std::filesystem::path key = config_.in_data(config_.tls.key);
  if (config_.tls.certificate.empty()) {
    auto made = net::ensure_site_certificate(keys_folder(config_), site_names(), read_clocks().wall);
    if (!made) return fail(made.error());
    certificate_ = std::move(*made);
    certificate = certificate_.certificate;
    key = certificate_.key;
  }
  if (tls_) return tls_->reload(certificate, key);
  auto context = net::TlsContext::load(certificate, key);
  if (!context) return fail(context.error());
  tls_ = std::move(*context);
  return {};
}

void RunningSite::build_node() {
  network_ = std::make_unique<net::Network>(network_options(config_, shards_of(config_)));
  node_ = std::make_unique<engine::Node>(engine_options(config_), fast_random());
  node_->attach(*store_, *passwords_);
  for (std::uint32_t i = 0; i < network_->size(); ++i) {
    node_->add_shard(network_->shard(i), network_->shard(i).pumps());
    network_->serve(i, *node_);
  }
  store_->listen(node_.get());
  publish_xmpp_site();
  publish_mqtt_sites();
}

void RunningSite::publish_mqtt_sites() {
  const auto publish = [this](mqtt::Config config) {
    mqtt_sites_.push_back(std::make_unique<mqtt::Site>(mqtt::Site{
        std::move(config), [] { return net::local_loop().now(); }, fast_random(), &login_limits_, &topics_dropped_}));
    return mqtt_sites_.back().get();
  };
  mqtt_site_ = publish(mqtt_config(config_));
  // Machines publish as they have to: what limits a person does not limit them.
  mqtt::Config open = mqtt_config(config_);
  open.messages_per_second = 0;
  mqtt_open_site_ = publish(std::move(open));
}

void RunningSite::publish_xmpp_site() {
  xmpp_sites_.push_back(
      xmpp::make_site(xmpp_config(config_), [] { return net::local_loop().now(); }, fast_random(), &login_limits_));
  xmpp_site_ = xmpp_sites_.back().get();
}

Result<> RunningSite::listen(const std::string& name, const std::vector<std::string>& addresses, bool direct_tls,
                             std::vector<std::string> alpn,
                             std::function<std::unique_ptr<session::Session>(Loop&)> make_session) {
  if (addresses.empty()) return {};
  auto bound = network_->listen(
      {.name = name,
       .addresses = addresses,
       .make_session = std::move(make_session),
       .tls = std::make_shared<const net::TlsProfile>(net::TlsProfile{.context = tls_, .alpn = std::move(alpn)}),
       .direct_tls = direct_tls});
  if (!bound) return fail(bound.error().code, "listen." + name + ": " + bound.error().text);
  for (std::string& address : *bound) addresses_.emplace_back(name, std::move(address));
  return {};
}

Result<> RunningSite::open_listeners() {
  log::info("app", "listeners_not_built_in", {{"names", "xmpp_server component sip sips"}});
  pages_ = std::make_unique<OperatorPages>([this] { return ready_.load(); }, metrics_);
  const http::Limits limits{.head_seconds = seconds(config_.limits.login_seconds)};
  const auto xmpp = [this](Loop&) { return xmpp::make_session(*xmpp_site_.load()); };
  const auto mqtt = [this](Loop&) { return mqtt::make_im_session(*mqtt_site_.load()); };
  const auto open = [this](Loop&) { return mqtt::make_open_session(*mqtt_open_site_.load()); };
  upgrades_ = {{"/mqtt", {"mqtt", "mqttv3.1"}, [this] { return mqtt::make_im_session(*mqtt_site_.load()); }}};
  const auto http = [this, limits](Loop&) { return std::make_unique<http::HttpSession>(*pages_, limits, upgrades_); };
  const std::vector<std::string> mqtt_alpn{std::string(mqtt::kProtocol.alpn)};
  const std::vector<std::string> xmpp_alpn{std::string(xmpp::kProtocol.alpn)};
  if (auto done = listen("xmpp", config_.listen.xmpp, false, {}, xmpp); !done) return done;
  if (auto done = listen("xmpps", config_.listen.xmpps, true, xmpp_alpn, xmpp); !done) return done;
  if (auto done = listen("mqtt", config_.listen.mqtt, false, {}, mqtt); !done) return done;
  if (auto done = listen("mqtts", config_.listen.mqtts, true, mqtt_alpn, mqtt); !done) return done;
  if (auto done = listen("mqtt_open", config_.listen.mqtt_open, false, {}, open); !done) return done;
  if (auto done = listen("http", config_.listen.http, false, {}, http); !done) return done;
  return listen("https", config_.listen.https, true, {"http/1.1"}, http);
}

Result<> RunningSite::open_control() {
  control_ = std::make_unique<Control>(ControlPorts{.config = &config_,
                                                    .store = store_.get(),
                                                    .passwords = passwords_.get(),
                                                    .files = files_.get(),
                                                    .live = this},
                                       control_loop_);
  auto server = ControlServer::open(config_.control_socket(), [this](const ControlRequest& request) {
    const std::lock_guard lock(config_mutex_);
    return control_->run(request);
  });
  if (!server) return fail(server.error().code, "control socket: " + server.error().text);
  control_server_ = std::move(*server);
  return {};
}

// The shards have stopped: their accounts are this thread's now.
void RunningSite::write_what_was_put_off() {
  engine::Transaction transaction;
  node_->collect_put_off(transaction);
  if (transaction.changes.empty()) return;
  auto loop = std::make_shared<BlockingLoop>();
  const auto done = loop->wait<engine::Committed>(
      kAnswerTime, [&](auto answer) { store_->commit(std::move(transaction), *loop, std::move(answer)); });
  if (!done) log::warn("app", "cursors_not_written", {{"error", done.error().text}});
  store_.reset();  // before the loop that it may still post to
}

void RunningSite::account_changed(Uid, const Address& account, AccountChange) {
  (void)control_loop_.wait<void>(kAnswerTime, [&](auto answer) {
    node_->refresh(account, control_loop_, [answer = std::move(answer)]() mutable { answer(Result<>()); });
  });
}

Result<> RunningSite::remove_account(const Address& account, bool retire) {
  auto reply = control_loop_.wait<core::Reply>(kAnswerTime, [&](auto answer) {
    node_->administer(account, core::RemoveAccount{retire}, control_loop_,
                      [answer = std::move(answer)](core::Reply got) mutable { answer(std::move(got)); });
  });
  if (!reply) return fail(reply.error());
  if (const auto* refused = std::get_if<core::Refused>(&*reply)) return fail(refused->code, refused->text);
  return {};
}

Result<std::vector<SessionLine>> RunningSite::list_sessions() {
  return control_loop_.wait<std::vector<SessionLine>>(kAnswerTime, [&](auto answer) {
    node_->list_sessions(
        control_loop_, [answer = std::move(answer)](std::vector<engine::Node::SessionLine> sessions) mutable {
          std::vector<SessionLine> lines;
          for (const auto& session : sessions) {
            lines.push_back({session.address, std::string(core::name_of(session.wire)), {}, session.since});
          }
          answer(std::move(lines));
        });
  });
}

Result<> RunningSite::reload_on_signal() {
  const std::lock_guard lock(config_mutex_);
  return reload();
}

void RunningSite::renew_certificate() {
  const std::lock_guard lock(config_mutex_);
  if (auto done = open_certificate(); !done) log::error("app", "certificate", {{"error", done.error().text}});
}

// Certificates, logs, policy, and what new XMPP sessions are told. The rest is read at the start alone.
Result<> RunningSite::reload() {
  auto fresh = read_again_();
  if (!fresh) return fail(fresh.error());
  fresh->domain = config_.domain;
  fresh->data_dir = config_.data_dir;
  config_.tls = fresh->tls;
  config_.auth = fresh->auth;
  config_.log = fresh->log;
  config_.limits = fresh->limits;
  config_.policy = fresh->policy;
  apply_log(config_);
  login_limits_.set_limit(config_.limits.login_failures);
  node_->change_policy(engine_options(config_));
  if (auto done = open_certificate(); !done) return done;
  publish_xmpp_site();
  publish_mqtt_sites();
  log::info("app", "configuration_read_again");
  return {};
}

void RunningSite::add_metrics() {
  add_net_metrics(metrics_, *network_);
  add_store_metrics(metrics_, *store_);
  add_engine_metrics(metrics_, *node_);
  add_topic_metrics(metrics_, *node_);
  metrics_.counter("confab_topic_messages_dropped", "Messages of QoS 0 that slow readers did not get",
                   [this] { return topics_dropped_.load(std::memory_order_relaxed); });
  metrics_.gauge("confab_ready", "1 while the site serves", [this] { return ready_ ? 1.0 : 0.0; });
  metrics_.counter("confab_login_failures", "Logins that failed", [this] { return login_limits_.failures(); });
  metrics_.gauge("confab_password_queue", "Passwords that wait to be checked",
                 [this] { return static_cast<double>(passwords_->waiting()); });
}

}  // namespace confab::app
