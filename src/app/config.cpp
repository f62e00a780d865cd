// Reads TOML. The only unit that includes toml++.
#include "app/config.h"

#include <unistd.h>

#include <toml++/toml.h>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/config_settings.h"

namespace confab::app {
namespace {

std::string place_of(const std::filesystem::path& file, const toml::source_region& source) {
  return file.string() + ":" + std::to_string(source.begin.line);
}

tl::unexpected<Error> fail_at(const std::string& place, const std::string& path, std::string_view why) {
  return fail(Errc::bad_payload, place + ": " + path + ": " + std::string(why));
}

Result<> assign_node(const Setting& setting, const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return assign_text(setting, *text);
  if (const auto number = node.value_exact<std::int64_t>()) return assign_number(setting, *number);
  if (const auto flag = node.value_exact<bool>()) return assign_flag(setting, *flag);
  const toml::array* array = node.as_array();
  if (array == nullptr) return assign_list(setting, {});  // a float, a date: assign_list names the type wanted
  std::vector<std::string> items;
  for (const toml::node& item : *array) {
    const auto text = item.value_exact<std::string>();
    if (!text) return fail(Errc::bad_payload, "wanted a list of strings");
    items.push_back(*text);
  }
  return assign_list(setting, std::move(items));
}

// Every key of one table. `section`: its name; empty for the top, whose tables are the sections.
Result<> read_table(const toml::table& table, std::string_view section, const std::vector<Setting>& settings,
                    const std::filesystem::path& file) {
  for (const auto& [key, node] : table) {
    const std::string place = place_of(file, key.source());
    const std::string path =
        section.empty() ? std::string(key.str()) : std::string(section) + "." + std::string(key.str());
    const auto is_it = [&](const Setting& s) { return s.section == section && s.name == key.str(); };
    const auto is_section = [&](const Setting& s) { return section.empty() && s.section == key.str(); };
    if (const toml::table* inner = node.as_table();
        inner != nullptr && std::any_of(settings.begin(), settings.end(), is_section)) {
      if (auto read = read_table(*inner, key.str(), settings, file); !read) return read;
      continue;
    }
    const auto found = std::find_if(settings.begin(), settings.end(), is_it);
    if (found == settings.end()) return fail_at(place, path, "unknown key");
    const bool misplaced =
        node.is_floating_point() || node.is_table() || node.is_date() || node.is_time() || node.is_date_time();
    if (misplaced) return fail_at(place, path, "a value of the wrong type");
    if (auto assigned = assign_node(*found, node); !assigned) return fail_at(place, path, assigned.error().text);
  }
  return {};
}

Result<> read_file(const std::filesystem::path& file, Config& config) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  if (stream) text << stream.rdbuf();
  if (!stream) return fail(Errc::unavailable, file.string() + ": cannot be read");
  try {
    const toml::table table = toml::parse(text.str(), file.string());
    return read_table(table, "", settings_of(config), file);
  } catch (const toml::parse_error& error) {
    return fail(Errc::bad_payload, place_of(file, error.source()) + ": " + std::string(error.description()));
  }
}

Result<> read_conf_d(const std::filesystem::path& main, Config& config) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(main.parent_path() / "conf.d", error)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory) {
    return fail(Errc::unavailable, (main.parent_path() / "conf.d").string() + ": " + error.message());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    if (auto read = read_file(file, config); !read) return read;
  }
  return {};
}

std::string variable_of(const Setting& setting) {
  std::string name = "CONFAB_";
  if (!setting.section.empty()) name.append(setting.section).append("__");
  name.append(setting.name);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
  return name;
}

Result<> read_environment(const std::map<std::string, std::string>& environment, Config& config) {
  const std::vector<Setting> settings = settings_of(config);
  for (const auto& [name, value] : environment) {
    const auto found = std::find_if(settings.begin(), settings.end(),
                                    [&name = name](const Setting& s) { return variable_of(s) == name; });
    if (found == settings.end()) {
      // Without "__" it may be another program's: CONFAB_HOME of some script is no setting of ours.
      if (name.find("__") == std::string::npos) continue;
      return fail_at("environment", name, "unknown key");
    }
    if (auto assigned = assign_spelled(*found, value); !assigned) {
      return fail_at("environment", name, assigned.error().text);
    }
  }
  return {};
}

}  // namespace

Result<Config> load_config(const ConfigSources& sources) {
  Config config = sources.base;
  if (!sources.file.empty()) {
    std::error_code error;
    const bool there = std::filesystem::exists(sources.file, error);
    if (!there && (sources.file_required || error)) {
      return fail(Errc::not_found, sources.file.string() + ": " + (error ? error.message() : "no such file"));
    }
    if (there) {
      if (auto read = read_file(sources.file, config); !read) return fail(std::move(read.error()));
    }
    if (auto read = read_conf_d(sources.file, config); !read) return fail(std::move(read.error()));
  }
  if (auto read = read_environment(sources.environment, config); !read) return fail(std::move(read.error()));
  if (!sources.data_dir.empty()) config.data_dir = sources.data_dir;
  if (auto checked = check_config(config); !checked) return fail(std::move(checked.error()));
  return config;
}

std::map<std::string, std::string> confab_environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view line(*entry);
    const std::size_t equals = line.find('=');
    if (!line.starts_with("CONFAB_") || equals == std::string_view::npos) continue;
    out.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return out;
}

}  // namespace confab::app
