#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>

#include <support/catch.hpp>

#include "crypto/key.hpp"
#include "crypto/rsa/generate.hpp"
#include "crypto/rsa/prime.hpp"
#include "crypto/rsa/sieve.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace {

using pki::crypto::find_prime;
using pki::crypto::is_probable_prime;
using pki::crypto::join_primes;
using Number = pki::crypto::Handle<BIGNUM>;
using Context = pki::crypto::Handle<BN_CTX>;

Number number_of(std::string_view octets) { return pki::crypto::to_number(octets); }

Number of_hex(const char* hex) {
  BIGNUM* number = nullptr;
  REQUIRE(BN_hex2bn(&number, hex) > 0);
  return Number(number);
}

std::string octets_of(const BIGNUM* number) {
  std::string octets(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(octets.data()));
  return octets;
}

bool openssl_says_prime(const BIGNUM* number) {
  const Context context(BN_CTX_new());
  return BN_check_prime(number, context.get(), nullptr) == 1;
}

/// next_prime is the smallest prime from a number on.
std::string next_prime(Number number) {
  BN_set_bit(number.get(), 0);
  while (!openssl_says_prime(number.get()))
    BN_add_word(number.get(), 2);
  return octets_of(number.get());
}

/// shifted is number ± 2^bits.
Number shifted(std::string_view octets, int bits, bool up) {
  const Number power(BN_new());
  BN_set_bit(power.get(), bits);
  auto number = number_of(octets);
  REQUIRE((up ? BN_add : BN_sub)(number.get(), number.get(), power.get()) == 1);
  return number;
}

std::vector<std::uint64_t> words_of(const BIGNUM* number) {
  const int size = (BN_num_bits(number) + 63) / 64 * 8;
  std::vector<unsigned char> octets(static_cast<std::size_t>(size));
  REQUIRE(BN_bn2lebinpad(number, octets.data(), size) == size);
  std::vector<std::uint64_t> words(octets.size() / 8);
  for (std::size_t i = 0; i < octets.size(); ++i)
    words[i / 8] |= std::uint64_t{octets[i]} << (i % 8 * 8);
  return words;
}

/// smallest_factor is the smallest odd prime factor below a limit, 0 for none.
unsigned smallest_factor(const BIGNUM* number, unsigned limit) {
  for (unsigned factor = 3; factor < limit; factor += 2)
    if (BN_mod_word(number, factor) == 0) return factor;
  return 0;
}

/// key_of_composites is an RSA key as PEM whose numbers fit each other, with two factors that are products of primes.
std::string key_of_composites() {
  const Context context(BN_CTX_new());
  const auto product = [&] {
    for (;;) {
      const Number a(BN_new());
      const Number b(BN_new());
      REQUIRE(BN_generate_prime_ex2(a.get(), 256, 0, nullptr, nullptr, nullptr, context.get()) == 1);
      REQUIRE(BN_generate_prime_ex2(b.get(), 256, 0, nullptr, nullptr, nullptr, context.get()) == 1);
      auto factor = Number(BN_new());
      BN_mul(factor.get(), a.get(), b.get(), context.get());
      if (BN_num_bits(factor.get()) == 512 && BN_mod_word(factor.get(), 65537) != 1) return factor;
    }
  };
  Number p = product(), q = product();
  const Number one(BN_dup(BN_value_one()));
  const auto calculate = [&](auto function) {
    Number result(BN_new());
    REQUIRE(function(result.get()) == 1);
    return result;
  };
  const auto n = calculate([&](BIGNUM* r) { return BN_mul(r, p.get(), q.get(), context.get()); });
  if (BN_num_bits(n.get()) != 1024) return key_of_composites();
  const auto p1 = calculate([&](BIGNUM* r) { return BN_sub(r, p.get(), one.get()); });
  const auto q1 = calculate([&](BIGNUM* r) { return BN_sub(r, q.get(), one.get()); });
  const auto both = calculate([&](BIGNUM* r) { return BN_mul(r, p1.get(), q1.get(), context.get()); });
  const auto e = of_hex("10001");
  const Number d(BN_mod_inverse(nullptr, e.get(), both.get(), context.get()));
  if (!d) return key_of_composites();
  const auto dp = calculate([&](BIGNUM* r) { return BN_nnmod(r, d.get(), p1.get(), context.get()); });
  const auto dq = calculate([&](BIGNUM* r) { return BN_nnmod(r, d.get(), q1.get(), context.get()); });
  const Number qinv(BN_mod_inverse(nullptr, q.get(), p.get(), context.get()));
  if (!qinv) return key_of_composites();
  const std::array texts{octets_of(n.get()), octets_of(e.get()),  octets_of(d.get()),  octets_of(p.get()),
                         octets_of(q.get()), octets_of(dp.get()), octets_of(dq.get()), octets_of(qinv.get())};
  pki::crypto::RsaNumbers numbers;
  for (std::size_t i = 0; i < texts.size(); ++i)
    numbers.numbers[i] = texts[i];
  return pki::crypto::to_pem("RSA PRIVATE KEY", std::string(pki::crypto::write_rsa(numbers)));
}

}  // namespace

