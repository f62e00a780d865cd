// What is true of a configuration as a whole, and how it is shown.
#include <string_view>

#include "app/config_settings.h"
#include "app/json_text.h"
#include "names/names.h"

namespace confab::app {
namespace {

struct Written {
  std::string operator()(const TextSetting& s) const { return json_quote(*s.value); }
  std::string operator()(const NumberSetting& s) const { return std::to_string(*s.value); }
  std::string operator()(const FlagSetting& s) const { return *s.value ? "true" : "false"; }
  std::string operator()(const ChoiceSetting& s) const { return json_quote(s.names[s.get()]); }
  std::string operator()(const ListSetting& s) const {
    std::string out = "[";
    for (const std::string& item : *s.value) out += (out.size() > 1 ? ", " : "") + json_quote(item);
    return out + "]";
  }
};

// The user and the password of a database's URL are nobody's business.
std::string without_password(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t at = url.find('@', scheme == std::string::npos ? 0 : scheme + 3);
  if (scheme == std::string::npos || at == std::string::npos) return url;
  const std::size_t colon = url.find(':', scheme + 3);
  if (colon == std::string::npos || colon > at) return url;
  return url.substr(0, colon) + ":***" + url.substr(at);
}

Result<> check_store(const std::string& url) {
  const std::string_view text = url;
  if (text.starts_with("sqlite:") && text.size() > 7) return {};
  if (text.starts_with("postgresql://")) return fail(Errc::bad_payload, "store.url: PostgreSQL is not built in");
  return fail(Errc::bad_payload, "store.url: wanted \"sqlite:FILE\"");
}

}  // namespace

std::filesystem::path Config::in_data(const std::string& path) const {
  return std::filesystem::path(data_dir) / path;  // an absolute one replaces the folder
}

Result<> check_config(Config& config) {
  if (config.domain.empty()) return fail(Errc::bad_payload, "domain: not set; it is the part after the @ of every ID");
  auto domain = names::prepare_domain(config.domain);
  if (!domain) return fail(Errc::bad_payload, "domain: " + json_quote(config.domain) + " is not a domain name");
  config.domain = std::move(*domain);
  if (config.data_dir.empty()) return fail(Errc::bad_payload, "data_dir: empty");
  if (config.auth.key_file.empty()) return fail(Errc::bad_payload, "auth.key_file: empty");
  if (config.tls.certificate.empty() != config.tls.key.empty()) {
    return fail(Errc::bad_payload, "tls: certificate and key are set together or not at all");
  }
  return check_store(config.store.url);
}

Config dev_defaults(std::string data_dir) {
  Config config;
  config.domain = "localhost";
  config.data_dir = std::move(data_dir);
  config.auth.registration = Registration::open;
  for (const Setting& setting : settings_of(config)) {
    const auto* list = std::get_if<ListSetting>(&setting.place);
    if (list == nullptr || !list->endpoints) continue;
    for (std::string& endpoint : *list->value) endpoint = "127.0.0.1" + endpoint.substr(endpoint.rfind(':'));
  }
  return config;
}

std::string to_toml(const Config& config) {
  Config shown = config;
  shown.store.url = without_password(shown.store.url);
  std::string out;
  std::string_view section;
  for (const Setting& setting : settings_of(shown)) {
    if (setting.section != section) {
      section = setting.section;
      out.append("\n[").append(section).append("]\n");
    }
    out.append(setting.name).append(" = ").append(std::visit(Written{}, setting.place)).append("\n");
  }
  return out;
}

std::string to_json(const Config& config) {
  Config shown = config;
  shown.store.url = without_password(shown.store.url);
  std::string out = "{";
  std::string_view section;
  for (const Setting& setting : settings_of(shown)) {
    if (setting.section != section) {
      if (!section.empty()) out += "}";
      section = setting.section;
      out += "," + json_quote(section) + ":{";
    } else if (out.size() > 1) {
      out += ",";
    }
    out += json_quote(setting.name) + ":" + std::visit(Written{}, setting.place);
  }
  return out + (section.empty() ? "}" : "}}");
}

}  // namespace confab::app
