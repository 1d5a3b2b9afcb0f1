#pragma once

#include <array>
#include <string>
#include <string_view>

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

/// EcNumbers are a private scalar and, where the text has it, its point; by reference.
struct EcNumbers {
  const Curve* curve{nullptr};
  std::string_view scalar;
  std::string_view point;
};

/// read_rsa and read_ec read RSAPrivateKey and ECPrivateKey (RFC 5915); `curve` is that of a surrounding PKCS#8
/// structure, or null. Throws der::Malformed.
[[nodiscard]] RsaNumbers read_rsa(std::string_view octets);
[[nodiscard]] EcNumbers read_ec(std::string_view octets, const Curve* curve);
/// read_curve reads the parameters of an EC key. Throws der::Malformed unless they name a supported curve.
[[nodiscard]] const Curve* read_curve(std::string_view parameters);

[[nodiscard]] SecretString write_rsa(const RsaNumbers& numbers);
[[nodiscard]] SecretString write_ec(const EcNumbers& numbers);

/// make_rsa and make_ec hand the numbers to OpenSSL; the EC point must be there, uncompressed.
[[nodiscard]] Handle<EVP_PKEY> make_rsa(const RsaNumbers& numbers);
[[nodiscard]] Handle<EVP_PKEY> make_ec(const EcNumbers& numbers);

/// check_rsa says what is wrong with the numbers, empty when they belong together. Whether the primes are prime is
/// not asked: a signature that verifies tells it at a fiftieth of the cost.
[[nodiscard]] std::string check_rsa(const RsaNumbers& numbers);
/// ec_point computes the uncompressed point of a scalar. Throws der::Malformed when the scalar is out of range,
/// or when `numbers` has a point and it is another one.
[[nodiscard]] std::string ec_point(const EcNumbers& numbers);

/// to_number makes a BIGNUM that is wiped wherever OpenSSL copies it.
[[nodiscard]] Handle<BIGNUM> to_number(std::string_view octets);

}  // namespace pki::crypto
