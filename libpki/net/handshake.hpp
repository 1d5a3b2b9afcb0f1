#pragma once

#include <chrono>
#include <string>

namespace pki::net {

/// Shown is what a TLS server answered a handshake with.
struct Shown {
  std::string certificate_der;  ///< the server's own certificate, DER; empty where there was none
  std::string problem;          ///< why there was none: "connection refused"
};

/// Connects to `host`:`port`, begins a TLS handshake and returns the certificate that the server shows. Nothing is
/// verified and no certificate is offered: a server that asks for one has shown its own by then.
[[nodiscard]] Shown shake_hands(const std::string& host, int port, std::chrono::milliseconds timeout);

}  // namespace pki::net
