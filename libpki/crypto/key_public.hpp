// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <pki/key.hpp>

namespace pki::crypto {

inline constexpr std::string_view rsa_oid{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9};
inline constexpr std::string_view ec_oid{"\x2a\x86\x48\xce\x3d\x02\x01", 7};

/// Curve is a NIST curve that keys may be on.
struct Curve {
  std::string_view oid;  ///< content octets of the DER OBJECT IDENTIFIER
  const char* group;     ///< OpenSSL's name
  int nid;
  std::size_t size;            ///< octets of a scalar
  std::string_view algorithm;  ///< as PrivateKey::algorithm
};

/// Returns all supported curves.
[[nodiscard]] std::span<const Curve> curves() noexcept;

/// Returns the curve with an object identifier, null for others.
[[nodiscard]] const Curve* try_find_curve(std::string_view oid) noexcept;
/// Returns the curve of an algorithm like "ECDSA-P256", null for others.
[[nodiscard]] const Curve* try_find_curve_by_algorithm(std::string_view algorithm) noexcept;

/// PublicKey is a public key as certificates hold it, with the facts about it.
struct PublicKey {
  std::string spki;       ///< DER SubjectPublicKeyInfo
  std::string algorithm;  ///< as PrivateKey::algorithm
  std::string sha256;     ///< as PrivateKey::public_key_sha256

  [[nodiscard]] bool is_rsa() const { return algorithm.starts_with("RSA-"); }
};

/// Returns the public half of a key.
[[nodiscard]] PublicKey public_key_of(const PrivateKey& key);

/// Reads the first PEM block PUBLIC KEY of a text. `subject` names the text in errors. Throws Error(malformed).
[[nodiscard]] PublicKey parse_public_key(std::string_view pem, const std::string& subject);

/// Writes a SubjectPublicKeyInfo (RFC 3279, RFC 5480) of big-endian numbers, or of an uncompressed point.
[[nodiscard]] std::string rsa_spki(std::string_view modulus, std::string_view exponent);
[[nodiscard]] std::string ec_spki(const Curve& curve, std::string_view point);

/// Returns the algorithm of a SubjectPublicKeyInfo, named as in PrivateKey::algorithm; one that is neither RSA nor
/// ECDSA has OpenSSL's name ("ED25519") or a dotted one. Throws der::Malformed.
[[nodiscard]] std::string algorithm_of(std::string_view spki);

/// Returns the content of subjectPublicKey, from which key identifiers are computed. Throws der::Malformed.
[[nodiscard]] std::string_view key_bits_of(std::string_view spki);

/// Returns the number of bits from the highest one that is set; `octets` are big-endian.
[[nodiscard]] std::size_t bit_length(std::string_view octets) noexcept;

}  // namespace pki::crypto