TEST_CASE("the sieve keeps exactly the numbers of a line without a small factor") {
  struct Row {
    int bits;
    unsigned shift;
  };
  const auto [bits, shift] = GENERATE(Row{512, 1}, Row{1024, 63}, Row{1024, 64}, Row{1024, 896}, Row{2048, 1920});
  const Number start(BN_new());
  REQUIRE(BN_rand(start.get(), bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1);
  const auto survivors = pki::crypto::sieve(words_of(start.get()), shift);
  const std::set<unsigned> kept(survivors.begin(), survivors.end());
  CHECK(kept.size() == survivors.size());
  CHECK(kept.size() > 200);
  const unsigned limit = bits <= 1024 ? 1U << 18U : 1U << 20U;
  const Number number(BN_new());
  for (unsigned i = 0; i < pki::crypto::line_size; i += bits <= 1024 ? 1 : 7) {
    BN_set_word(number.get(), i);
    BN_lshift(number.get(), number.get(), static_cast<int>(shift));
    BN_add(number.get(), number.get(), start.get());
    // The last few primes below the limit are left out, because the sieve takes twelve at a time.
    if (!kept.contains(i)) CHECK(smallest_factor(number.get(), limit) != 0);
    if (kept.contains(i) && i % 8 == 0) CHECK(smallest_factor(number.get(), limit - 300) == 0);
  }
}

TEST_CASE("the sieve bears starts that small primes divide, and words that carry") {
  const auto* hex =
      GENERATE("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "800000000000000000000000000000000000000000000001",
               "800000000000000000000000000000000000000000000003");
  auto start = of_hex(hex);
  BN_mul_word(start.get(), 3 * 5 * 7 * 11);
  const auto survivors = pki::crypto::sieve(words_of(start.get()), 5);
  const std::set<unsigned> kept(survivors.begin(), survivors.end());
  CHECK(!kept.contains(0));
  const Number number(BN_new());
  for (unsigned i = 0; i < pki::crypto::line_size; ++i) {
    BN_set_word(number.get(), i << 5U);
    BN_add(number.get(), number.get(), start.get());
    CHECK(kept.contains(i) == (smallest_factor(number.get(), (1U << 18U) - 300) == 0));
  }
}

TEST_CASE("primes are told from composites") {
  // Mersenne primes, and the primes 2^255 - 19 and P-256's.
  for (const int exponent : {127, 521, 607, 1279, 2203}) {
    const auto number = shifted("\x01", exponent, true);
    BN_sub_word(number.get(), 2);
    CHECK(is_probable_prime(octets_of(number.get())));
  }
  CHECK(is_probable_prime(octets_of(of_hex("7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED").get())));
  CHECK(is_probable_prime(octets_of(of_hex("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF").get())));
  // 2^1277 - 1 has no known factor; 2^929 - 1 has small ones.
  for (const int exponent : {929, 1277}) {
    const auto number = shifted("\x01", exponent, true);
    BN_sub_word(number.get(), 2);
    CHECK(!is_probable_prime(octets_of(number.get())));
  }
  const auto p = *find_prime(512);
  const auto q = *find_prime(512);
  const Context context(BN_CTX_new());
  const Number product(BN_new());
  BN_mul(product.get(), number_of(p).get(), number_of(q).get(), context.get());
  CHECK(!is_probable_prime(octets_of(product.get())));
  BN_sqr(product.get(), number_of(p).get(), context.get());
  CHECK(!is_probable_prime(octets_of(product.get())));
}

TEST_CASE("no round is less than FIPS 186-5 table B.1 asks for") {
  CHECK(pki::crypto::rounds_for(1024) >= 5);
  CHECK(pki::crypto::rounds_for(1536) >= 4);
  CHECK(pki::crypto::rounds_for(2048) >= 4);
}

TEST_CASE("the error bound of the header holds") {
  // log2 of the bound of Damgård, Landrock and Pomerance, and of what a line of candidates makes of it.
  for (const double bits : {1024.0, 1536.0, 2048.0}) {
    const double rounds = pki::crypto::rounds_for(static_cast<unsigned>(bits));
    const double one = 1.5 * std::log2(bits) + rounds - std::log2(rounds) / 2 + 2 * (2 - std::sqrt(rounds * bits));
    const double line = one + std::log2(pki::crypto::line_size * 2 / (bits * std::log(2.0)) / 0.585);
    CHECK(line < -139);
    CHECK(line < (bits == 1024 ? -112 : bits == 1536 ? -128 : -144));
  }
}

TEST_CASE("a found prime is prime, in range, and e can be inverted") {
  const auto bits = GENERATE(512U, 1024U, 1536U);
  const Context context(BN_CTX_new());
  for (int i = 0; i < 4; ++i) {
    const auto prime = find_prime(bits);
    REQUIRE(prime);
    const auto number = number_of(*prime);
    CHECK(BN_num_bits(number.get()) == static_cast<int>(bits));
    CHECK(openssl_says_prime(number.get()));
    CHECK(BN_mod_word(number.get(), pki::crypto::public_exponent) != 1);
    const Number square(BN_new());
    BN_sqr(square.get(), number.get(), context.get());
    CHECK(BN_num_bits(square.get()) == static_cast<int>(2 * bits));  // so p >= sqrt(2) * 2^(bits - 1)
  }
}

TEST_CASE("a search ends when there is enough") {
  CHECK(!find_prime(1024, [] { return true; }));
  // A prime may turn up before the fourth question: then there never was enough. Of 60 searches some do not find one.
  int stopped = 0;
  for (int i = 0; i < 60; ++i) {
    int asked = 0;
    const auto prime = find_prime(1024, [&asked] { return ++asked >= 4; });
    CHECK(asked <= 5);
    CHECK(prime.has_value() == (asked < 4));
    stopped += prime ? 0 : 1;
  }
  CHECK(stopped > 0);
}

TEST_CASE("two primes that are too near to each other make no key") {
  const auto p = *find_prime(512);
  const bool up = static_cast<unsigned char>(p.front()) < 0xd0;
  CHECK(!join_primes(p, p));
  CHECK(!join_primes(p, next_prime(shifted(p, 400, up))));
  CHECK(!join_primes(next_prime(shifted(p, 411, up)), p));
  CHECK(join_primes(p, next_prime(shifted(p, 413, up))));
  CHECK(join_primes(next_prime(shifted(p, 505, up)), p));
}

TEST_CASE("two primes whose private exponent is too small make no key") {
  // p = 6g + 1 and q = 7g + 1: the least common multiple of p - 1 and q - 1 is 42g, and d came out at 510 bits.
  const auto p = of_hex(
      "C5795A9F3F6DB1129DFBE20D40D364FF255809CCF5C494D27819D6DE97C4661BD4B23D3693DCE04C3D20783AF5F9A911B6F4D894EB18E64F"
      "8F97781AF3835B51");
  const auto q = of_hex(
      "E662E9B9C9FFF94062FB3264CBA14B29AB9160C4741002F58C1E2559066521CB22CFF21501D705AE47508C44C9A3453F5572FCADBCF26207"
      "7CDB6174C6C3EA89");
  REQUIRE(openssl_says_prime(p.get()));
  REQUIRE(openssl_says_prime(q.get()));
  CHECK(!join_primes(octets_of(p.get()), octets_of(q.get())));
}

TEST_CASE("a number that is not prime makes no key") {
  const auto p = *find_prime(512);
  auto composite = number_of(*find_prime(512));
  do
    BN_sub_word(composite.get(), 2);
  while (openssl_says_prime(composite.get()) || smallest_factor(composite.get(), 1000) == 0 ||
         BN_mod_word(composite.get(), pki::crypto::public_exponent) == 1);
  const auto error = error_of([&] { (void)join_primes(p, octets_of(composite.get())); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::crypto);
}

TEST_CASE("a report takes an RSA key by its numbers, a signer asks for the proof") {
  const std::string sound = samples::pkcs1_1024;
  CHECK(pki::parse_private_key(sound, "x", pki::KeyCheck::numbers).pem() ==
        pki::parse_private_key(sound, "x", pki::KeyCheck::proof).pem());
  // Numbers that belong together although neither factor is prime: the key does not work, and only a proof shows it.
  const std::string useless = key_of_composites();
  CHECK(pki::parse_private_key(useless, "x", pki::KeyCheck::numbers).algorithm() == "RSA-1024");
  const auto error = error_of([&] { (void)pki::parse_private_key(useless, "x"); });
  REQUIRE(error);
  CHECK_THAT(error->what(), contains("signatures do not verify"));
}

TEST_CASE("OpenSSL's own generator makes a key as well, and must where FIPS is asked for") {
  const auto key = pki::crypto::stock_rsa_key(2048);
  CHECK(key.algorithm() == "RSA-2048");
  CHECK(pki::parse_private_key(key.pem(), "key").pem() == key.pem());
  OSSL_LIB_CTX* context = OSSL_LIB_CTX_new();
  CHECK(!pki::crypto::only_provider_makes_rsa(context));
  REQUIRE(EVP_default_properties_enable_fips(context, 1) == 1);
  CHECK(
      error_of([context] { (void)pki::crypto::only_provider_makes_rsa(context); }));  // this host has no such provider
  OSSL_LIB_CTX_free(context);
}
