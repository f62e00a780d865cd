// One escaped line per event: "2026-11-20T09:15:00.123Z info xmpp.session opened user=alice session=12".
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace confab::log {

enum class Level : unsigned char { debug, info, warn, error };

// One k=v. The value is escaped when written, so that nothing a peer sent can start a line or forge a field.
struct Field {
  std::string_view key;
  std::string value;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <class Number>
    requires std::is_integral_v<Number>
  Field(std::string_view k, Number v) : key(k), value(std::to_string(v)) {}
};

// Writes a line to stderr, in one write(2). Never a secret, never a message body. Lives on: anywhere.
void write(Level level, std::string_view module, std::string_view event, std::initializer_list<Field> fields = {});

inline void debug(std::string_view m, std::string_view e, std::initializer_list<Field> f = {}) {
  write(Level::debug, m, e, f);
}
inline void info(std::string_view m, std::string_view e, std::initializer_list<Field> f = {}) {
  write(Level::info, m, e, f);
}
inline void warn(std::string_view m, std::string_view e, std::initializer_list<Field> f = {}) {
  write(Level::warn, m, e, f);
}
inline void error(std::string_view m, std::string_view e, std::initializer_list<Field> f = {}) {
  write(Level::error, m, e, f);
}

// Lines below `level` are not written. Default: info.
void set_level(Level level);

enum class Form : unsigned char { text, json };
void set_form(Form form);

// The line that `write` would write, without the time: for tests, and for whoever keeps lines elsewhere.
std::string format(Form form, std::string_view time, Level level, std::string_view module, std::string_view event,
                   std::initializer_list<Field> fields);

}  // namespace confab::log
