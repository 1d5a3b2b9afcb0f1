// SPDX-License-Identifier: Apache-2.0
#include "net/handshake.hpp"

#include <cstddef>
#include <utility>

#include <openssl/ssl.h>

#include "base/address.hpp"
#include "base/digest.hpp"
#include "net/connection.hpp"
#include "net/tls.hpp"

namespace pki::net {

namespace {

std::string to_der(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  std::string octets(reinterpret_cast<const char*>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(der);
  return octets;
}

// Of a client's connection the chain begins with the server's own certificate.
std::vector<std::string> shown_certificates(SSL* ssl) {
  std::vector<std::string> certificates;
  const auto* chain = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; i < sk_X509_num(chain); ++i)
    certificates.push_back(to_der(sk_X509_value(chain, i)));
  return certificates;
}

// OpenSSL accepts a chain of 100 KiB at most.
constexpr std::size_t most_octets = 256UL * 1024;

// A handshake that fails because we offered no certificate has still shown the server's.
Shown shown_by(base::Fd socket, const std::string& host, Clock::time_point end) {
  const auto context = own(SSL_CTX_new_ex(base::library_context(), nullptr, TLS_client_method()), "begin a handshake");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_security_level(context.get(), 0);
  const auto ssl = own(SSL_new(context.get()), "begin a handshake");
  // RFC 6066 3: an address is no server name.
  if (!base::parse_ip(host)) SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  Transport transport(ssl.get(), std::move(socket), {end}, most_octets);
  auto problem = complete_handshake(ssl.get(), transport).problem;
  auto certificates = shown_certificates(ssl.get());
  if (!certificates.empty()) return {std::move(certificates), {}};
  return {{}, problem.empty() ? "the server shows no certificate" : std::move(problem)};
}

}  // namespace

Shown shake_hands(const std::string& host, int port, std::chrono::milliseconds timeout) {
  const QuietErrors quiet;
  const auto end = Clock::now() + timeout;
  auto connection = connect_to(host, port, {end});
  if (!connection.socket) return {{}, std::move(connection.problem)};
  return shown_by(std::move(connection.socket), host, end);
}

bool is_refused(const std::string& host, int port, std::chrono::milliseconds timeout) {
  return connect_to(host, port, {Clock::now() + timeout}).refused;
}

}  // namespace pki::net
