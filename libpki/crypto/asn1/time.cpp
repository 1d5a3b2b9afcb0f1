// SPDX-License-Identifier: Apache-2.0
#include "crypto/asn1/time.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/calendar.hpp"

namespace pki::crypto {

namespace {

/// Returns the number at `index` of a text of digits.
int two_digits(std::string_view text, std::size_t index) { return (text[index] - '0') * 10 + (text[index + 1] - '0'); }

}  // namespace

std::chrono::sys_seconds read_time(der::Reader& reader) {
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
  const auto instant = base::to_instant({century + short_year, two_digits(text, 0), two_digits(text, 2),
                                         two_digits(text, 4), two_digits(text, 6), two_digits(text, 8)});
  if (!instant) throw der::Malformed("a date that does not exist");
  return *instant;
}

std::string write_time(std::chrono::sys_seconds time) {
  const auto [year, month, day, hour, minute, second] = base::fields_of(time);
  if (year < 1950 || year > 9999)
    throw Error(Errc::invalid_config, {}, fmt::format("a date in the year {}, expected 1950 to 9999", year));
  const auto rest = fmt::format("{:02}{:02}{:02}{:02}{:02}Z", month, day, hour, minute, second);
  if (year < 2050) return der::write(der::utc_time, {fmt::format("{:02}", year % 100), rest});
  return der::write(der::generalized_time, {fmt::format("{:04}", year), rest});
}

}  // namespace pki::crypto
