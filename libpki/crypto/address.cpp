#include "address.hpp"

#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace pki::crypto {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view mapped_prefix{"\0\0\0\0\0\0\0\0\0\0\xff\xff", 12};

/// number reads all of `text` in `base`; empty when it is anything else or larger than `largest`.
std::optional<unsigned> number(std::string_view text, int base, std::size_t digits, unsigned largest) {
  unsigned value = 0;
  if (text.empty() || text.size() > digits) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || value > largest) return std::nullopt;
  return value;
}

std::string ipv4_octets(std::string_view text) {
  std::string octets;
  while (true) {
    const auto dot = text.find('.');
    const auto part = text.substr(0, dot);
    const auto value = number(part, 10, 3, 255);
    if (!value || (part.size() > 1 && part.front() == '0')) return {};
    octets.push_back(static_cast<char>(*value));
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return octets.size() == 4 ? octets : std::string();
}

/// groups reads groups divided by colons, the last one perhaps an IPv4 address; empty text has none.
std::optional<std::string> groups(std::string_view text, bool may_end_in_ipv4) {
  std::string octets;
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto part = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (last && may_end_in_ipv4 && part.find('.') != std::string_view::npos) {
      const auto ipv4 = ipv4_octets(part);
      return ipv4.empty() ? std::nullopt : std::optional(octets + ipv4);
    }
    const auto value = number(part, 16, 4, 0xffff);
    if (!value) return std::nullopt;
    octets.push_back(static_cast<char>(*value >> 8U));
    octets.push_back(static_cast<char>(*value & 0xffU));
    if (last) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;
  }
  return octets;
}

std::string ipv6_octets(std::string_view text) {
  const auto gap = text.find("::");
  const auto head = groups(text.substr(0, gap), gap == std::string_view::npos);
  if (!head) return {};
  if (gap == std::string_view::npos) return head->size() == 16 ? *head : std::string();
  const auto tail = groups(text.substr(gap + 2), true);
  if (!tail || head->size() + tail->size() > 14) return {};
  return *head + std::string(16 - head->size() - tail->size(), '\0') + *tail;
}

std::string ipv4_text(std::string_view octets) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(octets[i]); };
  return fmt::format("{}.{}.{}.{}", octet(0), octet(1), octet(2), octet(3));
}

using Groups = std::array<unsigned, 8>;

struct Run {
  std::size_t start{8};
  std::size_t length{1};
};

/// longest_zeros finds the first longest run of two zero groups or more.
Run longest_zeros(const Groups& values) {
  Run best;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::size_t end = i;
    while (end < values.size() && values[end] == 0)
      ++end;
    if (end - i > best.length) best = {i, end - i};
  }
  return best;
}

std::string ipv6_text(std::string_view octets) {
  if (octets.starts_with(mapped_prefix)) return "::ffff:" + ipv4_text(octets.substr(12));
  Groups values{};
  for (std::size_t i = 0; i < 16; ++i)
    values[i / 2] = values[i / 2] << 8U | static_cast<unsigned char>(octets[i]);
  const auto zeros = longest_zeros(values);
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i == zeros.start) {
      text += "::";
      i += zeros.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", values[i]);
  }
  return text;
}

}  // namespace

std::string address_octets(std::string_view text) {
  if (text.find(':') == std::string_view::npos) return ipv4_octets(text);
  auto octets = ipv6_octets(text);
  return std::string_view(octets).starts_with(mapped_prefix) ? octets.substr(12) : octets;
}

std::string address_text(std::string_view octets) {
  if (octets.size() == 4) return ipv4_text(octets);
  return octets.size() == 16 ? ipv6_text(octets) : std::string();
}

}  // namespace pki::crypto
