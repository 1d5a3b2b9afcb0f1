// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace pki::base {

/// notBefore is this long before the certificate is made, because clocks of fresh machines are often a little slow.
/// kubeadm uses the same time.
inline constexpr std::chrono::minutes backdate{5};

/// Fields is an instant in UTC as calendars and clocks show it.
struct Fields {
  int year{0};
  int month{0};
  int day{0};
  int hour{0};
  int minute{0};
  int second{0};

  friend bool operator==(const Fields&, const Fields&) = default;
};

/// Returns the fields of an instant.
[[nodiscard]] Fields fields_of(std::chrono::sys_seconds time) noexcept;
/// Returns the instant, or empty when the calendar has no such day or the clock no such time. No leap seconds.
[[nodiscard]] std::optional<std::chrono::sys_seconds> to_instant(const Fields& fields) noexcept;

/// Returns an instant as RFC 3339 in UTC with whole seconds: "2027-11-21T00:48:15Z".
[[nodiscard]] std::string rfc3339(std::chrono::sys_seconds time);
/// Parses an RFC 3339 full-date (its first second, UTC) or date-time; fractions are dropped, and a leap second (the
/// last one of a day) is the one after. Returns empty for anything else, and beyond the years 0 to 9999.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_rfc3339(std::string_view text) noexcept;

/// Returns an instant without separators, as names of files use it: "20271121T004815Z".
[[nodiscard]] std::string compact(std::chrono::sys_seconds time);
/// Parses exactly what `compact` writes.
[[nodiscard]] std::optional<std::chrono::sys_seconds> parse_compact(std::string_view text) noexcept;

/// Returns an instant for people: "2027-11-21 00:48:15 UTC".
[[nodiscard]] std::string to_date(std::chrono::sys_seconds instant);
/// Returns its day alone: "2027-11-21".
[[nodiscard]] std::string to_day(std::chrono::sys_seconds instant);
/// Returns an instant as kubeadm's tables show it: "Nov 21, 2027 00:48 UTC".
[[nodiscard]] std::string to_table_date(std::chrono::sys_seconds instant);
/// Returns a length of time for people: "340 days", "1 day", "30 hours" below two days.
[[nodiscard]] std::string days_text(std::chrono::seconds span);

}  // namespace pki::base
