// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <pki/config.hpp>
#include <pki/error.hpp>

#include "base/words.hpp"

namespace pki::inline PKI_ABI {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// Go's units (time.ParseDuration), and days, which Go lacks. Longer names first: "ms" before "m".
constexpr std::array units{
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"µs", 1'000},
    Unit{"μs", 1'000},
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
    Unit{"d", 86'400'000'000'000},
};

constexpr std::chrono::seconds longest = std::chrono::hours{24L * 366 * 10'000};
constexpr std::string_view too_long = "longer than 10000 years";

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw Error(Errc::invalid_config, "", fmt::format("invalid duration {}: {}", base::shown_value(text), why),
              "write a Go duration or days, for example 8760h, 1h30m or 365d");
}

// Removes a unit from the front of `rest`. Returns null without one.
const Unit* parse_unit(std::string_view& rest) {
  for (const auto& unit : units) {
    if (!rest.starts_with(unit.name)) continue;
    rest.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

bool starts_with_digit(std::string_view text) { return !text.empty() && text.front() >= '0' && text.front() <= '9'; }

/// Digits are those at the front of a text, as a number and how many there were.
struct Digits {
  std::uint64_t number{0};
  std::size_t count{0};
};

// Removes the digits at the front of `rest`; digits after the first `most` are counted only, and a number that is too
// large is the largest.
Digits parse_digits(std::string_view& rest, std::size_t most) {
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  Digits digits;
  for (; starts_with_digit(rest); rest.remove_prefix(1), ++digits.count) {
    if (digits.count >= most) continue;
    const auto digit = static_cast<std::uint64_t>(rest.front() - '0');
    digits.number = digits.number > (largest - digit) / 10 ? largest : digits.number * 10 + digit;
  }
  return digits;
}

/// Amount is a sum of terms. The seconds are exact: nanoseconds since 1970 end in 2262, and a double loses whole
/// seconds beyond 146 years.
struct Amount {
  std::int64_t seconds{0};
  double nanoseconds{0};
};

// Adds a whole number of units.
void add_whole(Amount& amount, std::uint64_t number, const Unit& unit, std::string_view text) {
  constexpr std::int64_t second = 1'000'000'000;
  const bool below = unit.nanoseconds < second;
  const auto per_second = static_cast<std::uint64_t>(below ? second / unit.nanoseconds : 1);
  const auto seconds_each = static_cast<std::uint64_t>(below ? 1 : unit.nanoseconds / second);
  const auto whole = number / per_second;
  if (whole > static_cast<std::uint64_t>(longest.count()) / seconds_each) refuse(text, too_long);
  amount.seconds += static_cast<std::int64_t>(whole * seconds_each);
  amount.nanoseconds += static_cast<double>(number % per_second) * static_cast<double>(unit.nanoseconds);
  if (amount.seconds > longest.count()) refuse(text, too_long);
}

// Removes a number and its unit from the front of `rest` and adds it. Both sides of the point are read as whole
// numbers, as Go does: "4.1m" is 246 s, where 4.1 times a minute would be a little less.
void add_term(Amount& amount, std::string_view& rest, std::string_view text) {
  constexpr std::size_t fraction_digits = 15;
  const auto whole = parse_digits(rest, std::numeric_limits<std::size_t>::max());
  Digits fraction;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    fraction = parse_digits(rest, fraction_digits);
  }
  if (whole.count + fraction.count == 0) refuse(text, "expected a number");
  const Unit* unit = parse_unit(rest);
  if (unit == nullptr) refuse(text, rest.empty() ? "missing unit" : "unknown unit");
  add_whole(amount, whole.number, *unit, text);
  double scale = 1;
  for (std::size_t i = 0; i < std::min(fraction.count, fraction_digits); ++i)
    scale *= 10;
  amount.nanoseconds += static_cast<double>(fraction.number) * (static_cast<double>(unit->nanoseconds) / scale);
}

}  // namespace

std::chrono::seconds parse_duration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return std::chrono::seconds{0};
  if (rest.empty()) refuse(text, "it is empty");
  Amount amount;
  while (!rest.empty())
    add_term(amount, rest, text);
  const auto whole = std::chrono::seconds{amount.seconds + static_cast<std::int64_t>(amount.nanoseconds / 1e9)};
  if (whole > longest) refuse(text, too_long);
  return negative ? -whole : whole;
}

std::string to_string(std::chrono::seconds duration) {
  // Unsigned, because the most negative count has no positive counterpart.
  const bool negative = duration.count() < 0;
  const auto signed_count = static_cast<std::uint64_t>(duration.count());
  const auto count = negative ? 0 - signed_count : signed_count;
  const auto hours = count / 3600;
  const auto minutes = count / 60 % 60;
  std::string text = negative ? "-" : "";
  if (hours > 0) text += fmt::format("{}h", hours);
  if (hours > 0 || minutes > 0) text += fmt::format("{}m", minutes);
  return fmt::format("{}{}s", text, count % 60);
}

}  // namespace pki::inline PKI_ABI
