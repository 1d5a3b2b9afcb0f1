#include "crypto/rsa/generate.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <openssl/provider.h>

#include <pki/error.hpp>

#include "crypto/asn1/der.hpp"
#include "crypto/key.hpp"
#include "crypto/rsa/prime.hpp"

namespace pki::crypto {

namespace {

constexpr auto action = "make an RSA key";

SecretString octets_of(const BIGNUM* number) {
  SecretString octets(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(octets.data()));
  return octets;
}

/// RsaParts are the numbers of one key while it is made (RFC 8017 3.2), all in constant time.
struct RsaParts {
  using Number = Handle<BIGNUM>;
  Handle<BN_CTX> context{own(BN_CTX_secure_new_ex(library_context()), action)};
  Number p;
  Number q;

  [[nodiscard]] Number product(const Number& a, const Number& b) const {
    auto result = to_number({});
    check(BN_mul(result.get(), a.get(), b.get(), context.get()), action);
    return result;
  }
  [[nodiscard]] Number inverse(const Number& of, const Number& modulus) const {
    auto result = to_number({});
    check(BN_mod_inverse(result.get(), of.get(), modulus.get(), context.get()) != nullptr ? 1 : 0, action);
    return result;
  }
  [[nodiscard]] Number rest(const Number& of, const Number& modulus) const {
    auto result = to_number({});
    check(BN_nnmod(result.get(), of.get(), modulus.get(), context.get()), action);
    return result;
  }
  [[nodiscard]] Number minus(const Number& a, const BIGNUM* b) const {
    auto result = to_number({});
    check(BN_sub(result.get(), a.get(), b), action);
    return result;
  }
  [[nodiscard]] Number least_common_multiple(const Number& a, const Number& b) const {
    const auto divisor = to_number({});
    check(BN_gcd(divisor.get(), a.get(), b.get(), context.get()), action);
    auto result = to_number({});
    check(BN_div(result.get(), nullptr, product(a, b).get(), divisor.get(), context.get()), action);
    return result;
  }
};

Handle<BIGNUM> exponent() {
  auto e = to_number({});
  check(BN_set_word(e.get(), public_exponent), action);
  return e;
}

}  // namespace

std::optional<PrivateKey> join_primes(std::string_view one, std::string_view other) {
  const QuietErrors quiet;
  const CleanStack clean;
  RsaParts rsa{.p = to_number(one), .q = to_number(other)};
  if (BN_cmp(rsa.p.get(), rsa.q.get()) < 0) std::swap(rsa.p, rsa.q);
  const int half = BN_num_bits(rsa.p.get());
  // |p - q| > 2^(half - 100) is that |p - q| - 1 has more bits.
  const auto gap = rsa.minus(rsa.minus(rsa.p, rsa.q.get()), BN_value_one());
  if (BN_is_negative(gap.get()) == 1 || BN_num_bits(gap.get()) <= half - 100) return std::nullopt;

  const auto p_minus_1 = rsa.minus(rsa.p, BN_value_one());
  const auto q_minus_1 = rsa.minus(rsa.q, BN_value_one());
  const auto e = exponent();
  const auto d = rsa.inverse(e, rsa.least_common_multiple(p_minus_1, q_minus_1));
  if (BN_num_bits(d.get()) <= half) return std::nullopt;  // d is odd, so it is not 2^half

  const std::array numbers{octets_of(rsa.product(rsa.p, rsa.q).get()),
                           octets_of(e.get()),
                           octets_of(d.get()),
                           octets_of(rsa.p.get()),
                           octets_of(rsa.q.get()),
                           octets_of(rsa.rest(d, p_minus_1).get()),
                           octets_of(rsa.rest(d, q_minus_1).get()),
                           octets_of(rsa.inverse(rsa.q, rsa.p).get())};
  RsaNumbers key;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    key.numbers[i] = numbers[i];
  try {
    return to_private_key(key);
  } catch (const der::Malformed& problem) {
    throw Error(Errc::crypto, {}, fmt::format("the generated key is not sound: {}", problem.what()));
  }
}

bool only_provider_makes_rsa(OSSL_LIB_CTX* context) {
  const auto rsa = own(EVP_KEYMGMT_fetch(context, "RSA", nullptr), action);
  const std::string_view provider = OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(rsa.get()));
  return provider != "default" || EVP_default_properties_is_fips_enabled(context) == 1;
}

bool stock_generator_wanted() {
#ifdef PKI_STOCK_RSA
  return true;
#else
  const QuietErrors quiet;
  return only_provider_makes_rsa(library_context());
#endif
}

PrivateKey generate_rsa_key(unsigned bits) {
  if (stock_generator_wanted()) return stock_rsa_key(bits);
  for (;;)
    if (auto key = join_primes(*find_prime(bits / 2), *find_prime(bits / 2))) return *std::move(key);
}

}  // namespace pki::crypto
