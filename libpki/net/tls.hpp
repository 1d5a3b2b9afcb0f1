// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/system.hpp"
#include "net/connection.hpp"

// OpenSSL's handles of a connection, and the octets between OpenSSL and a socket.
namespace pki::net {

struct Release {
  void operator()(SSL* handle) const noexcept { SSL_free(handle); }
  void operator()(SSL_CTX* handle) const noexcept { SSL_CTX_free(handle); }
  void operator()(X509* handle) const noexcept { X509_free(handle); }
  void operator()(EVP_PKEY* handle) const noexcept { EVP_PKEY_free(handle); }
  void operator()(BIO* handle) const noexcept { BIO_free(handle); }
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

/// Returns the reason of OpenSSL's last error.
[[nodiscard]] std::string last_reason();

/// Throws Error(crypto) "cannot ACTION" with OpenSSL's reason.
[[noreturn]] void fail_to(const char* action);

/// Returns a handle that owns `object`. Throws Error(crypto) "cannot ACTION" where it is null.
template <class T>
[[nodiscard]] Handle<T> own(T* object, const char* action) {
  if (object == nullptr) fail_to(action);
  return Handle<T>(object);
}

/// Transport carries the octets of a connection between OpenSSL and a socket. OpenSSL's own socket I/O raises SIGPIPE,
/// and reads records without end.
class Transport {
 public:
  /// `most` bounds what is received.
  Transport(SSL* ssl, base::Fd socket, Limit limit, std::size_t most);

  /// Sends what OpenSSL has written. Returns the problem; empty: none.
  [[nodiscard]] std::string flush();
  /// Waits for octets and passes them to OpenSSL. Returns the problem; empty: none.
  [[nodiscard]] std::string fill();

 private:
  BIO* incoming_;  // owned by the SSL object
  BIO* outgoing_;
  base::Fd socket_;
  Limit limit_;
  std::size_t most_;
  std::size_t received_{0};
};

/// Outcome is how a handshake ended.
struct Outcome {
  std::string problem;        ///< empty: it is complete
  bool of_connection{false};  ///< the problem is one of the connection; otherwise OpenSSL refused
};

/// Completes the handshake of a client.
[[nodiscard]] Outcome complete_handshake(SSL* ssl, Transport& transport);

}  // namespace pki::net
