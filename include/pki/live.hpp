#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <pki/certificate.hpp>
#include <pki/report.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// Served is what a TLS server answered with.
struct Served {
  std::optional<Certificate> certificate;  ///< the server's own; empty where there was none
  std::string problem;                     ///< why there was none: "connection refused"
};

/// served_certificate connects to `host`:`port`, begins a TLS handshake and gives the certificate that the server
/// shows. Nothing is verified and no certificate is offered: a server that asks for one has shown its own by then.
/// An unreachable server is a value. This is the only function of the library that uses the network.
/// Throws Error(invalid_config) for an endpoint that is none.
[[nodiscard]] Served served_certificate(const std::string& host, int port, std::chrono::milliseconds timeout);

/// inspect_served compares what the server at `endpoint` shows with what a report knows. `name` is the row that the
/// server should serve, empty where none is known. A certificate that is newer on the disk than in the process counts
/// as expiring, with the reason "renewed, not yet served": nothing but a restart will change it. An unreachable server
/// is broken when it is `required`, and else a row whose absence does not matter. Pure.
[[nodiscard]] ReportRow inspect_served(const Report& report, const std::string& endpoint, const std::string& name,
                                       const Served& served, const Window& window, bool required);

}  // namespace pki
#pragma GCC visibility pop
