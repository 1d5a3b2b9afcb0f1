// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <pki/error.hpp>
#include <pki/key.hpp>

TEST_CASE("algorithm names are kubeadm's and round-trip") {
  for (const char* name : {"RSA-2048", "RSA-3072", "RSA-4096", "ECDSA-P256", "ECDSA-P384"})
    CHECK(pki::to_string(pki::parse_key_algorithm(name)) == name);
}

TEST_CASE("any other algorithm name is refused with the list of names") {
  for (const char* name : {"", "rsa-2048", "RSA-1024", "Ed25519", "RSA-2048 "})
    CHECK_THROWS_WITH(pki::parse_key_algorithm(name), contains("RSA-2048, RSA-3072, RSA-4096, ECDSA-P256, ECDSA-P384"));
}
