#include "base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>

#include "base/bytes.h"
#include "base/time.h"

namespace confab::log {
namespace {

std::atomic<Level> g_level{Level::info};
std::atomic<Form> g_form{Form::text};

std::string_view name(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "info";
}

// JSON's string escapes serve both forms; bytes that are not UTF-8 become \u00xx.
void append_escaped(std::string& out, std::string_view value) {
  const bool utf8 = is_utf8(value);
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) {
      std::array<char, 8> text{};
      std::snprintf(text.data(), text.size(), "\\u%04x", byte);
      out += text.data();
    } else {
      out += c;
    }
  }
}

bool is_plain(std::string_view value) {
  if (value.empty()) return false;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F || c == '"' || c == '\\' || c == '=') return false;
  }
  return true;
}

void append_json_member(std::string& out, std::string_view key, std::string_view value) {
  out += out.size() > 1 ? ",\"" : "\"";
  append_escaped(out, key);
  out += "\":\"";
  append_escaped(out, value);
  out += '"';
}

}  // namespace

std::string format(Form form, std::string_view time, Level level, std::string_view module, std::string_view event,
                   std::initializer_list<Field> fields) {
  std::string out;
  if (form == Form::json) {
    out = "{";
    append_json_member(out, "time", time);
    append_json_member(out, "level", name(level));
    append_json_member(out, "module", module);
    append_json_member(out, "event", event);
    for (const Field& field : fields) append_json_member(out, field.key, field.value);
    return out += "}\n";
  }
  out.append(time).append(" ").append(name(level)).append(" ").append(module).append(" ").append(event);
  for (const Field& field : fields) {
    out.append(" ").append(field.key).append("=");
    if (is_plain(field.value)) {
      out += field.value;
    } else {
      out += '"';
      append_escaped(out, field.value);
      out += '"';
    }
  }
  return out += '\n';
}

void write(Level level, std::string_view module, std::string_view event, std::initializer_list<Field> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string time = format_utc({std::chrono::duration_cast<milliseconds>(now).count()});
  const std::string line = format(g_form.load(std::memory_order_relaxed), time, level, module, event, fields);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

void set_level(Level level) {
  g_level.store(level);
}
void set_form(Form form) {
  g_form.store(form);
}

}  // namespace confab::log
