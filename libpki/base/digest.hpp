// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

struct ossl_lib_ctx_st;  // OSSL_LIB_CTX

namespace pki::base {

/// Returns the library's own OpenSSL context: the application's default context is neither used nor changed. Every
/// fetch, decoding and generation names it. It has the providers, default properties and random generator of
/// openssl.cnf (the file that OPENSSL_CONF names, else the system's), so a configuration that asks for FIPS is obeyed;
/// a missing file is not an error. Throws Error(crypto) when OpenSSL cannot create the context or apply the
/// configuration.
[[nodiscard]] ossl_lib_ctx_st* library_context();

/// Returns a further context that is configured like library_context, for a provider that must not serve the others.
/// The caller frees it. Throws Error(crypto) as library_context does.
[[nodiscard]] ossl_lib_ctx_st* make_context();

/// Returns octets as lower-case hex digits.
[[nodiscard]] std::string to_hex(std::string_view octets);

/// Returns the 32 octets of the SHA-256 digest (FIPS 180-4) of `content`. Throws Error(crypto).
[[nodiscard]] std::string sha256(std::string_view content);
/// Returns the same digest as 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view content);

/// Returns whether `text` has the form that sha256_hex returns.
[[nodiscard]] bool is_sha256_hex(std::string_view text) noexcept;

}  // namespace pki::base
