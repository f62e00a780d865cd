#include "base/time.h"

#include <array>
#include <cstdio>

namespace confab {

std::string format_utc(WallMs at) {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{milliseconds(at.ms)};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{moment - day};
  std::array<char, 48> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                    unsigned(date.month()), unsigned(date.day()), int(time.hours().count()),
                    int(time.minutes().count()), int(time.seconds().count()), int(time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace confab
