#include "app/config_settings.h"

#include <charconv>

#include "app/endpoint.h"

namespace confab::app {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 53;  // exact in JSON's numbers
constexpr std::int64_t kMillion = 1000000;

Setting text(std::string_view section, std::string_view name, std::string& value) {
  return {section, name, TextSetting{&value}};
}
Setting flag(std::string_view section, std::string_view name, bool& value) {
  return {section, name, FlagSetting{&value}};
}
Setting number(std::string_view section, std::string_view name, std::int64_t& value, std::int64_t least,
               std::int64_t most = kMost) {
  return {section, name, NumberSetting{&value, least, most}};
}
Setting list(std::string_view section, std::string_view name, std::vector<std::string>& value) {
  return {section, name, ListSetting{&value, false}};
}

// `names` in the order of the enumerators, which count from 0.
template <class Enum>
Setting choice(std::string_view section, std::string_view name, Enum& value, std::vector<std::string_view> names) {
  return {section, name,
          ChoiceSetting{std::move(names), [&value] { return static_cast<std::size_t>(value); },
                        [&value](std::size_t index) { value = static_cast<Enum>(index); }}};
}

void add_listen(std::vector<Setting>& to, ListenConfig& listen) {
  const auto add = [&to](std::string_view name, std::vector<std::string>& value) {
    to.push_back({"listen", name, ListSetting{&value, true}});
  };
  add("http", listen.http);
  add("https", listen.https);
  add("xmpp", listen.xmpp);
  add("xmpps", listen.xmpps);
  add("xmpp_server", listen.xmpp_server);
  add("component", listen.component);
  add("mqtt", listen.mqtt);
  add("mqtts", listen.mqtts);
  add("mqtt_open", listen.mqtt_open);
  add("sip", listen.sip);
  add("sips", listen.sips);
}

void add_security(std::vector<Setting>& to, Config& c) {
  to.push_back(text("tls", "certificate", c.tls.certificate));
  to.push_back(text("tls", "key", c.tls.key));
  to.push_back(choice("auth", "plaintext", c.auth.plaintext, {"never", "loopback", "always"}));
  to.push_back(choice("auth", "registration", c.auth.registration, {"open", "invite", "closed"}));
  to.push_back(flag("auth", "channel_binding", c.auth.channel_binding));
  to.push_back(number("auth", "scram_iterations", c.auth.scram_iterations, 4096, 10 * kMillion));
  to.push_back(flag("auth", "sip_digest", c.auth.sip_digest));
  to.push_back(text("auth", "key_file", c.auth.key_file));
}

void add_services(std::vector<Setting>& to, Config& c) {
  to.push_back(flag("roles", "online", c.roles.online));
  to.push_back(flag("roles", "media", c.roles.media));
  to.push_back(flag("roles", "web", c.roles.web));
  to.push_back(number("retention", "message_days", c.retention.message_days, 0, kMillion));
  to.push_back(number("retention", "archive_bytes", c.retention.archive_bytes, 0));
  to.push_back(number("retention", "device_days", c.retention.device_days, 0, kMillion));
  to.push_back(number("media", "quota_bytes", c.media.quota_bytes, 0));
  to.push_back(list("turn", "services", c.turn.services));
  to.push_back(choice("policy", "strangers", c.policy.strangers, {"site", "roster", "anyone"}));
  to.push_back(number("policy", "presence_grace_seconds", c.policy.presence_grace_seconds, 0, 3600));
  to.push_back(number("mqtt_open", "refused_subscribe", c.mqtt_open.refused_subscribe, 128, 255));
  to.push_back(number("mqtt_open", "keep_alive_max", c.mqtt_open.keep_alive_max, 0, 65535));
  to.push_back(flag("mqtt_open", "anonymous", c.mqtt_open.anonymous));
  to.push_back(list("mqtt_open", "deny", c.mqtt_open.deny));
  to.push_back(choice("log", "level", c.log.level, {"debug", "info", "warn", "error"}));
  to.push_back(choice("log", "form", c.log.form, {"text", "json"}));
}

void add_limits(std::vector<Setting>& to, LimitsConfig& l) {
  const auto add = [&to](std::string_view name, std::int64_t& value, std::int64_t least, std::int64_t most = kMost) {
    to.push_back(number("limits", name, value, least, most));
  };
  add("message_bytes", l.message_bytes, 1024, 64 << 20);
  add("upload_bytes", l.upload_bytes, 0);
  add("messages_per_second", l.messages_per_second, 0, kMillion);
  add("connections_per_address", l.connections_per_address, 0);
  add("login_failures", l.login_failures, 0, kMillion);
  add("login_seconds", l.login_seconds, 1, 3600);
  add("sasl_attempts", l.sasl_attempts, 1, 1000);
  add("idle_seconds", l.idle_seconds, 0, 86400);
  add("sessions", l.sessions, 0);
  add("sessions_per_account", l.sessions_per_account, 1, kMillion);
  add("bindings_per_account", l.bindings_per_account, 1, kMillion);
  add("queue_bytes", l.queue_bytes, 65536);
  add("websocket_message_bytes", l.websocket_message_bytes, 65536);
  add("mqtt_receive_maximum", l.mqtt_receive_maximum, 1, 65535);
  add("mqtt_topic_aliases", l.mqtt_topic_aliases, 0, 65535);
  add("session_resume_seconds", l.session_resume_seconds, 0, 86400);
  add("accounts_loaded", l.accounts_loaded, 1);
  add("roster_items", l.roster_items, 1, kMillion);
  add("blocked_peers", l.blocked_peers, 1, kMillion);
  add("directed_presences", l.directed_presences, 1, kMillion);
  add("archive_preferences", l.archive_preferences, 1, kMillion);
  add("archive_rows_per_page", l.archive_rows_per_page, 1, 10000);
  add("announcement_accounts", l.announcement_accounts, 0, kMillion);
  add("pep_nodes", l.pep_nodes, 1, 100000);
  add("pep_items_per_node", l.pep_items_per_node, 1, kMillion);
  add("pep_item_bytes", l.pep_item_bytes, 1024);
  add("pep_bytes", l.pep_bytes, 1024);
  add("caps_cached", l.caps_cached, 16, kMillion);
  add("interest_bytes", l.interest_bytes, 0, kMillion);
  add("read_markers", l.read_markers, 1, 100000);
  add("topic_sessions", l.topic_sessions, 1);
  add("subscriptions_per_session", l.subscriptions_per_session, 1, kMillion);
  add("topic_levels", l.topic_levels, 1, 1024);
  add("topic_queue_messages", l.topic_queue_messages, 1, kMillion);
  add("retained_messages", l.retained_messages, 0);
  add("retained_bytes", l.retained_bytes, 0);
  add("log_rows_per_page", l.log_rows_per_page, 1, 100000);
  add("log_bytes_per_page", l.log_bytes_per_page, 4096);
  add("search_results", l.search_results, 1, 10000);
  add("search_rows", l.search_rows, 1, kMillion);
  add("write_queue", l.write_queue, 1);
  add("read_queue", l.read_queue, 1);
  add("password_queue", l.password_queue, 1);
  add("password_threads", l.password_threads, 0, 1024);
  add("shutdown_seconds", l.shutdown_seconds, 1, 10);
}

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) out.append(out.empty() ? "\"" : ", \"").append(name).append("\"");
  return out;
}

