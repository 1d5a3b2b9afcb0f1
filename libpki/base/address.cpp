// SPDX-License-Identifier: Apache-2.0
#include "base/address.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include <fmt/format.h>

namespace pki::base {

namespace {

std::optional<unsigned> parse_number(std::string_view text, int base, unsigned most, std::size_t digits) noexcept {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || text.size() > digits || error != std::errc{} || end != text.data() + text.size() || number > most)
    return {};
  return number;
}

bool parse_v4(std::string_view text, std::span<std::uint8_t, 4> out) noexcept {
  for (std::size_t i = 0; i < 4; ++i) {
    const auto dot = i < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return false;
    const auto octet = text.substr(0, dot);
    const auto value = parse_number(octet, 10, 255, 3);
    if (!value || (octet.size() > 1 && octet.front() == '0')) return false;
    out[i] = static_cast<std::uint8_t>(*value);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return true;
}

// Parses the groups of one side of "::", with an optional dotted tail. Returns the number of bytes; nothing if
// malformed.
std::optional<std::size_t> parse_groups(std::string_view text, bool may_end_in_v4,
                                        std::span<std::uint8_t, 16> out) noexcept {
  std::size_t used = 0;
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto group = text.substr(0, colon);
    if (may_end_in_v4 && colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      if (used > 12 || !parse_v4(group, std::span<std::uint8_t, 4>(out.data() + used, 4))) return {};
      return used + 4;
    }
    const auto value = parse_number(group, 16, 0xffff, 4);
    if (!value || used > 14) return {};
    out[used++] = static_cast<std::uint8_t>(*value >> 8);
    out[used++] = static_cast<std::uint8_t>(*value & 0xff);
    if (colon == std::string_view::npos) return used;
    text.remove_prefix(colon + 1);
    if (text.empty()) return {};
  }
  return used;
}

bool parse_v6(std::string_view text, std::array<std::uint8_t, 16>& out) noexcept {
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) return parse_groups(text, true, out) == 16U;
  std::array<std::uint8_t, 16> tail{};
  const auto head_size = parse_groups(text.substr(0, gap), false, out);
  const auto tail_size = parse_groups(text.substr(gap + 2), true, tail);
  if (!head_size || !tail_size || *head_size + *tail_size > 14) return false;
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(*head_size), out.end(), std::uint8_t{0});
  std::copy_n(tail.begin(), *tail_size, out.end() - static_cast<std::ptrdiff_t>(*tail_size));
  return true;
}

struct Run {
  std::size_t begin{8};
  std::size_t length{1};
};

// RFC 5952 4.2: the longest run of two or more zero groups, the first one of equal length.
Run longest_zero_run(const std::array<unsigned, 8>& groups) noexcept {
  Run best;
  for (std::size_t i = 0; i < 8;) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0)
      ++end;
    if (end - i > best.length) best = {i, end - i};
    i = std::max(end, i + 1);
  }
  return best;
}

void append_hex(std::string& text, unsigned value) {
  std::array<char, 4> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  text.append(digits.data(), end);
}

// Returns the last four octets as an IPv4 address.
std::string dotted(const std::array<std::uint8_t, 16>& octets) {
  return fmt::format("{}.{}.{}.{}", octets[12], octets[13], octets[14], octets[15]);
}

bool is_label(std::string_view label) noexcept {
  const auto alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !label.empty() && label.size() <= 63 && alnum(label.front()) && alnum(label.back()) &&
         std::ranges::all_of(label, [&](char c) { return alnum(c) || c == '-'; });
}

}  // namespace

bool IpAddress::is_mapped() const noexcept {
  return is_v6 && std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; }) && bytes[10] == 0xff &&
         bytes[11] == 0xff;
}

bool IpAddress::is_global_unicast() const noexcept {
  const auto all_zero = [](auto begin, auto end) { return std::all_of(begin, end, [](auto b) { return b == 0; }); };
  if (is_v6) {
    const bool unspecified_or_loopback = all_zero(bytes.begin(), bytes.end() - 1) && bytes[15] <= 1;
    const bool link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
    return !unspecified_or_loopback && !link_local && bytes[0] != 0xff && !is_mapped();
  }
  const bool broadcast = std::all_of(bytes.begin() + 12, bytes.end(), [](auto b) { return b == 255; });
  const bool link_local = bytes[12] == 169 && bytes[13] == 254;
  const bool multicast = (bytes[12] & 0xf0) == 0xe0;
  return !all_zero(bytes.begin() + 12, bytes.end()) && bytes[12] != 127 && !link_local && !multicast && !broadcast;
}

