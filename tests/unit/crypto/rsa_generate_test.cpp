// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include <support/catch.hpp>

#include "crypto/key_numbers.hpp"
#include "crypto/rsa/generate.hpp"
#include "support.hpp"

namespace {

using pki::crypto::generate_prime;
using Number = pki::crypto::Handle<BIGNUM>;
using Context = pki::crypto::Handle<BN_CTX>;

Number of_hex(const char* hex) {
  BIGNUM* number = nullptr;
  REQUIRE(BN_hex2bn(&number, hex) > 0);
  return Number(number);
}

bool is_prime(const BIGNUM* number) {
  const Context context(BN_CTX_new());
  return BN_check_prime(number, context.get(), nullptr) == 1;
}

/// Returns the smallest prime that is not below `number`.
Number next_prime(Number number) {
  BN_set_bit(number.get(), 0);
  while (!is_prime(number.get())) {
    BN_add_word(number.get(), 2);
  }
  return number;
}

/// Returns number ± 2^bits.
Number shifted(const BIGNUM* number, int bits, bool up) {
  const Number power(BN_new());
  BN_set_bit(power.get(), bits);
  Number result(BN_new());
  REQUIRE((up ? BN_add : BN_sub)(result.get(), number, power.get()) == 1);
  return result;
}

std::optional<pki::PrivateKey> join(const BIGNUM* p, const BIGNUM* q) {
  return pki::crypto::join_primes(Number(BN_dup(p)), Number(BN_dup(q)));
}

}  // namespace

TEST_CASE("a generated prime is prime, its square has full length, and the public exponent has an inverse") {
  const auto bits = GENERATE(512U, 1024U, 1536U);
  const Context context(BN_CTX_new());
  for (int i = 0; i < 3; ++i) {
    const auto prime = generate_prime(bits);
    REQUIRE(prime);
    CHECK(BN_num_bits(prime.get()) == static_cast<int>(bits));
    CHECK(is_prime(prime.get()));
    CHECK(BN_mod_word(prime.get(), pki::crypto::public_exponent) != 1);
    const Number square(BN_new());
    BN_sqr(square.get(), prime.get(), context.get());
    CHECK(BN_num_bits(square.get()) == static_cast<int>(2 * bits));  // so p >= sqrt(2) * 2^(bits - 1)
  }
}

TEST_CASE("a search for a prime ends when there is enough") {
  CHECK(!generate_prime(1024, [] { return true; }));
  int stopped = 0;
  for (int i = 0; i < 20; ++i) {
    int asked = 0;
    const auto prime = generate_prime(1024, [&asked] { return ++asked >= 4; });
    CHECK(asked >= 4);  // a prime is tested in more rounds than that
    stopped += prime ? 0 : 1;
  }
  CHECK(stopped == 20);
}

TEST_CASE("two primes that are too near to each other make no key") {
  const auto p = generate_prime(512);
  const bool up = BN_is_bit_set(p.get(), 509) == 0;
  const auto near = [&](int bits) { return next_prime(shifted(p.get(), bits, up)); };
  CHECK(!join(p.get(), p.get()));
  CHECK(!join(p.get(), near(400).get()));
  CHECK(!join(near(411).get(), p.get()));
  CHECK(join(p.get(), near(413).get()));
  CHECK(join(near(505).get(), p.get()));
}

TEST_CASE("two primes whose private exponent is too small make no key") {
  // p = 6g + 1 and q = 7g + 1: the least common multiple of p - 1 and q - 1 is 42g, and d has 510 bits.
  const auto p = of_hex(
      "C5795A9F3F6DB1129DFBE20D40D364FF255809CCF5C494D27819D6DE97C4661BD4B23D3693DCE04C3D20783AF5F9A911B6F4D894EB18E64F"
      "8F97781AF3835B51");
  const auto q = of_hex(
      "E662E9B9C9FFF94062FB3264CBA14B29AB9160C4741002F58C1E2559066521CB22CFF21501D705AE47508C44C9A3453F5572FCADBCF26207"
      "7CDB6174C6C3EA89");
  REQUIRE(is_prime(p.get()));
  REQUIRE(is_prime(q.get()));
  CHECK(!join(p.get(), q.get()));
}

TEST_CASE("a number that is not prime makes no key") {
  const auto p = generate_prime(512);
  auto composite = generate_prime(512);
  do {
    BN_sub_word(composite.get(), 2);
  } while (is_prime(composite.get()) || BN_mod_word(composite.get(), pki::crypto::public_exponent) == 1);
  const auto error = error_of([&] { (void)join(p.get(), composite.get()); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::crypto);
}

TEST_CASE("a search makes as many keys as it was asked for, and none once it is stopped") {
  std::atomic<bool> stopped{false};
  std::vector<pki::PrivateKey> keys;
  const auto keep = [&keys](pki::PrivateKey key) { keys.push_back(std::move(key)); };
  pki::crypto::RsaSearch search(1024, 3);
  search.run(stopped, keep);
  CHECK(keys.size() == 3);
  search.run(stopped, keep);
  CHECK(keys.size() == 3);
  stopped = true;
  pki::crypto::RsaSearch(1024, 1).run(stopped, keep);
  CHECK(keys.size() == 3);
}
