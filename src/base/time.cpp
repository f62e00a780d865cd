#include "base/time.h"

#include <array>
#include <cstdio>

namespace confab {
namespace {

// Eats `digits` digits. -1: they are not there.
int take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// ".1234" as milliseconds; what is finer is cut off.
std::optional<int> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  int value = 0;
  int digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
    if (digits < 3) value = value * 10 + (text.front() - '0');
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) value *= 10;
  return value;
}

// "Z", "+01:00": minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, 'Z')) return 0;
  const bool west = take(text, '-');
  if (!west && !take(text, '+')) return std::nullopt;
  const int hours = take_number(text, 2);
  if (hours < 0 || hours > 23 || !take(text, ':')) return std::nullopt;
  const int minutes = take_number(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  return (west ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

std::optional<WallMs> parse_utc(std::string_view text) {
  using namespace std::chrono;
  const int year_number = take_number(text, 4);
  if (year_number < 0 || !take(text, '-')) return std::nullopt;
  const int month_number = take_number(text, 2);
  if (month_number < 0 || !take(text, '-')) return std::nullopt;
  const int day_number = take_number(text, 2);
  if (day_number < 0 || !take(text, 'T')) return std::nullopt;
  const int hour = take_number(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = take_number(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return std::nullopt;
  const int second = take_number(text, 2);
  if (second < 0 || second > 60) return std::nullopt;
  const std::optional<int> fraction = take_fraction(text);
  const std::optional<int> offset = fraction ? take_offset(text) : std::nullopt;
  const year_month_day date{year(year_number), month(static_cast<unsigned>(month_number)),
                            day(static_cast<unsigned>(day_number))};
  if (!offset || !text.empty() || !date.ok()) return std::nullopt;
  const auto moment =
      sys_days(date) + hours(hour) + minutes(minute - *offset) + seconds(second) + milliseconds(*fraction);
  return WallMs{duration_cast<milliseconds>(moment.time_since_epoch()).count()};
}

std::string format_utc(WallMs at, unsigned micros) {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{milliseconds(at.ms)};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{moment - day};
  std::array<char, 48> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03d", int(date.year()),
                    unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                    int(time.minutes().count()), int(time.seconds().count()), int(time.subseconds().count()));
  std::string out(text.data(), static_cast<std::size_t>(length));
  if (micros > 0 && micros < 1000) out += std::to_string(1000 + micros).substr(1);
  return out += 'Z';
}

}  // namespace confab
