// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "crypto/key_public.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace crypto = pki::crypto;

TEST_CASE("a public key is described by its digest and a wrong one is refused") {
  CHECK(pki::parse_public_key_sha256(samples::public_p256, "sa.pub").size() == 64);
  for (const auto* wrong : {"", "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n", samples::pkcs1_1024}) {
    const auto error = error_of([&] { (void)pki::parse_public_key_sha256(wrong, "sa.pub"); });
    REQUIRE(error);
    CHECK(error->code() == pki::Errc::malformed);
  }
}

TEST_CASE("the three NIST curves are found by both names, and no other is") {
  for (const auto& curve : crypto::curves()) {
    CHECK(crypto::try_find_curve(curve.oid) == &curve);
    CHECK(crypto::try_find_curve_by_algorithm(curve.algorithm) == &curve);
  }
  CHECK(crypto::curves().size() == 3);
  CHECK(crypto::try_find_curve("\x2b\x81\x04\x00\x0a") == nullptr);
  CHECK(crypto::try_find_curve_by_algorithm("RSA-2048") == nullptr);
}

TEST_CASE("the public half of a key has the facts of the key") {
  const auto rsa = pki::parse_private_key(samples::pkcs1_1024, "x");
  for (const auto& key : {a_key(), rsa}) {
    const auto half = crypto::public_key_of(key);
    CHECK(half.algorithm == key.algorithm());
    CHECK(half.sha256 == key.public_key_sha256());
    CHECK(crypto::to_pem("PUBLIC KEY", half.spki) == key.public_key_pem());
    CHECK(crypto::algorithm_of(half.spki) == key.algorithm());
    CHECK(half.is_rsa() == (key.algorithm() == "RSA-1024"));
  }
}

TEST_CASE("the length of a number is counted from its highest bit") {
  CHECK(crypto::bit_length("") == 0);
  CHECK(crypto::bit_length(std::string(3, '\0')) == 0);
  CHECK(crypto::bit_length("\x01") == 1);
  CHECK(crypto::bit_length("\x80") == 8);
  CHECK(crypto::bit_length(std::string("\0\x01\0", 3)) == 9);
}
