#include "net/handshake.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <system_error>
#include <thread>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <pki/error.hpp>

#include "base/address.hpp"
#include "base/digest.hpp"

namespace pki::net {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause{20};  // between two attempts on a socket

struct Release {
  void operator()(BIO* handle) const noexcept { BIO_free_all(handle); }
  void operator()(SSL* handle) const noexcept { SSL_free(handle); }
  void operator()(SSL_CTX* handle) const noexcept { SSL_CTX_free(handle); }
  void operator()(X509* handle) const noexcept { X509_free(handle); }
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
  if (code == 0) return "OpenSSL gave no reason";
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

// OpenSSL waits in whole seconds; rounds up.
int whole_seconds(std::chrono::milliseconds time) {
  return std::max(1, static_cast<int>(std::chrono::ceil<std::chrono::seconds>(time).count()));
}

Handle<BIO> new_connection(const std::string& host, int port) {
  auto connection = own(BIO_new(BIO_s_connect()), "prepare a connection");
  BIO_set_conn_hostname(connection.get(), base::join_host_port(host, port).c_str());
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

// Returns an empty text on success, and otherwise the reason of the failure.
std::string complete(SSL* ssl, Clock::time_point end) {
  while (true) {
    const int result = SSL_connect(ssl);
    if (result == 1) return {};
    const int reason = SSL_get_error(ssl, result);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) return "no TLS handshake: " + last_reason();
    if (Clock::now() > end) return "no TLS answer in time";
    std::this_thread::sleep_for(pause);
  }
}

// A handshake that fails because we offered no certificate has still shown the server's.
Shown complete_handshake(Handle<BIO> connection, const std::string& host, Clock::time_point end) {
  const auto context = own(SSL_CTX_new_ex(base::library_context(), nullptr, TLS_client_method()), "begin a handshake");
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_security_level(context.get(), 0);
  const auto ssl = own(SSL_new(context.get()), "begin a handshake");
  SSL_set_tlsext_host_name(ssl.get(), host.c_str());
  auto* const channel = connection.release();
  SSL_set_bio(ssl.get(), channel, channel);  // takes ownership
  auto problem = complete(ssl.get(), end);
  auto octets = first_certificate(ssl.get());
  if (octets.empty()) return {{}, std::move(problem)};
  return {std::move(octets), {}};
}

}  // namespace

Shown shake_hands(const std::string& host, int port, std::chrono::milliseconds timeout) {
  const QuietErrors quiet;
  const auto end = Clock::now() + timeout;
  auto connection = new_connection(host, port);
  if (BIO_do_connect_retry(connection.get(), whole_seconds(timeout), static_cast<int>(pause.count())) != 1)
    return {{}, last_reason()};
  return complete_handshake(std::move(connection), host, end);
}

}  // namespace pki::net
