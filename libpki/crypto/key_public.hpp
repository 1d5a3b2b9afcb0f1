#pragma once

#include <span>
#include <string>
#include <string_view>

#include <pki/key.hpp>

namespace pki::crypto {

inline constexpr std::string_view rsa_oid{"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9};
inline constexpr std::string_view ec_oid{"\x2a\x86\x48\xce\x3d\x02\x01", 7};

/// Curve is a NIST curve that keys may lie on.
struct Curve {
  std::string_view oid;  ///< content octets of the DER OBJECT IDENTIFIER
  const char* group;     ///< OpenSSL's name
  int nid;
  std::size_t size;            ///< octets of a scalar
  std::string_view algorithm;  ///< as PrivateKey::algorithm
};

/// curves are all of them.
[[nodiscard]] std::span<const Curve> curves() noexcept;

/// try_find_curve is null for every other curve; the first takes an object identifier, the second "ECDSA-P256".
[[nodiscard]] const Curve* try_find_curve(std::string_view oid) noexcept;
[[nodiscard]] const Curve* try_find_curve_by_algorithm(std::string_view algorithm) noexcept;

/// rsa_spki and ec_spki write a SubjectPublicKeyInfo (RFC 3279, RFC 5480) of big-endian numbers, and of an
/// uncompressed point.
[[nodiscard]] std::string rsa_spki(std::string_view modulus, std::string_view exponent);
[[nodiscard]] std::string ec_spki(const Curve& curve, std::string_view point);

/// algorithm_of names the algorithm of a SubjectPublicKeyInfo as PrivateKey::algorithm does; one that a cluster
/// cannot use has OpenSSL's name ("ED25519") or a dotted one. Throws der::Malformed.
[[nodiscard]] std::string algorithm_of(std::string_view spki);

/// key_bits_of gives the content of subjectPublicKey, what key identifiers are made of. Throws der::Malformed.
[[nodiscard]] std::string_view key_bits_of(std::string_view spki);

/// spki_of is the DER SubjectPublicKeyInfo of a key.
[[nodiscard]] std::string spki_of(const PrivateKey& key);

/// bit_length counts from the highest bit that is set; `octets` are big-endian.
[[nodiscard]] std::size_t bit_length(std::string_view octets) noexcept;

}  // namespace pki::crypto
