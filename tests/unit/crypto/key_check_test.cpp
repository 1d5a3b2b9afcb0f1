// SPDX-License-Identifier: Apache-2.0
#include <array>

#include <support/catch.hpp>

#include "crypto/key.hpp"
#include "crypto/key_numbers.hpp"
#include "repacked.hpp"
#include "samples.hpp"
#include "support.hpp"

using pki::parse_private_key;

namespace {

using Number = pki::crypto::Handle<BIGNUM>;
using Context = pki::crypto::Handle<BN_CTX>;

Number of_hex(const char* hex) {
  BIGNUM* number = nullptr;
  REQUIRE(BN_hex2bn(&number, hex) > 0);
  return Number(number);
}

std::string problem_of(const std::string& pem) {
  const auto error = error_of([&] { (void)parse_private_key(pem, "ca.key"); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::malformed);
  CHECK(error->subject() == "ca.key");
  return error->what();
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
  const pki::crypto::OwnedRsaNumbers numbers(
      {n.get(), e.get(), d.get(), p.get(), q.get(), dp.get(), dq.get(), qinv.get()});
  return pki::crypto::to_pem("RSA PRIVATE KEY", std::string(pki::crypto::write_rsa(numbers.view())));
}

}  // namespace

TEST_CASE("an EC key whose halves do not belong together is refused") {
  const auto end = repacked(samples::sec1_with_parameters, [](std::string& der) { der.back() ^= 1; });
  CHECK_THAT(problem_of(end), contains("does not belong to its public half"));
  const auto scalar = repacked(samples::sec1_with_parameters, [](std::string& der) { der[20] ^= 1; });
  CHECK_THAT(problem_of(scalar), contains("does not belong to its public half"));
  const auto zero = repacked(samples::sec1_with_parameters, [](std::string& der) { der.replace(7, 32, 32, '\0'); });
  CHECK_THAT(problem_of(zero), contains("out of range"));
  const auto huge = repacked(samples::sec1_with_parameters, [](std::string& der) { der.replace(7, 32, 32, '\xff'); });
  CHECK_THAT(problem_of(huge), contains("out of range"));
}

TEST_CASE("an RSA key with any number changed is refused") {
  const auto der = [] {
    const auto blocks = pki::crypto::find_pem_blocks(samples::pkcs1_1024, std::string::npos, "test");
    return pki::crypto::decode_base64(blocks.at(0).body).value();
  }();
  for (std::size_t at = 20; at < der.size(); at += 23) {
    const auto changed = repacked(samples::pkcs1_1024, [at](std::string& octets) { octets[at] ^= 4; });
    CHECK(error_of([&] { (void)parse_private_key(changed, "sa.key"); }));
  }
}

TEST_CASE("only a trial signature shows that the factors of an RSA key are not prime") {
  const std::string sound = samples::pkcs1_1024;
  CHECK(pki::parse_private_key(sound, "x", pki::KeyCheck::consistency).pem() ==
        pki::parse_private_key(sound, "x", pki::KeyCheck::sign_and_verify).pem());
  // Numbers that belong together although neither factor is prime: the key does not work, and only a proof shows it.
  const std::string useless = key_of_composites();
  CHECK(pki::parse_private_key(useless, "x", pki::KeyCheck::consistency).algorithm() == "RSA-1024");
  const auto error = error_of([&] { (void)pki::parse_private_key(useless, "x"); });
  REQUIRE(error);
  CHECK_THAT(error->what(), contains("signatures do not verify"));
}

TEST_CASE("a key whose signatures do not verify is the last one of its file that is looked at") {
  const std::string sound = samples::pkcs1_1024;
  const auto useless = key_of_composites();
  const auto error = error_of([&] { (void)parse_private_key(useless + sound, "sa.key"); });
  REQUIRE(error);
  CHECK_THAT(error->what(), contains("signatures do not verify"));
  CHECK(parse_private_key(sound + useless, "sa.key").pem() == parse_private_key(sound, "sa.key").pem());
  // A block that is no key at all is passed over.
  const auto broken = repacked(sound, [](std::string& octets) { octets.resize(octets.size() / 2); });
  CHECK(parse_private_key(broken + sound, "sa.key").pem() == parse_private_key(sound, "sa.key").pem());
}
