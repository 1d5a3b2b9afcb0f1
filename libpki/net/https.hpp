// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pki/secret.hpp>

#include "net/connection.hpp"
#include "net/http_message.hpp"

namespace pki::net {

/// HttpsServer is a server, how it is recognised, and how the client proves who it is. All certificates are PEM.
struct HttpsServer {
  std::string host;                      ///< an address or a DNS name
  int port{443};                         ///< 1 to 65535
  std::string name;                      ///< the name or address that its certificate must have
  std::vector<std::string> trusted;      ///< its certificate must lead to one of these, self-signed or not
  std::vector<std::string> certificate;  ///< the client's, then intermediates; empty: none is offered
  SecretString key;                      ///< the key of `certificate`, not encrypted
};

/// Failure is why there is no response.
enum class Failure {
  none,
  unreachable,  ///< no connection: nothing was sent
  untrusted,    ///< the handshake failed, or the server is another one: nothing was sent
  refused,      ///< the server refused the client, in the handshake or after it: nothing was carried out
  interrupted,  ///< the connection ended, or the limit came: the server may have carried out the request
  nonsense,     ///< what the server sent is no response, or too large
};

/// Exchanged is the result of `exchange`.
struct Exchanged {
  Failure failure{Failure::none};
  std::string problem{};  ///< empty: there is a response
  HttpResponse response{};
};

/// A body of a response may have as many octets.
inline constexpr std::size_t most_body = 4UL * 1024 * 1024;

/// Sends one request over a new connection and returns the response. TLS is 1.2 or newer; the certificate of the server
/// is verified at the instant `now` against exactly the trusted certificates, and must have the name among its
/// alternative names (RFC 6125). Name resolution, connecting, the handshake and the response together end at `limit`.
/// No signal is raised, the socket is closed in programs that are executed, no redirect is followed, and no environment
/// variable is read. Throws Error(crypto) when OpenSSL cannot use the certificates or the key.
[[nodiscard]] Exchanged exchange(const HttpsServer& server, const HttpRequest& request, std::chrono::sys_seconds now,
                                 const Limit& limit);

}  // namespace pki::net
