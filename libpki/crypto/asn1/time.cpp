#include "crypto/asn1/time.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <pki/error.hpp>

namespace pki::crypto {

namespace {

using namespace std::chrono;

/// Returns the number at `index` of a text of digits.
int two_digits(std::string_view text, std::size_t index) { return (text[index] - '0') * 10 + (text[index + 1] - '0'); }

}  // namespace

sys_seconds read_time(der::Reader& reader) {
  const auto value = reader.next();
  const bool generalized = value.tag == der::generalized_time;
  auto text = value.content;
  const std::size_t digits = generalized ? 14 : 12;
  const bool formed = (generalized || value.tag == der::utc_time) && text.size() == digits + 1 && text.back() == 'Z' &&
                      std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
  if (!formed) throw der::Malformed("a date that is not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ");
  const int short_year = two_digits(text, generalized ? 2 : 0);
  const int century = generalized ? two_digits(text, 0) * 100 : short_year < 50 ? 2000 : 1900;
  text.remove_prefix(digits - 10);
  const year_month_day date{year{century + short_year}, month{static_cast<unsigned>(two_digits(text, 0))},
                            day{static_cast<unsigned>(two_digits(text, 2))}};
  const int hour = two_digits(text, 4);
  const int minute = two_digits(text, 6);
  const int second = two_digits(text, 8);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) throw der::Malformed("a date that does not exist");
  return sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
}

std::string write_time(sys_seconds time) {
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const int full_year = static_cast<int>(date.year());
  if (full_year < 1950 || full_year > 9999)
    throw Error(Errc::invalid_config, {}, fmt::format("a date in the year {}, expected 1950 to 9999", full_year));
  const hh_mm_ss clock{time - midnight};
  const auto rest =
      fmt::format("{:02}{:02}{:02}{:02}{:02}Z", static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (full_year < 2050) return der::write(der::utc_time, {fmt::format("{:02}", full_year % 100), rest});
  return der::write(der::generalized_time, {fmt::format("{:04}", full_year), rest});
}

}  // namespace pki::crypto
