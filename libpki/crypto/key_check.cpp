// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "crypto/asn1/der.hpp"
#include "crypto/key_numbers.hpp"
#include "crypto/rsa/arithmetic.hpp"

namespace pki::crypto {

namespace {

std::string point_octets(const EC_GROUP* group, const EC_POINT* point, BN_CTX* context) {
  std::string octets(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, nullptr, 0, context), '\0');
  const auto written = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
                                          reinterpret_cast<unsigned char*>(octets.data()), octets.size(), context);
  check(!octets.empty() && written == octets.size() ? 1 : 0, "write an EC point");
  return octets;
}

/// Returns OpenSSL's form of one of curves(), created once and never freed, like library_context.
const EC_GROUP* group_of(const Curve& curve) {
  static const auto groups = [] {
    std::array<const EC_GROUP*, 3> made{};
    for (std::size_t i = 0; i < made.size(); ++i)
      made.at(i) =
          own(EC_GROUP_new_by_curve_name_ex(library_context(), nullptr, curves()[i].nid), "make a curve").release();
    return made;
  }();
  return groups.at(static_cast<std::size_t>(&curve - curves().data()));
}

/// Returns what is wrong with the numbers of an RSA key, in the order of RsaNumbers.
std::string check_consistency(const std::array<Handle<BIGNUM>, RsaNumbers::count>& numbers) {
  using N = RsaNumbers;
  const RsaArithmetic rsa("check an RSA key");
  const auto number = [&](std::size_t i) { return numbers.at(i).get(); };
  const auto is_odd_above_1 = [&](std::size_t i) { return BN_is_odd(number(i)) == 1 && BN_is_one(number(i)) == 0; };
  if (!is_odd_above_1(N::e)) return "an RSA exponent that is even or 1";
  if (!is_odd_above_1(N::p) || !is_odd_above_1(N::q)) return "an RSA prime that is not prime";
  if (BN_cmp(rsa.product(number(N::p), number(N::q)).get(), number(N::n)) != 0)
    return "the RSA modulus is not the product of the primes";

  const auto p_minus_1 = rsa.minus_one(number(N::p));
  const auto q_minus_1 = rsa.minus_one(number(N::q));
  const auto is_inverse = [&](std::size_t a, std::size_t b, const BIGNUM* modulus) {
    return BN_is_one(rsa.remainder(rsa.product(number(a), number(b)).get(), modulus).get()) == 1;
  };
  const auto is_remainder = [&](std::size_t small, std::size_t large, const BIGNUM* modulus) {
    return BN_cmp(rsa.remainder(number(large), modulus).get(), number(small)) == 0;
  };
  const bool consistent = is_inverse(N::d, N::e, p_minus_1.get()) && is_inverse(N::d, N::e, q_minus_1.get()) &&
                          is_remainder(N::dp, N::d, p_minus_1.get()) && is_remainder(N::dq, N::d, q_minus_1.get()) &&
                          is_inverse(N::qinv, N::q, number(N::p));
  return consistent ? "" : "the private half of the RSA key does not belong to its public half";
}

bool in_range(const BIGNUM* scalar, const EC_GROUP* group) {
  return BN_is_zero(scalar) == 0 && BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0;
}

}  // namespace

std::string check_rsa(const RsaNumbers& key) {
  using N = RsaNumbers;
  constexpr std::size_t smallest = 1024;
  constexpr std::size_t largest = 16384;
  const auto bits = bit_length(key.numbers[N::n]);
  if (bits < smallest || bits > largest)
    return "an RSA key of " + std::to_string(bits) + " bits, expected 1024 to 16384";
  for (const auto number : key.numbers)
    if (number.size() > key.numbers[N::n].size()) return "an RSA number is longer than the modulus";
  if (bit_length(key.numbers[N::e]) > 31) return "an RSA exponent of more than 31 bits, expected 65537";

  std::array<Handle<BIGNUM>, N::count> numbers;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = to_number(key.numbers[i]);
  }
  return check_consistency(numbers);
}

std::string ec_point(const EcNumbers& key) {
  const auto context = own(BN_CTX_secure_new_ex(library_context()), "check an EC key");
  const auto* group = group_of(*key.curve);
  const auto scalar = to_number(key.scalar.substr(std::min(key.scalar.find_first_not_of('\0'), key.scalar.size())));
  if (!in_range(scalar.get(), group)) throw der::Malformed("an EC key whose scalar is out of range");
  const auto point = own(EC_POINT_new(group), "check an EC key");
  check(EC_POINT_mul(group, point.get(), scalar.get(), nullptr, nullptr, context.get()), "check an EC key");
  if (!key.point.empty()) {
    const auto given = own(EC_POINT_new(group), "check an EC key");
    const bool same =
        EC_POINT_oct2point(group, given.get(), bytes_of(key.point), key.point.size(), context.get()) == 1 &&
        EC_POINT_cmp(group, given.get(), point.get(), context.get()) == 0;
    if (!same) throw der::Malformed("the private half of the EC key does not belong to its public half");
  }
  return point_octets(group, point.get(), context.get());
}

}  // namespace pki::crypto
