// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include <support/catch.hpp>

#include "crypto/key_signing.hpp"
#include "crypto/verify.hpp"
#include "samples.hpp"
#include "support.hpp"

using pki::CertSpec;
using pki::Profile;
using Kind = pki::GeneralName::Kind;
namespace crypto = pki::crypto;

TEST_CASE("the digest of a signature belongs to the issuer's key") {
  struct Row {
    pki::PrivateKey key;
    std::string name;
  };
  const std::vector<Row> rows{
      {a_key(), "ecdsa-with-SHA256"},
      {pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p384), "ecdsa-with-SHA384"},
      {pki::parse_private_key(samples::sec1_p521, "x"), "ecdsa-with-SHA512"},
      {pki::parse_private_key(samples::pkcs1_1024, "x"), "sha256WithRSAEncryption"},
      {pki::parse_private_key(samples::pkcs8_ed25519, "x"), "ED25519"},
  };
  for (const auto& [key, name] : rows) {
    const auto ca = self_sign(spec_of(Profile::ca, "ca"), key);
    CHECK(ca.signature_algorithm == name);
    CHECK(ca.self_signed);
  }
}

TEST_CASE("threads make keys and sign at the same time") {
  const auto ca = make_authority();
  std::vector<std::string> reasons(4, "not run");
  std::vector<std::thread> threads;
  for (auto& reason : reasons)
    threads.emplace_back([&reason, &ca] {
      const auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
      const auto leaf = sign(spec_of(Profile::peer, "leaf"), key, ca);
      reason =
          crypto::TrustAnchors({&ca.certificate, 1}).verify({&leaf, 1}, Profile::peer, now, crypto::Strictness::strict);
    });
  for (auto& thread : threads)
    thread.join();
  for (const auto& reason : reasons)
    CHECK(reason.empty());
}
