// SPDX-License-Identifier: Apache-2.0
#include "model/key_strength.hpp"

#include <support/catch.hpp>

TEST_CASE("certificates are made for RSA of at least 2048 bits, ECDSA and Ed25519") {
  for (const auto* good :
       {"RSA-2048", "RSA-3072", "RSA-4096", "RSA-16384", "ECDSA-P256", "ECDSA-P384", "ECDSA-P521", "ED25519"}) {
    INFO(good);
    CHECK(pki::model::is_strong_key(good));
  }
  for (const auto* weak : {"RSA-1024", "RSA-2047", "RSA-512", "RSA-", "RSA", "RSA-x", "ECDSA-P224", "DSA", "ED448", "",
                           "rsaEncryption", "RSASSA-PSS", "1.2.840.10045.2.1"}) {
    INFO(weak);
    CHECK_FALSE(pki::model::is_strong_key(weak));
  }
}
