// SPDX-License-Identifier: Apache-2.0
#include "crypto/path_search.hpp"

#include <vector>

#include <support/catch.hpp>

#include "support.hpp"

namespace crypto = pki::crypto;
using pki::Certificate;
using pki::ChainPlace;
using pki::Profile;

TEST_CASE("a search finds every path to an anchor, with its dates and its members") {
  const auto root = make_authority("root");
  auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  auto early = spec_of(Profile::ca, "middle");
  early.not_after = now + std::chrono::hours{24};
  const Authority first{key, sign(early, key, root)};
  const Authority second{key, sign(spec_of(Profile::ca, "middle"), key, root)};
  const auto leaf = sign(spec_of(Profile::server, "leaf"), a_key(), second);
  const std::vector<Certificate> chain{leaf, first.certificate, second.certificate};
  const crypto::QuietErrors quiet;
  const auto anchors = crypto::anchors_of(std::vector{root.certificate});
  const crypto::PathSearch search(chain, anchors, Profile::server, {});
  REQUIRE(search.accepted().size() == 2);
  CHECK(search.accepted()[0].members == std::vector<std::size_t>{0, 1});
  CHECK(search.accepted()[0].path.not_after == early.not_after);
  CHECK(search.accepted()[0].path.first_to_expire == ChainPlace{false, 2});
  CHECK(search.accepted()[1].members == std::vector<std::size_t>{0, 2});
  CHECK_FALSE(search.verdict().refusal);
  CHECK(crypto::PathSearch(chain, anchors, Profile::client, {}).verdict().refusal);
}

TEST_CASE("without an anchor of the right name there is neither a path nor a refusal") {
  const auto leaf = sign(spec_of(Profile::server, "leaf"), a_key(), make_authority("root"));
  const std::vector<Certificate> chain{leaf};
  const crypto::QuietErrors quiet;
  for (const auto& trusted : {std::vector<Certificate>{}, std::vector{make_authority("other").certificate},
                              std::vector{make_authority("root").certificate}}) {
    const auto anchors = crypto::anchors_of(trusted);
    const auto verdict = crypto::PathSearch(chain, anchors, Profile::server, {}).verdict();
    CHECK(verdict.paths.empty());
    CHECK_FALSE(verdict.refusal);
  }
}
