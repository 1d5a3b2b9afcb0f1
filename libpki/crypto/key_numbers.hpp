// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include <openssl/core_names.h>

#include <pki/secret.hpp>

#include "crypto/key_public.hpp"
#include "crypto/openssl.hpp"

namespace pki::crypto {

/// RsaNumbers are the integers of an RSAPrivateKey (RFC 8017 A.1.2), big-endian without leading zeros, by reference.
struct RsaNumbers {
  static constexpr std::size_t count = 8;
  enum { n, e, d, p, q, dp, dq, qinv };
  std::array<std::string_view, count> numbers;
};

/// OpenSSL's names of these parameters, in the same order.
inline constexpr std::array<const char*, RsaNumbers::count> rsa_parameter_names{
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,           OSSL_PKEY_PARAM_RSA_D,
    OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,     OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};

/// OwnedRsaNumbers holds the octets that RsaNumbers refers to, in wiped memory.
class OwnedRsaNumbers {
 public:
  explicit OwnedRsaNumbers(const std::array<const BIGNUM*, RsaNumbers::count>& numbers);
  [[nodiscard]] RsaNumbers view() const;

 private:
  std::array<SecretString, RsaNumbers::count> octets_;
};

/// EcNumbers are a private scalar and, where the text has it, its point; by reference.
struct EcNumbers {
  const Curve* curve{nullptr};
  std::string_view scalar;
  std::string_view point;
};

/// Reads an RSAPrivateKey. Throws der::Malformed.
[[nodiscard]] RsaNumbers read_rsa(std::string_view octets);
/// Reads an ECPrivateKey (RFC 5915); `curve` is the one that an enclosing PKCS#8 structure names, or null. Throws
/// der::Malformed.
[[nodiscard]] EcNumbers read_ec(std::string_view octets, const Curve* curve);
/// Reads the parameters of an EC key. Throws der::Malformed unless they name a supported curve.
[[nodiscard]] const Curve* read_curve(std::string_view parameters);

[[nodiscard]] SecretString write_rsa(const RsaNumbers& numbers);
/// `numbers` must have its point, uncompressed.
[[nodiscard]] SecretString write_ec(const EcNumbers& numbers);

/// Returns OpenSSL's form of a key; the EC point must be present, uncompressed. Throws Error(crypto).
[[nodiscard]] Handle<EVP_PKEY> make_rsa(const RsaNumbers& numbers);
[[nodiscard]] Handle<EVP_PKEY> make_ec(const EcNumbers& numbers);

/// Returns what is wrong with the numbers, an empty text when they are consistent. It does not test whether the factors
/// are prime: a signature that verifies shows it at a fiftieth of the cost.
[[nodiscard]] std::string check_rsa(const RsaNumbers& numbers);
/// Returns the uncompressed point of a scalar. Throws der::Malformed when the scalar is out of range, or when `numbers`
/// has another point.
[[nodiscard]] std::string ec_point(const EcNumbers& numbers);

/// Returns a constant-time number that OpenSSL wipes wherever it copies it.
[[nodiscard]] Handle<BIGNUM> to_number(std::string_view octets);
/// Returns the reverse: big-endian octets without leading zeros, in wiped memory.
[[nodiscard]] SecretString to_octets(const BIGNUM* number);

}  // namespace pki::crypto