tl::unexpected<Error> wrong_type(const Setting& setting) {
  struct Wanted {
    std::string operator()(const TextSetting&) const { return "wanted a string"; }
    std::string operator()(const NumberSetting&) const { return "wanted a whole number"; }
    std::string operator()(const FlagSetting&) const { return "wanted true or false"; }
    std::string operator()(const ChoiceSetting& s) const { return "wanted one of " + joined(s.names); }
    std::string operator()(const ListSetting&) const { return "wanted a list of strings"; }
  };
  return fail(Errc::bad_payload, std::visit(Wanted{}, setting.place));
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string_view part = text.substr(0, comma);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return parts;
}

}  // namespace

std::string Setting::path() const {
  return section.empty() ? std::string(name) : std::string(section) + "." + std::string(name);
}

std::vector<Setting> settings_of(Config& config) {
  std::vector<Setting> all;
  all.push_back(text("", "domain", config.domain));
  all.push_back(text("", "data_dir", config.data_dir));
  all.push_back(choice("", "durability", config.durability, {"power", "process"}));
  all.push_back(number("", "threads", config.threads, 0, 1024));
  all.push_back(text("store", "url", config.store.url));
  add_listen(all, config.listen);
  add_security(all, config);
  add_services(all, config);
  add_limits(all, config.limits);
  return all;
}

Result<> assign_text(const Setting& setting, const std::string& value) {
  if (value.find('\0') != std::string::npos) return fail(Errc::bad_payload, "NUL inside");
  if (const auto* plain = std::get_if<TextSetting>(&setting.place)) {
    *plain->value = value;
    return {};
  }
  const auto* choice = std::get_if<ChoiceSetting>(&setting.place);
  if (choice == nullptr) return wrong_type(setting);
  for (std::size_t i = 0; i < choice->names.size(); ++i) {
    if (choice->names[i] != value) continue;
    choice->set(i);
    return {};
  }
  return wrong_type(setting);
}

Result<> assign_number(const Setting& setting, std::int64_t value) {
  const auto* number = std::get_if<NumberSetting>(&setting.place);
  if (number == nullptr) return wrong_type(setting);
  if (value < number->least || value > number->most) {
    return fail(Errc::bad_payload,
                "wanted a number from " + std::to_string(number->least) + " to " + std::to_string(number->most));
  }
  *number->value = value;
  return {};
}

Result<> assign_flag(const Setting& setting, bool value) {
  const auto* flag = std::get_if<FlagSetting>(&setting.place);
  if (flag == nullptr) return wrong_type(setting);
  *flag->value = value;
  return {};
}

Result<> assign_list(const Setting& setting, std::vector<std::string> value) {
  const auto* list = std::get_if<ListSetting>(&setting.place);
  if (list == nullptr) return wrong_type(setting);
  for (const std::string& item : value) {
    if (item.find('\0') != std::string::npos) return fail(Errc::bad_payload, "NUL inside");
    if (!list->endpoints) continue;
    if (auto endpoint = parse_endpoint(item); !endpoint) return fail(std::move(endpoint.error()));
  }
  *list->value = std::move(value);
  return {};
}

Result<> assign_spelled(const Setting& setting, const std::string& value) {
  if (std::holds_alternative<ListSetting>(setting.place)) return assign_list(setting, split_commas(value));
  if (std::holds_alternative<FlagSetting>(setting.place)) {
    if (value != "true" && value != "false") return wrong_type(setting);
    return assign_flag(setting, value == "true");
  }
  if (!std::holds_alternative<NumberSetting>(setting.place)) return assign_text(setting, value);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size()) return wrong_type(setting);
  return assign_number(setting, number);
}

}  // namespace confab::app
