#include "app/wire_up.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "app/site_files.h"
#include "auth/hash.h"
#include "base/log.h"
#include "store/sqlite/backup.h"

namespace confab::app {
namespace {

std::size_t as_size(std::int64_t value) {
  return static_cast<std::size_t>(value);
}

ConvId conversation_of(const Address& a, const Address& b) {
  const std::string one = to_string(a);
  const std::string two = to_string(b);
  const std::string hash = auth::digest(auth::Hash::sha256, one < two ? one + "\n" + two : two + "\n" + one);
  ConvId id;
  std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
  return id;
}

engine::Registration registration_of(Registration registration) {
  switch (registration) {
    case Registration::open:
      return engine::Registration::open;
    case Registration::invite:
      return engine::Registration::invite;
    case Registration::closed:
      return engine::Registration::closed;
  }
  return engine::Registration::closed;
}

xmpp::Registration xmpp_registration_of(Registration registration) {
  switch (registration) {
    case Registration::open:
      return xmpp::Registration::open;
    case Registration::invite:
      return xmpp::Registration::invite;
    case Registration::closed:
      return xmpp::Registration::closed;
  }
  return xmpp::Registration::closed;
}

core::Strangers strangers_of(StrangersPolicy policy) {
  switch (policy) {
    case StrangersPolicy::site:
      return core::Strangers::site;
    case StrangersPolicy::roster:
      return core::Strangers::roster;
    case StrangersPolicy::anyone:
      return core::Strangers::anyone;
  }
  return core::Strangers::roster;
}

xmpp::Plaintext plaintext_of(Plaintext plaintext) {
  switch (plaintext) {
    case Plaintext::never:
      return xmpp::Plaintext::never;
    case Plaintext::loopback:
      return xmpp::Plaintext::loopback;
    case Plaintext::always:
      return xmpp::Plaintext::always;
  }
  return xmpp::Plaintext::never;
}

mqtt::Plaintext mqtt_plaintext_of(Plaintext plaintext) {
  switch (plaintext) {
    case Plaintext::never:
      return mqtt::Plaintext::never;
    case Plaintext::loopback:
      return mqtt::Plaintext::loopback;
    case Plaintext::always:
      return mqtt::Plaintext::always;
  }
  return mqtt::Plaintext::never;
}

}  // namespace

PasswordPoolOptions password_options(const Config& config) {
  PasswordPoolOptions options;
  options.domain = config.domain;
  options.iterations = static_cast<int>(config.auth.scram_iterations);
  options.sip_digest = config.auth.sip_digest;
  options.threads = as_size(config.limits.password_threads);
  options.queue = as_size(config.limits.password_queue);
  return options;
}

store::SqliteOptions store_options(const Config& config, const std::filesystem::path& database) {
  store::SqliteOptions options;
  options.path = database.string();
  options.durability = config.durability == Durability::power ? store::Durability::power : store::Durability::process;
  options.write_queue = as_size(config.limits.write_queue);
  options.read_queue = as_size(config.limits.read_queue);
  options.random = system_random();
  options.message_days = config.retention.message_days;
  options.archive_bytes = static_cast<std::uint64_t>(config.retention.archive_bytes);
  options.device_days = config.retention.device_days;
  options.before_migration = [database](int from, int to) -> Result<> {
    const std::string file = database.string() + ".before-schema-" + std::to_string(to);
    log::info("app", "backup_before_migration", {{"from", from}, {"to", to}, {"file", file}});
    auto made = store::backup_database(database.string(), file);
    if (!made) return fail(made.error());
    return {};
  };
  return options;
}

net::NetworkOptions network_options(const Config& config, std::uint32_t shards) {
  net::NetworkOptions options;
  options.shards = shards;
  options.limits.queue_bytes = as_size(config.limits.queue_bytes);
  options.limits.websocket_message_bytes = config.limits.websocket_bytes();
  options.limits.high_water = std::min(options.limits.high_water, options.limits.queue_bytes / 2);
  options.limits.low_water = std::min(options.limits.low_water, options.limits.high_water / 2);
  options.connections_per_address = static_cast<std::uint32_t>(config.limits.connections_per_address);
  options.sessions = static_cast<std::uint32_t>(config.limits.sessions);
  return options;
}

engine::Options engine_options(const Config& config) {
  engine::Options options;
  options.domain = config.domain;
  options.policy.strangers = strangers_of(config.policy.strangers);
  options.policy.roster_items = as_size(config.limits.roster_items);
  options.policy.blocked_peers = as_size(config.limits.blocked_peers);
  options.policy.directed_presences = as_size(config.limits.directed_presences);
  options.policy.pep_nodes = as_size(config.limits.pep_nodes);
  options.policy.pep_items_per_node = as_size(config.limits.pep_items_per_node);
  // What is published must fit into the queue of whoever is told of it, and an answer into that of who asks.
  options.policy.pep_item_bytes = as_size(std::min(config.limits.pep_item_bytes, config.limits.queue_bytes / 4));
  options.policy.pep_bytes = as_size(config.limits.pep_bytes);
  options.items_bytes = as_size(config.limits.queue_bytes / 2);
  options.registration = registration_of(config.auth.registration);
  options.presence_grace = seconds(config.policy.presence_grace_seconds);
  options.accounts_loaded = as_size(config.limits.accounts_loaded);
  options.sessions_per_account = as_size(config.limits.sessions_per_account);
  options.policy.archive_preferences = as_size(config.limits.archive_preferences);
  options.read_markers = as_size(config.limits.read_markers);
  options.archive_rows = as_size(config.limits.archive_rows_per_page);
  options.announcement_accounts = as_size(config.limits.announcement_accounts);
  options.backlog_rows = as_size(config.limits.log_rows_per_page);
  // A page must fit into the queue of a session beside what else is there.
  options.backlog_bytes = as_size(std::min(config.limits.log_bytes_per_page, config.limits.queue_bytes / 4));
  options.search_results = as_size(config.limits.search_results);
  options.search_rows = as_size(config.limits.search_rows);
  options.device_days = static_cast<int>(config.retention.device_days);
  options.topics.version = CONFAB_VERSION;
  options.topics.sessions = as_size(config.limits.topic_sessions);
  options.topics.subscriptions_per_session = as_size(config.limits.subscriptions_per_session);
  options.topics.levels = as_size(config.limits.topic_levels);
  options.topics.queue_messages = as_size(config.limits.topic_queue_messages);
  options.topics.retained_messages = as_size(config.limits.retained_messages);
  options.topics.retained_bytes = as_size(config.limits.retained_bytes);
  options.topics.page_rows = as_size(config.limits.log_rows_per_page);
  options.topics.page_bytes = options.backlog_bytes;
  options.conversation = conversation_of;
  return options;
}

xmpp::Config xmpp_config(const Config& config) {
  xmpp::Config out;
  out.domain = config.domain;
  out.plaintext = plaintext_of(config.auth.plaintext);
  out.tls = true;
  out.channel_binding = config.auth.channel_binding;
  out.registration = xmpp_registration_of(config.auth.registration);
  out.message_bytes = static_cast<std::uint32_t>(config.limits.message_bytes);
  out.messages_per_second = static_cast<std::uint32_t>(config.limits.messages_per_second);
  out.login_time = seconds(config.limits.login_seconds);
  out.login_attempts = static_cast<std::uint32_t>(config.limits.sasl_attempts);
  out.unacked_bytes = static_cast<std::uint32_t>(config.limits.queue_bytes);
  out.resume_time = seconds(config.limits.session_resume_seconds);
  out.caps_cached = static_cast<std::uint32_t>(config.limits.caps_cached);
  out.interest_bytes = static_cast<std::uint32_t>(config.limits.interest_bytes);
  return out;
}

mqtt::Config mqtt_config(const Config& config) {
  mqtt::Config out;
  out.domain = config.domain;
  out.plaintext = mqtt_plaintext_of(config.auth.plaintext);
  out.anonymous = config.mqtt_open.anonymous;
  out.refused_subscribe = static_cast<std::uint8_t>(config.mqtt_open.refused_subscribe);
  out.keep_alive_max = static_cast<std::uint16_t>(config.mqtt_open.keep_alive_max);
  out.deny = config.mqtt_open.deny;
  out.message_bytes = static_cast<std::uint32_t>(config.limits.message_bytes);
  out.messages_per_second = static_cast<std::uint32_t>(config.limits.messages_per_second);
  out.login_time = seconds(config.limits.login_seconds);
  out.receive_maximum = out.send_maximum = static_cast<std::uint16_t>(config.limits.mqtt_receive_maximum);
  out.topic_aliases = static_cast<std::uint16_t>(config.limits.mqtt_topic_aliases);
  out.queue_bytes = static_cast<std::uint32_t>(config.limits.queue_bytes);
  if (config.retention.device_days > 0) {
    out.session_expiry =
        static_cast<std::uint32_t>(std::min<std::int64_t>(config.retention.device_days, 40'000) * 86'400);
  }
  return out;
}

void apply_log(const Config& config) {
  switch (config.log.level) {
    case LogLevel::debug:
      log::set_level(log::Level::debug);
      break;
    case LogLevel::info:
      log::set_level(log::Level::info);
      break;
    case LogLevel::warn:
      log::set_level(log::Level::warn);
      break;
    case LogLevel::error:
      log::set_level(log::Level::error);
      break;
  }
  log::set_form(config.log.form == LogForm::json ? log::Form::json : log::Form::text);
}

RandomBytes fast_random() {
  return [](unsigned char* out, std::size_t size) {
    thread_local std::array<unsigned char, 4096> block;
    thread_local std::size_t used = block.size();
    if (size > block.size()) std::abort();
    if (block.size() - used < size) {
      if (RAND_bytes(block.data(), static_cast<int>(block.size())) != 1) std::abort();
      used = 0;
    }
    std::memcpy(out, block.data() + used, size);
    // What was given out is not kept.
    std::memset(block.data() + used, 0, size);
    used += size;
  };
}

namespace {

// One sample for each shard.
template <class Member>
void add_shard_family(Metrics& metrics, Metrics::Kind kind, const char* name, const char* help, net::Network& network,
                      Member member) {
  metrics.add(kind, name, help, [&network, member] {
    std::vector<Sample> samples;
    for (std::uint32_t i = 0; i < network.size(); ++i) {
      const auto value = static_cast<double>((network.shard(i).counters().*member).get());
      samples.push_back({{{"shard", std::to_string(i)}}, value});
    }
    return samples;
  });
}

}  // namespace

void add_engine_metrics(Metrics& metrics, engine::Node& node) {
  const auto add = [&](Metrics::Kind kind, const char* name, const char* help, Counter engine::Counters::* member) {
    metrics.add(kind, name, help, [&node, member] {
      std::vector<Sample> samples;
      for (std::uint32_t i = 0; i < node.shards(); ++i) {
        const auto value = static_cast<double>((node.shard(i).counters().*member).get());
        samples.push_back({{{"shard", std::to_string(i)}}, value});
      }
      return samples;
    });
  };
  using Kind = Metrics::Kind;
  using C = engine::Counters;
  add(Kind::gauge, "confab_sessions", "Sessions logged in, lingering ones too", &C::sessions);
  add(Kind::counter, "confab_sessions_opened", "Sessions that were opened", &C::opened);
  add(Kind::counter, "confab_events_kept", "Events that went into logs", &C::kept);
  add(Kind::counter, "confab_events_repeated", "Repeats that were recognised", &C::duplicates);
  add(Kind::counter, "confab_events_unstored", "Events that the store did not take", &C::unstored);
  add(Kind::counter, "confab_events_delivered", "Events handed to sessions", &C::delivered);
}

void add_topic_metrics(Metrics& metrics, engine::Node& node) {
  const auto add = [&](Metrics::Kind kind, const char* name, const char* help, Counter topics::Counters::* member) {
    metrics.add(kind, name, help, [&node, member] {
      std::vector<Sample> samples;
      for (std::uint32_t i = 0; i < node.shards(); ++i) {
        const auto value = static_cast<double>((node.topics(i).space().counters().*member).get());
        samples.push_back({{{"shard", std::to_string(i)}}, value});
      }
      return samples;
    });
  };
  using Kind = Metrics::Kind;
  using C = topics::Counters;
  add(Kind::gauge, "confab_topic_sessions", "Topic sessions, with and without a connection", &C::sessions);
  add(Kind::gauge, "confab_topic_sessions_connected", "Topic sessions with a connection", &C::connected);
  add(Kind::gauge, "confab_topic_subscriptions", "Subscriptions of topic sessions", &C::subscriptions);
  add(Kind::counter, "confab_topic_messages_received", "Messages published on free topics", &C::received);
  add(Kind::counter, "confab_topic_messages_sent", "Messages of free topics handed to sessions", &C::sent);
  add(Kind::counter, "confab_topic_bytes_received", "Bytes of their topics and payloads", &C::bytes_received);
  add(Kind::counter, "confab_topic_bytes_sent", "Bytes of their topics and payloads", &C::bytes_sent);
  add(Kind::counter, "confab_topic_messages_logged", "Messages that had to be kept for somebody", &C::logged);
  add(Kind::counter, "confab_topic_messages_refused", "Messages over a limit", &C::refused);
  add(Kind::counter, "confab_topic_messages_expired", "Messages whose time was over before they were sent",
      &C::expired);
  add(Kind::counter, "confab_topic_messages_unstored", "Messages that the store did not take", &C::unstored);
  // Every shard has all of it: one of them tells.
  metrics.gauge("confab_topic_retained_messages", "Messages that are retained",
                [&node] { return static_cast<double>(node.topics(0).space().counters().retained.get()); });
  metrics.gauge("confab_topic_retained_bytes", "Bytes of their topics and payloads",
                [&node] { return static_cast<double>(node.topics(0).space().counters().retained_bytes.get()); });
}

void add_net_metrics(Metrics& metrics, net::Network& network) {
  using Kind = Metrics::Kind;
  using C = net::Counters;
  add_shard_family(metrics, Kind::counter, "confab_connections_accepted", "Connections taken in", network,
                   &C::accepted);
  add_shard_family(metrics, Kind::counter, "confab_connections_refused", "Closed at accept: over a limit", network,
                   &C::refused);
  add_shard_family(metrics, Kind::gauge, "confab_connections", "Connections now", network, &C::open);
  add_shard_family(metrics, Kind::gauge, "confab_sessions_kept", "Sessions that wait to be resumed", network, &C::kept);
  add_shard_family(metrics, Kind::counter, "confab_sessions_resumed", "Sessions that were resumed", network,
                   &C::taken_over);
  add_shard_family(metrics, Kind::counter, "confab_tls_handshakes", "TLS handshakes", network, &C::handshakes);
  add_shard_family(metrics, Kind::counter, "confab_bytes_in", "Bytes read by sessions", network, &C::bytes_in);
  add_shard_family(metrics, Kind::counter, "confab_bytes_out", "Bytes written by sessions", network, &C::bytes_out);
  metrics.add(Kind::counter, "confab_connections_closed", "Connections that ended, by reason", [&network] {
    std::vector<Sample> samples;
    for (std::size_t reason = 0; reason < net::kCloseReasons; ++reason) {
      double sum = 0;
      for (std::uint32_t i = 0; i < network.size(); ++i) {
        sum += static_cast<double>(network.shard(i).counters().closed[reason].get());
      }
      samples.push_back({{{"reason", net::name_of(static_cast<session::CloseReason>(reason))}}, sum});
    }
    return samples;
  });
}

void add_store_metrics(Metrics& metrics, const store::SqliteStore& store) {
  metrics.counter("confab_store_groups", "Commits", [&store] { return store.counters().groups; });
  metrics.counter("confab_store_transactions", "Transactions that were committed",
                  [&store] { return store.counters().transactions; });
  metrics.counter("confab_store_log_rows", "Rows appended to logs", [&store] { return store.counters().rows; });
  metrics.counter("confab_store_refused", "Transactions and reads refused: a queue was full",
                  [&store] { return store.counters().refused; });
  metrics.counter("confab_store_failures", "Transactions that the disk failed",
                  [&store] { return store.counters().failures; });
  metrics.gauge("confab_store_waiting", "Transactions in the queue",
                [&store] { return static_cast<double>(store.counters().waiting); });
  metrics.gauge("confab_search_behind", "Messages that are not in the search index yet",
                [&store] { return static_cast<double>(store.counters().search_behind); });
}

}  // namespace confab::app
