// The table of settings: name, place in Config, and what values are allowed. For reading, writing and documenting them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config.h"

namespace confab::app {

struct NumberSetting {
  std::int64_t* value;
  std::int64_t least;
  std::int64_t most;
};
struct ChoiceSetting {
  std::vector<std::string_view> names;
  std::function<std::size_t()> get;
  std::function<void(std::size_t)> set;
};
struct TextSetting {
  std::string* value;
};
struct FlagSetting {
  bool* value;
};
struct ListSetting {
  std::vector<std::string>* value;
  bool endpoints = false;
};

struct Setting {
  std::string_view section;  // empty: at the top
  std::string_view name;
  std::variant<TextSetting, NumberSetting, FlagSetting, ChoiceSetting, ListSetting> place;

  std::string path() const;  // "limits.queue_bytes"
};

// All settings, bound to `config`, which must outlive them; sections together, in the order of the documentation.
std::vector<Setting> settings_of(Config& config);

// Each checks the value and stores it. Errors: bad_payload, the text without the setting's name.
Result<> assign_text(const Setting& setting, const std::string& value);
Result<> assign_number(const Setting& setting, std::int64_t value);
Result<> assign_flag(const Setting& setting, bool value);
Result<> assign_list(const Setting& setting, std::vector<std::string> value);
// From the environment: a number, true or false, a list with commas, as the setting's type asks for.
Result<> assign_spelled(const Setting& setting, const std::string& value);

}  // namespace confab::app
