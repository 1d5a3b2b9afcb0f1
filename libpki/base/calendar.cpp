#include "base/calendar.hpp"

#include <fmt/format.h>

namespace pki::base {

namespace {

/// Fields are the parts of an instant, in UTC.
struct Fields {
  int year;
  unsigned month;
  unsigned day;
  std::chrono::hh_mm_ss<std::chrono::seconds> clock;
};

Fields fields_of(std::chrono::sys_seconds time) {
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{midnight};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
          std::chrono::hh_mm_ss<std::chrono::seconds>{time - midnight}};
}

std::string write(std::chrono::sys_seconds time, const char* pattern) {
  const auto [year, month, day, clock] = fields_of(time);
  return fmt::format(fmt::runtime(pattern), year, month, day, clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace

std::string rfc3339(std::chrono::sys_seconds time) { return write(time, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z"); }

std::string to_date(std::chrono::sys_seconds instant) {
  return write(instant, "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC");
}

std::string days_text(std::chrono::seconds span) {
  const auto text = [](auto number, const char* unit) {
    return fmt::format("{} {}{}", number, unit, number == 1 ? "" : "s");
  };
  if (span >= std::chrono::hours{48}) return text(span / std::chrono::hours{24}, "day");
  if (span >= std::chrono::hours{2}) return text(span / std::chrono::hours{1}, "hour");
  return text(span / std::chrono::minutes{1}, "minute");
}

}  // namespace pki::base
