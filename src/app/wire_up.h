// What each part is told of the configuration. The one place where a part's options and the operator's keys meet.
#pragma once

#include <filesystem>

#include "app/config.h"
#include "app/metrics.h"
#include "app/password_pool.h"
#include "engine/node.h"
#include "engine/options.h"
#include "mqtt/config.h"
#include "net/network.h"
#include "store/sqlite/sqlite_store.h"
#include "xmpp/config.h"

namespace confab::app {

PasswordPoolOptions password_options(const Config& config);
store::SqliteOptions store_options(const Config& config, const std::filesystem::path& database);
net::NetworkOptions network_options(const Config& config, std::uint32_t shards);
engine::Options engine_options(const Config& config);
xmpp::Config xmpp_config(const Config& config);
mqtt::Config mqtt_config(const Config& config);
void apply_log(const Config& config);

// libcrypto's generator, drawn from in blocks by each thread: for ids and names that need not be secret for long.
RandomBytes fast_random();

void add_engine_metrics(Metrics& metrics, engine::Node& node);
void add_topic_metrics(Metrics& metrics, engine::Node& node);
void add_net_metrics(Metrics& metrics, net::Network& network);
void add_store_metrics(Metrics& metrics, const store::SqliteStore& store);

}  // namespace confab::app
