// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <optional>

#include <pki/key.hpp>

#include "crypto/openssl.hpp"

namespace pki::crypto {

/// Returns whether the providers of `context` must generate RSA keys themselves: RSA comes from another provider than
/// "default", or the default properties ask for FIPS. Throws Error(crypto) when no provider has RSA.
[[nodiscard]] bool provider_must_generate_rsa(OSSL_LIB_CTX* context);

/// Returns an RSA key of `bits` bits from the provider's own generator; empty where `stopped` is set before it is
/// complete, which the provider asks between candidates for primes. Throws Error(crypto).
[[nodiscard]] std::optional<PrivateKey> provider_rsa_key(unsigned bits, const std::atomic<bool>& stopped);

}  // namespace pki::crypto
