// SPDX-License-Identifier: Apache-2.0
#include "crypto/file_chain.hpp"

#include <array>
#include <vector>

#include <support/catch.hpp>

#include "support.hpp"

// Faults of chains, with certificates that OpenSSL alone made: tests/unit/verbs/chain_test.cpp.

namespace crypto = pki::crypto;
using pki::Certificate;
using pki::ChainPlace;
using pki::Profile;

namespace {

constexpr std::array servers{Profile::server};

Authority signed_authority(const std::string& name, const Authority& issuer) {
  auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  auto certificate = sign(spec_of(Profile::ca, name), key, issuer);
  return {std::move(key), std::move(certificate)};
}

}  // namespace

TEST_CASE("a chain is judged up to the last certificates of its file, and alone without its issuer") {
  const auto root = make_authority("root");
  const auto middle = signed_authority("middle", root);
  const auto leaf = sign(spec_of(Profile::server, "leaf"), a_key(), middle);
  const auto other = make_authority("middle");  // the same name, another key
  struct Case {
    std::vector<Certificate> file;
    Profile profile;
    bool accepted;
  };
  for (const auto& [file, profile, accepted] : {
           Case{{leaf, middle.certificate, root.certificate}, Profile::server, true},
           Case{{leaf, root.certificate, middle.certificate}, Profile::server, true},
           Case{{leaf, middle.certificate}, Profile::server, true},
           Case{{leaf}, Profile::server, true},
           Case{{leaf}, Profile::none, true},
           Case{{leaf}, Profile::client, false},
           Case{{leaf, middle.certificate}, Profile::client, false},
           Case{{leaf, other.certificate}, Profile::server, true},
           Case{{}, Profile::server, false},
       }) {
    const auto verdict = crypto::judge_file(file, profile);
    CAPTURE(file.size());
    CHECK(verdict.paths.empty() != accepted);
    CHECK(verdict.refusal.has_value() == (!accepted && !file.empty()));
    for (const auto& path : verdict.paths)
      CHECK_FALSE(path.first_to_expire.of_issuer);
  }
}

TEST_CASE("each trusted certificate has to be a CA, whatever the others are") {
  const auto root = make_authority("root");
  const auto middle = signed_authority("middle", root);
  const auto leaf = sign(spec_of(Profile::server, "leaf"), a_key(), root);
  CHECK(crypto::judge_trusted(std::vector{root.certificate, middle.certificate}).empty());
  CHECK(crypto::judge_trusted({}).empty());
  const auto refusals = crypto::judge_trusted(std::vector{root.certificate, leaf, middle.certificate, leaf});
  REQUIRE(refusals.size() == 2);
  CHECK(refusals[0].at == ChainPlace{false, 2});
  CHECK(refusals[1].at == ChainPlace{false, 4});
  CHECK_THAT(refusals[0].reason, contains("CA"));
}

TEST_CASE("a file of a CA is judged as one that signs, and the chain of its leaves has no root") {
  const auto root = make_authority("root");
  const auto middle = signed_authority("middle", root);
  const auto leaf = sign(spec_of(Profile::server, "leaf"), a_key(), root);
  CHECK(crypto::judge_authority(std::vector{middle.certificate, root.certificate}, servers).paths.size() == 1);
  CHECK(crypto::judge_authority(std::vector{leaf}, servers).refusal);
  CHECK(crypto::chain_of_leaves(std::vector{root.certificate}).empty());
  CHECK(crypto::chain_of_leaves(std::vector{middle.certificate, root.certificate}) == std::vector{middle.certificate});
}
