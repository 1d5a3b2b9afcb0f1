// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "crypto/openssl.hpp"

namespace pki::crypto {

/// RsaArithmetic computes with the secret numbers of one RSA key. Results are constant-time numbers in wiped memory.
/// Every function throws Error(crypto) "cannot ACTION: ..." when OpenSSL fails.
class RsaArithmetic {
 public:
  /// `action` must outlive the object.
  explicit RsaArithmetic(std::string_view action);

  [[nodiscard]] Handle<BIGNUM> product(const BIGNUM* a, const BIGNUM* b) const;
  [[nodiscard]] Handle<BIGNUM> difference(const BIGNUM* a, const BIGNUM* b) const;
  /// Returns a - 1.
  [[nodiscard]] Handle<BIGNUM> minus_one(const BIGNUM* a) const { return difference(a, BN_value_one()); }
  /// Returns `a` modulo `modulus`, never negative.
  [[nodiscard]] Handle<BIGNUM> remainder(const BIGNUM* a, const BIGNUM* modulus) const;
  /// Returns the inverse of `a` modulo `modulus`; throws also when `a` has no inverse.
  [[nodiscard]] Handle<BIGNUM> inverse(const BIGNUM* a, const BIGNUM* modulus) const;
  [[nodiscard]] Handle<BIGNUM> least_common_multiple(const BIGNUM* a, const BIGNUM* b) const;

 private:
  std::string_view action_;
  Handle<BN_CTX> context_;
};

}  // namespace pki::crypto
