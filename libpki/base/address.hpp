// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pki::base {

/// IpAddress is an IPv4 or IPv6 address; an IPv4 address is in the last four bytes.
struct IpAddress {
  bool is_v6{false};
  std::array<std::uint8_t, 16> bytes{};

  /// Returns whether this is an IPv4-mapped IPv6 address (::ffff:0:0/96), which Go refuses in certificates.
  [[nodiscard]] bool is_mapped() const noexcept;
  /// Like Go's net.IP.IsGlobalUnicast: not unspecified, loopback, multicast, link-local, or broadcast.
  [[nodiscard]] bool is_global_unicast() const noexcept;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// parse_ip reads an address strictly: no leading zeros in octets (RFC 6943 3.1.1), no zone, nothing around it.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text) noexcept;
/// Returns the shortest form (RFC 5952). The last four octets of an IPv4-mapped address are dotted (RFC 5952 5).
[[nodiscard]] std::string to_text(const IpAddress& address);

/// Returns the octets of an iPAddress name (RFC 5280 4.2.1.6): 16 for IPv6, 4 for IPv4 and also for an IPv4-mapped
/// address, because verifiers refuse the other form.
[[nodiscard]] std::string to_octets(const IpAddress& address);
/// Returns the address of 4 or 16 octets; empty for another number.
[[nodiscard]] std::optional<IpAddress> ip_from_octets(std::string_view octets) noexcept;

/// Cidr is a network: its address with all host bits zero, and the length of its mask.
struct Cidr {
  IpAddress network;
  unsigned prefix{0};

  /// Returns the number of bits of an address that are not part of the network.
  [[nodiscard]] unsigned host_bits() const noexcept { return (network.is_v6 ? 128U : 32U) - prefix; }
};

/// parse_cidr reads ADDRESS/LENGTH; host bits may be set and are cleared, as Go does.
[[nodiscard]] std::optional<Cidr> parse_cidr(std::string_view text) noexcept;
/// Returns the address after the network's own, which the `kubernetes` service gets.
[[nodiscard]] IpAddress first_host(const Cidr& cidr) noexcept;

/// HostPort is an endpoint; `port` is empty without one.
struct HostPort {
  std::string host;
  std::optional<int> port;
};

/// parse_host_port reads host, host:port, an IPv6 address, or [IPv6]:port; a host is an address or an RFC 1123
/// subdomain, a port 1 to 65535. Brackets need a port, as with kubeadm.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);
/// Returns HOST:PORT, with brackets around an IPv6 address.
[[nodiscard]] std::string join_host_port(const std::string& host, int port);

/// Returns whether `text` is an RFC 1123 subdomain as Kubernetes reads it: lower-case labels of at most 63 characters,
/// 253 in all.
[[nodiscard]] bool is_dns_subdomain(std::string_view text) noexcept;
/// Returns whether `text` is a subdomain, or one after a leading "*.". A mistyped address such as 010.0.0.1 is not,
/// because no top-level label is a number (RFC 1123 2.1).
[[nodiscard]] bool is_dns_san(std::string_view text) noexcept;

}  // namespace pki::base
