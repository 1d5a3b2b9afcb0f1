// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <pki/key.hpp>

#include "crypto/key_numbers.hpp"
#include "crypto/openssl.hpp"

namespace pki::crypto {

inline constexpr std::string_view rsa_label = "RSA PRIVATE KEY";
inline constexpr std::string_view ec_label = "EC PRIVATE KEY";
inline constexpr std::string_view pkcs8_label = "PRIVATE KEY";

/// Returns the key with these numbers after checking them; an EC key without a point gets the one of its scalar. Throws
/// der::Malformed.
[[nodiscard]] PrivateKey to_private_key(const RsaNumbers& rsa, KeyCheck check = KeyCheck::sign_and_verify);
[[nodiscard]] PrivateKey to_private_key(EcNumbers ec);

/// The same for numbers that were just generated: throws Error(crypto) instead.
[[nodiscard]] PrivateKey to_generated_key(const RsaNumbers& rsa);
[[nodiscard]] PrivateKey to_generated_key(const EcNumbers& ec);

/// Returns OpenSSL's form of a key. Callers keep a CleanStack. Throws Error(crypto).
[[nodiscard]] Handle<EVP_PKEY> to_handle(const PrivateKey& key);

}  // namespace pki::crypto
