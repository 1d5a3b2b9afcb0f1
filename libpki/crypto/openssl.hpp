// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/provider.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/digest.hpp"

namespace pki::crypto {

using base::library_context;
using base::sha256;

inline void release(ASN1_OBJECT* handle) noexcept { ASN1_OBJECT_free(handle); }
inline void release(BIGNUM* handle) noexcept { BN_clear_free(handle); }
inline void release(BIO* handle) noexcept { BIO_free_all(handle); }
inline void release(BN_CTX* handle) noexcept { BN_CTX_free(handle); }
inline void release(BN_GENCB* handle) noexcept { BN_GENCB_free(handle); }
inline void release(EC_GROUP* handle) noexcept { EC_GROUP_free(handle); }
inline void release(EC_POINT* handle) noexcept { EC_POINT_free(handle); }
inline void release(EVP_KEYMGMT* handle) noexcept { EVP_KEYMGMT_free(handle); }
inline void release(EVP_MD* handle) noexcept { EVP_MD_free(handle); }
inline void release(EVP_MD_CTX* handle) noexcept { EVP_MD_CTX_free(handle); }
inline void release(EVP_PKEY* handle) noexcept { EVP_PKEY_free(handle); }
inline void release(EVP_PKEY_CTX* handle) noexcept { EVP_PKEY_CTX_free(handle); }
inline void release(OSSL_LIB_CTX* handle) noexcept { OSSL_LIB_CTX_free(handle); }
inline void release(OSSL_PROVIDER* handle) noexcept { OSSL_PROVIDER_unload(handle); }
inline void release(OSSL_PARAM* handle) noexcept { OSSL_PARAM_free(handle); }
inline void release(OSSL_PARAM_BLD* handle) noexcept { OSSL_PARAM_BLD_free(handle); }
inline void release(OSSL_STORE_CTX* handle) noexcept { OSSL_STORE_close(handle); }
inline void release(OSSL_STORE_INFO* handle) noexcept { OSSL_STORE_INFO_free(handle); }
inline void release(UI_METHOD* handle) noexcept { UI_destroy_method(handle); }
inline void release(X509* handle) noexcept { X509_free(handle); }
inline void release(X509_REQ* handle) noexcept { X509_REQ_free(handle); }
inline void release(X509_STORE* handle) noexcept { X509_STORE_free(handle); }
inline void release(X509_STORE_CTX* handle) noexcept { X509_STORE_CTX_free(handle); }
inline void release(STACK_OF(X509) * handle) noexcept { sk_X509_free(handle); }

struct Release {
  template <class T>
  void operator()(T* handle) const noexcept {
    release(handle);
  }
};

/// Handle owns one OpenSSL object. No public type has one: they stay inside this room.
template <class T>
using Handle = std::unique_ptr<T, Release>;

/// QuietErrors keeps OpenSSL's per-thread error queue as the application left it: our messages ignore the errors that
/// were there before, and our errors are removed with the object. Every entry into the room creates one.
class QuietErrors {
 public:
  QuietErrors() noexcept;
  ~QuietErrors();
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
};

/// Returns the text of the last error in the queue. No other function reads the queue.
[[nodiscard]] std::string last_reason();

/// Returns the same with what the provider of a token says besides: where a TPM refused, and why.
[[nodiscard]] std::string last_reason_of_provider();

/// Returns whether the queue has an error, which providers do not always report.
[[nodiscard]] bool has_reason();

/// Throws Error(crypto) "SUBJECT: cannot ACTION: OpenSSL's reason" unless `result` is 1.
void check(int result, std::string_view action, const std::string& subject = {});

/// Returns a handle that owns `object`; throws as `check` does when it is null.
template <class T>
[[nodiscard]] Handle<T> own(T* object, std::string_view action, const std::string& subject = {}) {
  check(object != nullptr ? 1 : 0, action, subject);
  return Handle<T>(object);
}

/// Returns the address of a text in the type that OpenSSL's functions expect.
[[nodiscard]] inline const unsigned char* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Overwrites the stack below its caller: OpenSSL's scalar multiplication leaves the scalar there.
void clear_stack() noexcept;

/// CleanStack clears the stack when a function that handled a private key returns or throws.
struct CleanStack {
  CleanStack() = default;
  ~CleanStack() { clear_stack(); }
  CleanStack(const CleanStack&) = delete;
  CleanStack& operator=(const CleanStack&) = delete;
};

}  // namespace pki::crypto
