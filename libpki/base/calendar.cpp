// SPDX-License-Identifier: Apache-2.0
#include "base/calendar.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include <pki/time.hpp>

namespace pki::base {

namespace {

using std::chrono::sys_seconds;

// What has a date in RFC 3339 and in certificates (RFC 5280 4.1.2.5): the years 0 to 9999.
constexpr sys_seconds first_instant = std::chrono::sys_days{std::chrono::year{0} / 1 / 1};
constexpr sys_seconds last_instant =
    std::chrono::sys_days{std::chrono::year{9999} / 12 / 31} + std::chrono::hours{24} - std::chrono::seconds{1};

constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string write(sys_seconds time, const char* pattern) {
  const auto f = fields_of(time);
  return fmt::format(fmt::runtime(pattern), f.year, f.month, f.day, f.hour, f.minute, f.second);
}

/// Scanner reads a text from the left; after the first mismatch it is no longer ok.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : rest_(text) {}

  int number(std::size_t digits) noexcept {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = next();
      ok_ = ok_ && c >= '0' && c <= '9';
      if (!ok_) return 0;
      value = value * 10 + (c - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  bool skip_any(std::string_view signs) noexcept {
    const bool found = !rest_.empty() && signs.find(rest_.front()) != std::string_view::npos;
    if (found) rest_.remove_prefix(1);
    return found;
  }

  void expect(std::string_view signs) noexcept { ok_ = skip_any(signs) && ok_; }

  void expect_digits() noexcept {
    const auto count = std::min(rest_.size(), rest_.find_first_not_of("0123456789"));
    ok_ = ok_ && count > 0;
    rest_.remove_prefix(count);
  }

  [[nodiscard]] char next() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  std::string_view rest_;
  bool ok_{true};
};

Fields read_day(Scanner& scanner, std::string_view separator) noexcept {
  Fields fields;
  fields.year = scanner.number(4);
  if (!separator.empty()) scanner.expect(separator);
  fields.month = scanner.number(2);
  if (!separator.empty()) scanner.expect(separator);
  fields.day = scanner.number(2);
  return fields;
}

void read_clock(Scanner& scanner, std::string_view separator, Fields& fields) noexcept {
  fields.hour = scanner.number(2);
  if (!separator.empty()) scanner.expect(separator);
  fields.minute = scanner.number(2);
  if (!separator.empty()) scanner.expect(separator);
  fields.second = scanner.number(2);
}

// Returns the offset from UTC; empty when it is not one.
std::optional<std::chrono::seconds> read_zone(Scanner& scanner) noexcept {
  if (scanner.skip_any("Zz")) return std::chrono::seconds{0};
  const bool west = scanner.next() == '-';
  scanner.expect("+-");
  const int hours = scanner.number(2);
  scanner.expect(":");
  const int minutes = scanner.number(2);
  if (hours > 23 || minutes > 59) return std::nullopt;
  const std::chrono::seconds offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  return west ? -offset : offset;
}

}  // namespace

Fields fields_of(sys_seconds time) noexcept {
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss<std::chrono::seconds> clock{time - midnight};
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count())};
}

std::optional<sys_seconds> to_instant(const Fields& fields) noexcept {
  const auto within = [](int value, int first, int last) { return value >= first && value <= last; };
  if (!within(fields.month, 1, 12) || !within(fields.day, 1, 31) || !within(fields.hour, 0, 23) ||
      !within(fields.minute, 0, 59) || !within(fields.second, 0, 59))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{fields.year},
                                         std::chrono::month{static_cast<unsigned>(fields.month)},
                                         std::chrono::day{static_cast<unsigned>(fields.day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::hours{fields.hour} + std::chrono::minutes{fields.minute} +
         std::chrono::seconds{fields.second};
}

std::string rfc3339(sys_seconds time) { return write(time, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z"); }

std::optional<sys_seconds> parse_rfc3339(std::string_view text) noexcept {
  Scanner scanner(text);
  auto fields = read_day(scanner, "-");
  if (!scanner.ok()) return std::nullopt;
  if (scanner.at_end()) return to_instant(fields);
  scanner.expect("Tt ");
  read_clock(scanner, ":", fields);
  if (scanner.skip_any(".")) scanner.expect_digits();
  const auto offset = read_zone(scanner);
  if (!offset || !scanner.ok() || !scanner.at_end()) return std::nullopt;
  const bool leap_second = fields.second == 60;
  if (leap_second) fields.second = 59;
  const auto local = to_instant(fields);
  if (!local) return std::nullopt;
  const auto instant = *local - *offset + std::chrono::seconds{leap_second ? 1 : 0};
  if (leap_second && std::chrono::floor<std::chrono::days>(instant) != instant) return std::nullopt;
  return instant < first_instant || instant > last_instant ? std::nullopt : std::optional(instant);
}

std::string compact(sys_seconds time) { return write(time, "{:04}{:02}{:02}T{:02}{:02}{:02}Z"); }

std::optional<sys_seconds> parse_compact(std::string_view text) noexcept {
  Scanner scanner(text);
  auto fields = read_day(scanner, "");
  scanner.expect("T");
  read_clock(scanner, "", fields);
  scanner.expect("Z");
  return scanner.ok() && scanner.at_end() ? to_instant(fields) : std::nullopt;
}

std::string to_date(sys_seconds instant) { return write(instant, "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC"); }

std::string to_day(sys_seconds instant) { return write(instant, "{:04}-{:02}-{:02}"); }

std::string to_table_date(sys_seconds instant) {
  const auto f = fields_of(instant);
  return fmt::format("{} {:02}, {:04} {:02}:{:02} UTC", months[static_cast<std::size_t>(f.month - 1)], f.day, f.year,
                     f.hour, f.minute);
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

namespace pki::inline PKI_ABI {

std::string to_rfc3339(std::chrono::sys_seconds time) { return base::rfc3339(time); }

std::optional<std::chrono::sys_seconds> parse_rfc3339(std::string_view text) { return base::parse_rfc3339(text); }

std::string to_day(std::chrono::sys_seconds time) { return base::to_day(time); }

std::string to_table_date(std::chrono::sys_seconds time) { return base::to_table_date(time); }

}  // namespace pki::inline PKI_ABI
