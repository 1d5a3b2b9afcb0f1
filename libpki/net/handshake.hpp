// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace pki::net {

/// Shown is the answer of a TLS server to a handshake.
struct Shown {
  std::vector<std::string> certificates;  ///< DER, the server's own first; empty when it sent none
  std::string problem;                    ///< why it is empty: "connection refused"
};

/// Connects to `host`:`port`, starts a TLS handshake and returns the certificates that the server sends. Nothing is
/// verified and no certificate is offered: a server that asks for one has shown its own by then. Name resolution,
/// connecting and the handshake together end after `timeout`, whatever the server sends, and raise no SIGPIPE. A name
/// is resolved on a thread of its own, which ends by itself when the name server does not answer in time.
[[nodiscard]] Shown shake_hands(const std::string& host, int port, std::chrono::milliseconds timeout);

/// Returns whether nobody listens there: every address of `host` refuses the connection. A server that is slow to
/// answer is there.
[[nodiscard]] bool is_refused(const std::string& host, int port, std::chrono::milliseconds timeout);

}  // namespace pki::net
