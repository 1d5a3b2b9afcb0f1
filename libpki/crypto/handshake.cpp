#include <pki/live.hpp>

#include <algorithm>
#include <thread>

#include <pki/error.hpp>

#include "certificate.hpp"
#include "openssl.hpp"

namespace pki {

namespace crypto {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds nap{20};  // between two looks at a socket

// Whole seconds are all that OpenSSL waits in; a part of one counts as one.
int whole_seconds(std::chrono::milliseconds time) {
  return std::max(1, static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count()));
}

Handle<BIO> new_connection(const std::string& host, int port) {
  auto connection = own(BIO_new(BIO_s_connect()), "prepare a connection");
  // An IPv6 address would be taken for a host with a port.
  const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  BIO_set_conn_hostname(connection.get(), name.c_str());
  BIO_set_conn_port(connection.get(), std::to_string(port).c_str());
  BIO_set_nbio(connection.get(), 1);
  return connection;
}

std::string first_certificate(SSL* ssl) {
  const Handle<X509> certificate(SSL_get1_peer_certificate(ssl));
  unsigned char* der = nullptr;
  const int size = certificate ? i2d_X509(certificate.get(), &der) : 0;
  std::string octets(reinterpret_cast<const char*>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(der);
  return octets;
}

// Empty when done, else why not.
std::string complete(SSL* ssl, Clock::time_point end) {
  while (true) {
    const int result = SSL_connect(ssl);
    if (result == 1) return {};
    const int reason = SSL_get_error(ssl, result);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) return "no TLS handshake: " + last_reason();
    if (Clock::now() > end) return "no TLS answer in time";
    std::this_thread::sleep_for(nap);
  }
}

// A handshake that fails because we show no certificate has still given us the server's.
Served shake_hands(Handle<BIO> connection, const std::string& host, Clock::time_point end) {
  const auto context = own(SSL_CTX_new_ex(library_context(), nullptr, TLS_client_method()), "begin a handshake");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_security_level(context.get(), 0);
  const auto ssl = own(SSL_new(context.get()), "begin a handshake");
  SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  auto* const channel = connection.release();
  SSL_set_bio(ssl.get(), channel, channel);  // takes it
  const auto problem = complete(ssl.get(), end);
  const auto octets = first_certificate(ssl.get());
  if (octets.empty()) return {std::nullopt, problem};
  return {describe_certificate(octets), {}};
}

}  // namespace

}  // namespace crypto

Served served_certificate(const std::string& host, int port, std::chrono::milliseconds timeout) {
  if (host.empty() || port < 1 || port > 65535)
    throw Error(Errc::invalid_config, host + ":" + std::to_string(port), "not an endpoint, expected HOST:PORT");
  const crypto::QuietErrors quiet;
  const auto end = crypto::Clock::now() + timeout;
  auto connection = crypto::new_connection(host, port);
  if (BIO_do_connect_retry(connection.get(), crypto::whole_seconds(timeout), static_cast<int>(crypto::nap.count())) !=
      1)
    return {std::nullopt, crypto::last_reason()};
  return crypto::shake_hands(std::move(connection), host, end);
}

}  // namespace pki
