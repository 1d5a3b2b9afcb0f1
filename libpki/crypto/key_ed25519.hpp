// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <pki/secret.hpp>

#include "crypto/openssl.hpp"

namespace pki::crypto {

inline constexpr std::string_view ed25519_oid{"\x2b\x65\x70", 3};

/// What PrivateKey::algorithm returns for an Ed25519 key: OpenSSL's name.
inline constexpr std::string_view ed25519_name = "ED25519";

/// Ed25519Seed is the private half of an Ed25519 key (RFC 8032 5.1.5), by reference.
struct Ed25519Seed {
  static constexpr std::size_t size = 32;
  std::string_view octets;
};

/// Pkcs8 is an unencrypted PrivateKeyInfo (RFC 5958), by reference.
struct Pkcs8 {
  std::string_view algorithm;   ///< object identifier
  std::string_view parameters;  ///< the value after it; empty without one
  std::string_view key;
};

/// Reads a PrivateKeyInfo; its attributes are ignored. Throws der::Malformed.
[[nodiscard]] Pkcs8 read_pkcs8(std::string_view octets);

/// Reads the key of a PrivateKeyInfo with the algorithm Ed25519 (RFC 8410 7). Throws der::Malformed.
[[nodiscard]] Ed25519Seed read_ed25519(std::string_view octets);
/// Returns a PrivateKeyInfo, the only form that there is.
[[nodiscard]] SecretString write_ed25519(const Ed25519Seed& seed);
/// Returns OpenSSL's form of a key. Throws Error(crypto).
[[nodiscard]] Handle<EVP_PKEY> make_ed25519(const Ed25519Seed& seed);
/// Returns the SubjectPublicKeyInfo of a key (RFC 8410 4). Throws Error(crypto).
[[nodiscard]] std::string ed25519_spki(const Ed25519Seed& seed);

}  // namespace pki::crypto