std::optional<IpAddress> parse_ip(std::string_view text) noexcept {
  IpAddress address;
  address.is_v6 = text.find(':') != std::string_view::npos;
  const bool good = address.is_v6 ? parse_v6(text, address.bytes)
                                  : parse_v4(text, std::span<std::uint8_t, 4>(address.bytes.data() + 12, 4));
  return good ? std::optional(address) : std::nullopt;
}

std::string to_text(const IpAddress& address) {
  std::string text;
  const auto& b = address.bytes;
  if (!address.is_v6) return dotted(b);
  if (address.is_mapped()) return "::ffff:" + dotted(b);
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i)
    groups[i] = static_cast<unsigned>(b[2 * i] << 8 | b[2 * i + 1]);
  const Run gap = longest_zero_run(groups);
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == gap.begin) text += "::";
    if (i >= gap.begin && i < gap.begin + gap.length) continue;
    if (!text.empty() && text.back() != ':') text += ':';
    append_hex(text, groups[i]);
  }
  return text;
}

std::string to_octets(const IpAddress& address) {
  const auto first = address.is_v6 && !address.is_mapped() ? address.bytes.begin() : address.bytes.begin() + 12;
  return {first, address.bytes.end()};
}

std::optional<IpAddress> ip_from_octets(std::string_view octets) noexcept {
  if (octets.size() != 4 && octets.size() != 16) return {};
  IpAddress address;
  address.is_v6 = octets.size() == 16;
  std::ranges::transform(octets, address.bytes.end() - static_cast<std::ptrdiff_t>(octets.size()),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return address;
}

std::optional<Cidr> parse_cidr(std::string_view text) noexcept {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return {};
  const auto address = parse_ip(text.substr(0, slash));
  const auto length_text = text.substr(slash + 1);
  const auto prefix = parse_number(length_text, 10, address && address->is_v6 ? 128 : 32, 3);
  if (!address || !prefix || (length_text.size() > 1 && length_text.front() == '0')) return {};
  Cidr cidr{*address, *prefix};
  const unsigned first_bit = address->is_v6 ? 0 : 96;
  for (unsigned bit = first_bit + *prefix; bit < 128; ++bit)
    cidr.network.bytes[bit / 8] &= static_cast<std::uint8_t>(~(0x80U >> bit % 8));
  return cidr;
}

IpAddress first_host(const Cidr& cidr) noexcept {
  IpAddress address = cidr.network;
  for (std::size_t i = 16; i-- > 0;) {
    if (++address.bytes[i] != 0) break;
  }
  return address;
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  HostPort result;
  if (parse_ip(text)) return HostPort{std::string(text), {}};
  std::string_view host = text;
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    const auto port = parse_number(text.substr(colon + 1), 10, 65535, 5);
    if (!port || *port == 0) return {};
    result.port = static_cast<int>(*port);
    host = text.substr(0, colon);
  }
  const bool brackets = host.starts_with('[') && host.ends_with(']');
  if (brackets) host = host.substr(1, host.size() - 2);
  const auto address = parse_ip(host);
  if (brackets ? !(result.port && address && address->is_v6) : !(address ? !address->is_v6 : is_dns_subdomain(host)))
    return {};
  result.host = host;
  return result;
}

std::string join_host_port(const std::string& host, int port) {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_dns_subdomain(std::string_view text) noexcept {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = text.find('.');
    if (!is_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_dns_san(std::string_view text) noexcept {
  if (text.size() > 253) return false;
  const auto last_label = text.substr(text.rfind('.') + 1);
  const bool number = std::ranges::all_of(last_label, [](char c) { return c >= '0' && c <= '9'; });
  if (number && last_label.size() < text.size()) return false;
  return is_dns_subdomain(text.starts_with("*.") ? text.substr(2) : text);
}

}  // namespace pki::base
