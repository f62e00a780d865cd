// What an operator can set: every key of confab.toml, typed, with its default (docs/admin/configuration.md).
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace confab::app {

enum class Durability : std::uint8_t { power, process };
enum class Plaintext : std::uint8_t { never, loopback, always };
enum class Registration : std::uint8_t { open, invite, closed };
enum class StrangersPolicy : std::uint8_t { site, roster, anyone };
enum class LogLevel : std::uint8_t { debug, info, warn, error };
enum class LogForm : std::uint8_t { text, json };

struct StoreConfig {
  std::string url = "sqlite:confab.db";
};

// Each list holds endpoints that parse_endpoint takes; an empty one turns the listener off.
struct ListenConfig {
  std::vector<std::string> http{"[::]:8080"};
  std::vector<std::string> https{"[::]:8443"};
  std::vector<std::string> xmpp{"[::]:5222"};
  std::vector<std::string> xmpps{"[::]:5223"};
  std::vector<std::string> xmpp_server{"[::]:5269"};
  std::vector<std::string> component;
  std::vector<std::string> mqtt{"[::]:1883"};
  std::vector<std::string> mqtts{"[::]:8883"};
  std::vector<std::string> mqtt_open;
  std::vector<std::string> sip{"[::]:5060"};
  std::vector<std::string> sips{"[::]:5061"};
};

struct TlsConfig {
  std::string certificate;  // both empty: made by the site's own CA
  std::string key;
};

struct AuthConfig {
  Plaintext plaintext = Plaintext::loopback;
  Registration registration = Registration::invite;
  bool channel_binding = true;
  std::int64_t scram_iterations = 10000;
  bool sip_digest = true;
  std::string key_file = "keys/site.key";
};

struct RolesConfig {
  bool online = true;
  bool media = true;
  bool web = true;
};

struct RetentionConfig {
  std::int64_t message_days = 0;   // 0: for ever
  std::int64_t archive_bytes = 0;  // of one account; 0: as many as there are
  std::int64_t device_days = 90;
};

struct MediaConfig {
  std::int64_t quota_bytes = 10737418240;
};

struct TurnConfig {
  std::vector<std::string> services;
};

struct PolicyConfig {
  StrangersPolicy strangers = StrangersPolicy::site;
  std::int64_t presence_grace_seconds = 15;
};

struct MqttOpenConfig {
  std::int64_t refused_subscribe = 135;
  std::int64_t keep_alive_max = 0;
  bool anonymous = false;
  std::vector<std::string> deny;
};

struct LogConfig {
  LogLevel level = LogLevel::info;
  LogForm form = LogForm::text;
};

struct LimitsConfig {
  std::int64_t message_bytes = 262144;
  std::int64_t upload_bytes = 4294967296;
  std::int64_t messages_per_second = 50;
  std::int64_t connections_per_address = 1000;
  std::int64_t login_failures = 10;
  std::int64_t login_seconds = 30;
  std::int64_t sasl_attempts = 5;
  std::int64_t idle_seconds = 600;
  std::int64_t sessions = 0;
  std::int64_t sessions_per_account = 20;
  std::int64_t bindings_per_account = 10;
  std::int64_t queue_bytes = 1048576;
  std::int64_t websocket_message_bytes = 16777216;
  std::int64_t mqtt_receive_maximum = 1000;
  std::int64_t mqtt_topic_aliases = 32;
  std::int64_t session_resume_seconds = 300;
  std::int64_t accounts_loaded = 20000;  // per shard
  std::int64_t roster_items = 5000;
  std::int64_t blocked_peers = 5000;
  std::int64_t directed_presences = 500;
  std::int64_t archive_preferences = 1000;
  std::int64_t archive_rows_per_page = 250;
  std::int64_t announcement_accounts = 200'000;
  std::int64_t pep_nodes = 200;
  std::int64_t pep_items_per_node = 1000;
  std::int64_t pep_item_bytes = 262144;
  std::int64_t pep_bytes = 10485760;  // of one account
  std::int64_t caps_cached = 2000;
  std::int64_t interest_bytes = 8192;  // of one client
  std::int64_t read_markers = 1000;
  std::int64_t topic_sessions = 100000;
  std::int64_t subscriptions_per_session = 1000;
  std::int64_t topic_levels = 128;
  std::int64_t topic_queue_messages = 10000;  // of one session
  std::int64_t retained_messages = 100000;
  std::int64_t retained_bytes = 67108864;
  std::int64_t log_rows_per_page = 100;
  std::int64_t log_bytes_per_page = 1048576;
  std::int64_t search_results = 100;
  std::int64_t search_rows = 2000;
  std::int64_t write_queue = 10000;
  std::int64_t read_queue = 10000;
  std::int64_t password_queue = 1000;
  std::int64_t password_threads = 0;  // 0: half of the cores
  std::int64_t shutdown_seconds = 10;

  // A frame or stanza after login, and before (rulings.md: sizes).
  std::size_t frame_bytes() const { return static_cast<std::size_t>(message_bytes) * 6 + 65536; }
  // Never less than what it carries.
  std::size_t websocket_bytes() const {
    return std::max(static_cast<std::size_t>(websocket_message_bytes), frame_bytes());
  }
  static constexpr std::size_t kFrameBytesBeforeLogin = 16384;
};

// Lives on: anywhere; read-only once loaded.
struct Config {
  std::string domain;  // prepared
  std::string data_dir = "/var/lib/confab";
  Durability durability = Durability::power;
  std::int64_t threads = 0;  // 0: one per core

  StoreConfig store;
  ListenConfig listen;
  TlsConfig tls;
  AuthConfig auth;
  RolesConfig roles;
  RetentionConfig retention;
  MediaConfig media;
  TurnConfig turn;
  PolicyConfig policy;
  MqttOpenConfig mqtt_open;
  LogConfig log;
  LimitsConfig limits;

  // `path` itself if absolute, else inside data_dir.
  std::filesystem::path in_data(const std::string& path) const;
  std::filesystem::path control_socket() const { return in_data("confabd.sock"); }
};

inline constexpr const char* kDefaultConfigFile = "/etc/confab/confab.toml";

// Where a configuration comes from; each source wins over those before it: `base`, `file`, conf.d/*.toml beside it in
// the order of their names, `environment`, `data_dir`.
struct ConfigSources {
  Config base;
  std::filesystem::path file;                      // empty: none
  bool file_required = true;                       // false: a missing file is an empty one
  std::map<std::string, std::string> environment;  // CONFAB_SECTION__KEY -> value; lists with commas
  std::string data_dir;                            // the command line's --data; empty: not given
};

// Errors: bad_payload for what is written wrongly ("FILE:LINE: limits.queue_bytes: ..."), not_found for a missing
// file, unavailable for one that cannot be read. Blocks on the disk.
Result<Config> load_config(const ConfigSources& sources);

// What is true of a configuration as a whole, and its domain prepared. load_config ends with it.
Result<> check_config(Config& config);

// The configuration under `confabd serve --dev`, before any file: domain localhost, the documented ports on loopback,
// registration open. `data_dir`: where to keep data; the caller makes a temporary folder if none is given.
Config dev_defaults(std::string data_dir);

// This process's environment, as ConfigSources wants it: what begins with CONFAB_.
std::map<std::string, std::string> confab_environment();

// The effective configuration, as TOML that load_config reads back, and as one JSON object. Holds no secret.
std::string to_toml(const Config& config);
std::string to_json(const Config& config);

}  // namespace confab::app
