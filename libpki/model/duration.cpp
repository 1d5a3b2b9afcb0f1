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

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  throw Error(Errc::invalid_config, "", fmt::format("invalid duration \"{}\": {}", text, why),
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

// Removes the digits at the front of `rest`, appends the first `most` of them to `number`, and returns their count.
std::size_t parse_digits(std::string_view& rest, double& number, std::size_t most) {
  std::size_t count = 0;
  for (; starts_with_digit(rest); rest.remove_prefix(1), ++count)
    if (count < most) number = number * 10 + (rest.front() - '0');
  return count;
}

// Removes a number and its unit from the front of `rest` and returns the nanoseconds. Both sides of the point are read
// as whole numbers, as Go does: "4.1m" is 246 s, where 4.1 times a minute would be a little less.
double parse_term(std::string_view& rest, std::string_view text) {
  constexpr std::size_t fraction_digits = 15;
  double whole = 0;
  double fraction = 0;
  std::size_t digits = parse_digits(rest, whole, std::numeric_limits<std::size_t>::max());
  double scale = 1;
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    const auto count = parse_digits(rest, fraction, fraction_digits);
    for (std::size_t i = 0; i < std::min(count, fraction_digits); ++i)
      scale *= 10;
    digits += count;
  }
  if (digits == 0) refuse(text, "expected a number");
  const Unit* unit = parse_unit(rest);
  if (unit == nullptr) refuse(text, rest.empty() ? "missing unit" : "unknown unit");
  const auto nanoseconds = static_cast<double>(unit->nanoseconds);
  return whole * nanoseconds + fraction * (nanoseconds / scale);
}

}  // namespace

std::chrono::seconds parse_duration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return std::chrono::seconds{0};
  if (rest.empty()) refuse(text, "it is empty");
  double nanoseconds = 0;
  while (!rest.empty())
    nanoseconds += parse_term(rest, text);
  const double seconds = nanoseconds / 1e9;
  if (seconds > static_cast<double>(longest.count())) refuse(text, "longer than 10000 years");
  const std::chrono::seconds whole{static_cast<std::int64_t>(seconds)};
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
