#include <algorithm>
#include <array>

#include "crypto/asn1/der.hpp"
#include "crypto/key_numbers.hpp"

namespace pki::crypto {

namespace {

/// RsaArithmetic holds the numbers of one key as OpenSSL's, and answers questions about them.
class RsaArithmetic {
 public:
  explicit RsaArithmetic(const RsaNumbers& key)
      : context_(own(BN_CTX_secure_new_ex(library_context()), "make a number")) {
    for (std::size_t i = 0; i < key.numbers.size(); ++i)
      numbers_[i] = to_number(key.numbers[i]);
  }

  [[nodiscard]] const BIGNUM* number(std::size_t i) const { return numbers_[i].get(); }

  [[nodiscard]] bool is_product(std::size_t product, std::size_t a, std::size_t b) {
    const auto result = to_number({});
    check(BN_mul(result.get(), number(a), number(b), context_.get()), "check an RSA key");
    return BN_cmp(result.get(), number(product)) == 0;
  }
  /// is_reduced says that `small` is `large` modulo prime - 1.
  [[nodiscard]] bool is_reduced(std::size_t small, std::size_t large, std::size_t prime) {
    const auto result = to_number({});
    const auto order = minus_one(prime);
    check(BN_nnmod(result.get(), number(large), order.get(), context_.get()), "check an RSA key");
    return BN_cmp(result.get(), number(small)) == 0;
  }
  /// is_inverse says that a·b is 1 modulo `modulus`.
  [[nodiscard]] bool is_inverse(std::size_t a, std::size_t b, const BIGNUM* modulus) {
    const auto result = to_number({});
    check(BN_mod_mul(result.get(), number(a), number(b), modulus, context_.get()), "check an RSA key");
    return BN_is_one(result.get()) == 1;
  }
  [[nodiscard]] Handle<BIGNUM> minus_one(std::size_t prime) const {
    auto result = to_number({});
    check(BN_copy(result.get(), number(prime)) != nullptr ? 1 : 0, "check an RSA key");
    check(BN_sub_word(result.get(), 1), "check an RSA key");
    return result;
  }

 private:
  Handle<BN_CTX> context_;
  std::array<Handle<BIGNUM>, RsaNumbers::count> numbers_;
};

std::string point_octets(const EC_GROUP* group, const EC_POINT* point, BN_CTX* context) {
  std::string octets(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, nullptr, 0, context), '\0');
  const auto written = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED,
                                          reinterpret_cast<unsigned char*>(octets.data()), octets.size(), context);
  check(!octets.empty() && written == octets.size() ? 1 : 0, "write an EC point");
  return octets;
}

/// group_of gives OpenSSL's form of one of curves(), made once and never freed: as library_context.
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

  RsaArithmetic rsa(key);
  if (BN_is_odd(rsa.number(N::e)) == 0 || BN_is_one(rsa.number(N::e)) == 1) return "an RSA exponent that is even or 1";
  for (const auto prime : {N::p, N::q})
    if (BN_is_odd(rsa.number(prime)) == 0 || BN_is_one(rsa.number(prime)) == 1) return "an RSA prime that is not prime";
  if (!rsa.is_product(N::n, N::p, N::q)) return "the RSA modulus is not the product of the primes";
  const bool belongs = rsa.is_inverse(N::d, N::e, rsa.minus_one(N::p).get()) &&
                       rsa.is_inverse(N::d, N::e, rsa.minus_one(N::q).get()) && rsa.is_reduced(N::dp, N::d, N::p) &&
                       rsa.is_reduced(N::dq, N::d, N::q) && rsa.is_inverse(N::qinv, N::q, rsa.number(N::p));
  return belongs ? "" : "the private half of the RSA key does not belong to its public half";
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
