// SPDX-License-Identifier: Apache-2.0
#include "crypto/rsa/arithmetic.hpp"

#include "crypto/key_numbers.hpp"

namespace pki::crypto {

RsaArithmetic::RsaArithmetic(std::string_view action)
    : action_(action), context_(own(BN_CTX_secure_new_ex(library_context()), action)) {}

Handle<BIGNUM> RsaArithmetic::product(const BIGNUM* a, const BIGNUM* b) const {
  auto result = to_number({});
  check(BN_mul(result.get(), a, b, context_.get()), action_);
  return result;
}

Handle<BIGNUM> RsaArithmetic::difference(const BIGNUM* a, const BIGNUM* b) const {
  auto result = to_number({});
  check(BN_sub(result.get(), a, b), action_);
  return result;
}

Handle<BIGNUM> RsaArithmetic::remainder(const BIGNUM* a, const BIGNUM* modulus) const {
  auto result = to_number({});
  check(BN_nnmod(result.get(), a, modulus, context_.get()), action_);
  return result;
}

Handle<BIGNUM> RsaArithmetic::inverse(const BIGNUM* a, const BIGNUM* modulus) const {
  auto result = to_number({});
  check(BN_mod_inverse(result.get(), a, modulus, context_.get()) != nullptr ? 1 : 0, action_);
  return result;
}

Handle<BIGNUM> RsaArithmetic::least_common_multiple(const BIGNUM* a, const BIGNUM* b) const {
  const auto divisor = to_number({});
  check(BN_gcd(divisor.get(), a, b, context_.get()), action_);
  auto result = to_number({});
  check(BN_div(result.get(), nullptr, product(a, b).get(), divisor.get(), context_.get()), action_);
  return result;
}

}  // namespace pki::crypto
