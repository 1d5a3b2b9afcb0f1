#pragma once

#include <string>
#include <string_view>

struct ossl_lib_ctx_st;  // OSSL_LIB_CTX

namespace pki::base {

/// Returns the library's own OpenSSL context: the application's default context is neither used nor changed. Every
/// fetch, decoding and generation names it. Throws Error(crypto) where OpenSSL cannot create it.
[[nodiscard]] ossl_lib_ctx_st* library_context();

/// Returns the 32 octets of the SHA-256 digest (FIPS 180-4) of `content`. Throws Error(crypto).
[[nodiscard]] std::string sha256(std::string_view content);
/// Returns the same digest as 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view content);

/// Returns whether `text` has the form that sha256_hex returns.
[[nodiscard]] bool is_sha256_hex(std::string_view text) noexcept;

}  // namespace pki::base
