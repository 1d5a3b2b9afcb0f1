// SPDX-License-Identifier: Apache-2.0
#include "net/handshake.hpp"

#include <array>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <pki/error.hpp>

#include "base/address.hpp"
#include "base/digest.hpp"
#include "net/connection.hpp"

namespace pki::net {

namespace {

struct Release {
  void operator()(SSL* handle) const noexcept { SSL_free(handle); }
  void operator()(SSL_CTX* handle) const noexcept { SSL_CTX_free(handle); }
};
template <class T>
using Handle = std::unique_ptr<T, Release>;

/// QuietErrors restores OpenSSL's error queue of this thread.
class QuietErrors {
 public:
  QuietErrors() noexcept { ERR_set_mark(); }
  ~QuietErrors() { ERR_pop_to_mark(); }
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

std::string last_reason() {
  const auto code = ERR_peek_last_error();
  if (code == 0) return "OpenSSL reports no reason";
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  if (const char* text = ERR_reason_error_string(code)) return text;
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

template <class T>
Handle<T> own(T* object, const char* action) {
  if (object == nullptr) throw Error(Errc::crypto, {}, std::string("cannot ") + action + ": " + last_reason());
  return Handle<T>(object);
}

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

/// Transport carries the octets of a handshake between OpenSSL and a socket. OpenSSL's own socket I/O raises SIGPIPE,
/// and reads records without end.
class Transport {
 public:
  Transport(SSL* ssl, base::Fd socket, Clock::time_point end)
      : incoming_(BIO_new(BIO_s_mem())), outgoing_(BIO_new(BIO_s_mem())), socket_(std::move(socket)), end_(end) {
    if (incoming_ == nullptr || outgoing_ == nullptr) {
      BIO_free(incoming_);
      BIO_free(outgoing_);
      throw std::bad_alloc();
    }
    SSL_set_bio(ssl, incoming_, outgoing_);  // takes ownership
  }

  /// Sends what OpenSSL has written. Returns the problem; empty: none.
  [[nodiscard]] std::string flush() {
    char* octets = nullptr;
    const auto size = BIO_get_mem_data(outgoing_, &octets);
    auto problem = send(socket_, {octets, size > 0 ? static_cast<std::size_t>(size) : 0}, end_);
    (void)BIO_reset(outgoing_);
    return problem;
  }

  /// Waits for octets and passes them to OpenSSL. Returns the problem; empty: none.
  [[nodiscard]] std::string fill() {
    // OpenSSL accepts a chain of 100 KiB at most.
    constexpr std::size_t most_octets = 256UL * 1024;
    std::string problem;
    const auto octets = receive(socket_, end_, problem);
    received_ += octets.size();
    if (received_ > most_octets) return "the server sends without end";
    if (!octets.empty() && BIO_write(incoming_, octets.data(), static_cast<int>(octets.size())) <= 0)
      throw std::bad_alloc();
    return problem;
  }

 private:
  BIO* incoming_;  // owned by the SSL object
  BIO* outgoing_;
  base::Fd socket_;
  Clock::time_point end_;
  std::size_t received_{0};
};

// Returns an empty text on success, and otherwise the reason of the failure.
std::string complete(SSL* ssl, Transport& transport) {
  while (true) {
    const int result = SSL_connect(ssl);
    const int state = SSL_get_error(ssl, result);
    const auto reason = last_reason();
    auto problem = transport.flush();
    if (result == 1 || !problem.empty()) return problem;
    if (state != SSL_ERROR_WANT_READ) return "no TLS handshake: " + reason;
    problem = transport.fill();
    if (!problem.empty()) return "no TLS handshake: " + problem;
  }
}

// A handshake that fails because we offered no certificate has still shown the server's.
Shown complete_handshake(base::Fd socket, const std::string& host, Clock::time_point end) {
  const auto context = own(SSL_CTX_new_ex(base::library_context(), nullptr, TLS_client_method()), "begin a handshake");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_security_level(context.get(), 0);
  const auto ssl = own(SSL_new(context.get()), "begin a handshake");
  // RFC 6066 3: an address is no server name.
  if (!base::parse_ip(host)) SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  Transport transport(ssl.get(), std::move(socket), end);
  auto problem = complete(ssl.get(), transport);
  auto certificates = shown_certificates(ssl.get());
  if (!certificates.empty()) return {std::move(certificates), {}};
  return {{}, problem.empty() ? "the server shows no certificate" : std::move(problem)};
}

}  // namespace

Shown shake_hands(const std::string& host, int port, std::chrono::milliseconds timeout) {
  const QuietErrors quiet;
  const auto end = Clock::now() + timeout;
  auto connection = connect_to(host, port, end);
  if (!connection.socket) return {{}, std::move(connection.problem)};
  return complete_handshake(std::move(connection.socket), host, end);
}

bool is_refused(const std::string& host, int port, std::chrono::milliseconds timeout) {
  return connect_to(host, port, Clock::now() + timeout).refused;
}

}  // namespace pki::net
