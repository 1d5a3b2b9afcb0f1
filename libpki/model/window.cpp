// SPDX-License-Identifier: Apache-2.0
#include "model/window.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace pki {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds year = days{365};

constexpr auto window_hint = "write days, a Go duration or a share of the life, for example 30d, 720h or 20%";

Window parse_percent(std::string_view text) {
  double percent = -1;
  const auto* const end = text.data() + text.size() - 1;
  const auto [rest, error] = std::from_chars(text.data(), end, percent, std::chars_format::fixed);
  if (error != std::errc{} || rest != end || !(percent >= 0 && percent <= 100))
    throw Error(Errc::invalid_config, "",
                "invalid window \"" + std::string(text) + "\", expected a share from 0% to 100%", window_hint);
  Window window;
  window.percent = percent;
  return window;
}

std::string count(seconds::rep number, char unit) { return std::to_string(number) + unit; }

// Returns the larger unit, and the smaller one if it is not zero.
std::string pair(seconds::rep large, char large_unit, seconds::rep small, char small_unit) {
  return count(large, large_unit) + (small == 0 ? "" : count(small, small_unit));
}

}  // namespace

std::string model::describe(const Window& window) {
  if (window.percent) {
    auto number = std::to_string(*window.percent);  // six decimals: "12.500000"
    number.erase(number.find_last_not_of('0') + 1);
    if (number.ends_with('.')) number.pop_back();
    return number + "% of its life";
  }
  return window.span % days{1} == seconds{0} ? count(window.span / days{1}, 'd') : to_string(window.span);
}

bool model::begins_with(const Certificate& leaf, const Certificate* issuer) noexcept {
  return issuer != nullptr && !leaf.is_ca && leaf.not_before == issuer->not_before;
}

std::chrono::seconds model::life_of(const Certificate& certificate, const Certificate* issuer) {
  const seconds life = certificate.not_after - certificate.not_before;
  return model::begins_with(certificate, issuer) ? std::min(life, year) : life;
}

bool model::ends_within(std::chrono::sys_seconds end, const Certificate& certificate, const Certificate* issuer,
                        std::chrono::sys_seconds now, const Window& window) {
  const seconds left = end - now;
  if (!window.percent) return left <= window.span;
  const auto life = static_cast<double>(life_of(certificate, issuer).count());
  return static_cast<double>(left.count()) <= std::floor(life * *window.percent / 100);
}

}  // namespace pki

namespace pki::inline PKI_ABI {

Window parse_window(std::string_view text) {
  if (text.ends_with('%')) return parse_percent(text);
  Window window;
  try {
    window.span = parse_duration(text);
  } catch (const Error& error) {
    throw Error(Errc::invalid_config, "", error.message(), window_hint);
  }
  if (window.span < seconds{0})
    throw Error(Errc::invalid_config, "", "invalid window \"" + std::string(text) + "\", expected a positive time",
                window_hint);
  return window;
}

bool is_due(const Certificate& certificate, const Certificate* issuer, std::chrono::sys_seconds now,
            const Window& window) {
  return model::ends_within(certificate.not_after, certificate, issuer, now, window);
}

// Kubernetes' HumanDuration: each step drops a smaller unit, and nothing is rounded up.
std::string to_human(seconds left) {
  const auto s = left.count();
  if (s < -1) return "<invalid>";
  if (s < 0) return "0s";
  if (left < minutes{2}) return count(s, 's');
  if (left < minutes{10}) return pair(s / 60, 'm', s % 60, 's');
  if (left < minutes{180}) return count(s / 60, 'm');
  const auto h = s / 3600;
  if (left < hours{8}) return pair(h, 'h', s / 60 % 60, 'm');
  if (left < hours{48}) return count(h, 'h');
  if (left < days{8}) return pair(h / 24, 'd', h % 24, 'h');
  const auto d = h / 24;
  if (left < 2 * year) return count(d, 'd');
  if (left < 8 * year) return pair(d / 365, 'y', d % 365, 'd');
  return count(d / 365, 'y');
}

}  // namespace pki::inline PKI_ABI
