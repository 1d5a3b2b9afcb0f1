#include "commands/as_of.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <pki/config.hpp>
#include <pki/error.hpp>

namespace cli {

namespace {

/// Scanner takes a text apart from the left; after the first thing that is not there everything is wrong.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = rest_.empty() ? 'x' : rest_.front();
      ok_ = ok_ && c >= '0' && c <= '9';
      if (!ok_) return 0;
      value = value * 10 + (c - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  bool take_any(std::string_view signs) {
    const bool found = !rest_.empty() && signs.find(rest_.front()) != std::string_view::npos;
    if (found) rest_.remove_prefix(1);
    return found;
  }
  void expect(std::string_view signs) { ok_ = take_any(signs) && ok_; }
  void skip_digits() { rest_.remove_prefix(std::min(rest_.size(), rest_.find_first_not_of("0123456789"))); }
  [[nodiscard]] char next() const { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_{true};
};

std::chrono::seconds take_zone(Scanner& scanner) {
  if (scanner.take_any("Zz")) return {};
  const bool west = scanner.next() == '-';
  scanner.expect("+-");
  const auto hours = scanner.number(2);
  scanner.expect(":");
  const std::chrono::seconds offset = std::chrono::hours{hours} + std::chrono::minutes{scanner.number(2)};
  return west ? -offset : offset;
}

std::optional<std::chrono::sys_seconds> parse_rfc3339(std::string_view text) {
  Scanner scanner(text);
  const std::chrono::year year{scanner.number(4)};
  scanner.expect("-");
  const std::chrono::month month{static_cast<unsigned>(scanner.number(2))};
  scanner.expect("-");
  const std::chrono::year_month_day date{year, month, std::chrono::day{static_cast<unsigned>(scanner.number(2))}};
  if (!scanner.ok() || !date.ok()) return std::nullopt;
  const std::chrono::sys_seconds midnight = std::chrono::sys_days{date};
  if (scanner.done()) return midnight;
  scanner.expect("Tt ");
  const auto hour = scanner.number(2);
  scanner.expect(":");
  const auto minute = scanner.number(2);
  scanner.expect(":");
  const auto second = scanner.number(2);
  if (scanner.take_any(".")) scanner.skip_digits();
  const auto offset = take_zone(scanner);
  if (!scanner.ok() || !scanner.done() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return midnight + std::chrono::hours{hour} + std::chrono::minutes{minute} + std::chrono::seconds{second} - offset;
}

}  // namespace

std::chrono::sys_seconds parse_as_of(std::string_view text, std::chrono::sys_seconds now) {
  if (text.starts_with('+') || text.starts_with('-')) return now + pki::parse_duration(text);
  if (const auto instant = parse_rfc3339(text)) return *instant;
  throw pki::Error(
      pki::Errc::invalid_config, "--as-of", "invalid instant \"" + std::string(text) + "\"",
      "write a date, a date and time, or a duration with its sign: 2027-01-31, 2027-01-31T12:00:00Z, +90d");
}

}  // namespace cli
