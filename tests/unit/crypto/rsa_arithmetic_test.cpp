// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "crypto/key_numbers.hpp"
#include "crypto/rsa/arithmetic.hpp"
#include "support.hpp"

namespace {

using pki::crypto::Handle;
using pki::crypto::RsaArithmetic;

Handle<BIGNUM> number(unsigned long value) {
  auto result = pki::crypto::to_number({});
  REQUIRE(BN_set_word(result.get(), value) == 1);
  return result;
}

unsigned long value_of(const Handle<BIGNUM>& number) { return BN_get_word(number.get()); }

}  // namespace

TEST_CASE("the arithmetic of an RSA key is right in small numbers") {
  const RsaArithmetic rsa("test");
  const auto a = number(60), b = number(53), c = number(52), modulus = number(780);
  CHECK(value_of(rsa.product(a.get(), b.get())) == 3180);
  CHECK(value_of(rsa.difference(a.get(), b.get())) == 7);
  CHECK(value_of(rsa.minus_one(b.get())) == 52);
  CHECK(value_of(rsa.remainder(a.get(), b.get())) == 7);
  const auto negative = rsa.difference(b.get(), a.get());
  CHECK(BN_is_negative(negative.get()) == 1);
  CHECK(value_of(rsa.remainder(negative.get(), b.get())) == 46);
  CHECK(value_of(rsa.least_common_multiple(a.get(), c.get())) == 780);
  CHECK(value_of(rsa.inverse(number(17).get(), modulus.get())) == 413);
}

TEST_CASE("a number without an inverse is an error that names the action") {
  const RsaArithmetic rsa("test");
  const auto error = error_of([&] { (void)rsa.inverse(number(10).get(), number(780).get()); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::crypto);
  CHECK_THAT(error->what(), contains("cannot test: "));
}
