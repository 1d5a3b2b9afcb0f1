// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/abi.hpp>
#include <pki/certificate.hpp>
#include <pki/inventory.hpp>
#include <pki/report.hpp>

namespace pki::inline PKI_ABI {

/// Endpoint is one TLS server.
struct Endpoint {
  std::string host{};    ///< an address or a DNS name
  int port{0};           ///< 1 to 65535
  std::string name{};    ///< the row that it should serve, or the name of its process; empty when neither is known
  bool required{false};  ///< an unreachable server is a fault

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Parses HOST:PORT, where HOST is an address ([ADDRESS] for IPv6) or a DNS name; returns empty for anything else.
PKI_EXPORT [[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);
/// Returns HOST:PORT, with brackets around an IPv6 address.
PKI_EXPORT [[nodiscard]] std::string to_string(const Endpoint& endpoint);

/// Returns the servers of the control plane of this host: those of the catalog, the kubelet, the controller manager and
/// the scheduler, at the loopback address. Pure.
PKI_EXPORT [[nodiscard]] std::vector<Endpoint> local_endpoints(const Inventory& inventory);

/// Served is the answer of a TLS server.
struct Served {
  std::optional<Certificate> certificate{};  ///< the server's own; empty when it sent none
  std::string problem{};                     ///< why `certificate` is empty: "connection refused"
  bool answered{false};                      ///< the server showed a certificate, although it may not parse
  std::vector<Certificate> further{};        ///< the certificates that it sent after its own
  /// The accepted paths from the server's certificate to the last certificates that it sent.
  std::vector<TrustPath> trust_paths{};
  std::optional<ChainRefusal> refusal{};  ///< why OpenSSL refuses them as chain of a server; a place is that as sent
};

/// Connects to `host`:`port`, starts a TLS handshake and returns the certificates that the server sends. No CA is
/// trusted and no certificate is offered: a server that asks for one has shown its own by then. An unreachable server
/// is a value, and so is a certificate that does not parse, at any place: Go's clients refuse it. Name resolution,
/// connecting and the handshake together end after `timeout`. While a name server does not answer, one thread remains
/// until the system's resolver times out. Throws Error(invalid_config) for an empty host or a port out of range.
PKI_EXPORT [[nodiscard]] Served served_certificate(const std::string& host, int port,
                                                   std::chrono::milliseconds timeout);

/// Compares the certificate that the server at `endpoint` shows with a report, and judges it with the chain that the
/// server sends: a client sees that, and no file. `name` is the row that the server should serve, or empty; another
/// row's certificate is invalid then. When the certificate on disk is newer than the served
/// one, the row counts as expiring with the reason "renewed, not yet served": only a restart changes that. An
/// unreachable server is invalid when it is `required`, and otherwise an optional row that is absent. Pure.
PKI_EXPORT [[nodiscard]] ReportRow inspect_served(const Report& report, const std::string& endpoint,
                                                  const std::string& name, const Served& served, const Window& window,
                                                  bool required);

}  // namespace pki::inline PKI_ABI
