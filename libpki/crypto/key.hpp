#pragma once

#include <pki/key.hpp>

#include "crypto/key_numbers.hpp"
#include "crypto/openssl.hpp"

namespace pki::crypto {

inline constexpr std::string_view rsa_label = "RSA PRIVATE KEY";
inline constexpr std::string_view ec_label = "EC PRIVATE KEY";
inline constexpr std::string_view pkcs8_label = "PRIVATE KEY";

/// to_private_key checks that the numbers are a sound key and gives it. A point is computed where there is none.
/// Throws der::Malformed.
[[nodiscard]] PrivateKey to_private_key(const RsaNumbers& rsa, KeyCheck check = KeyCheck::proof);
[[nodiscard]] PrivateKey to_private_key(EcNumbers ec);

/// to_handle is OpenSSL's form of a key, for one signature. Callers keep a CleanStack.
[[nodiscard]] Handle<EVP_PKEY> to_handle(const PrivateKey& key);

/// only_provider_makes_rsa says that RSA keys of `context` are to be made by its provider: rsa_generate.hpp.
[[nodiscard]] bool only_provider_makes_rsa(OSSL_LIB_CTX* context);

}  // namespace pki::crypto
