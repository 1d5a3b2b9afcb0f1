// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <vector>

#include <pki/cluster_api.hpp>
#include <pki/error.hpp>

#include <support/catch.hpp>

#include "crypto/key_public.hpp"
#include "crypto/key_signing.hpp"
#include "crypto/x509.hpp"

using namespace pki;

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

/// Authority is a CA with its key.
struct Authority {
  PrivateKey key{generate_private_key(KeyAlgorithm::ecdsa_p256)};
  Certificate certificate{};

  Authority() {
    CertSpec spec;
    spec.profile = Profile::ca;
    spec.common_name = "kubernetes";
    spec.not_before = now - std::chrono::hours(1);
    spec.not_after = now + std::chrono::hours(1000);
    certificate = crypto::self_sign(spec, crypto::SigningKey(key));
  }

  [[nodiscard]] std::string issue(const CertSpec& spec, const PrivateKey& subject) const {
    return crypto::sign(spec, crypto::public_key_of(subject), certificate, crypto::SigningKey(key)).pem;
  }
};

CertSpec jane() {
  CertSpec spec;
  spec.profile = Profile::client;
  spec.common_name = "jane";
  spec.organizations = {"b", "a"};
  spec.sans = {{GeneralName::Kind::dns, "jane.example"}};
  spec.not_before = now - std::chrono::minutes(5);
  spec.not_after = now + std::chrono::hours(12);
  return spec;
}

ApiRequest answered(std::string pem) {
  ApiRequest request;
  request.name = "jane";
  request.certificate_pem = std::move(pem);
  return request;
}

std::set<Rule> rules_of(const ApiRequest& request, const ApiExpectation& expected, std::chrono::sys_seconds at = now) {
  std::set<Rule> rules;
  try {
    (void)check_answer(request, expected, at);
  } catch (const Error& error) {
    CHECK(error.subject() == "request jane");
    rules.insert(error.finding().rule);
    for (const auto& finding : error.further())
      rules.insert(finding.rule);
  }
  return rules;
}

}  // namespace

TEST_CASE("an answer is what was asked for, or everything that is wrong with it is listed") {
  const Authority ca;
  const Authority other;
  const auto key = generate_private_key(KeyAlgorithm::ecdsa_p256);
  const auto another_key = generate_private_key(KeyAlgorithm::ecdsa_p256);
  const ApiExpectation expected{key.public_key_sha256(), jane(), {ca.certificate}};

  const auto chain = check_answer(answered(ca.issue(jane(), key)), expected, now);
  REQUIRE(chain.size() == 1);
  CHECK(chain.front().common_name == "jane");

  auto reordered = jane();
  reordered.organizations = {"a", "b"};
  CHECK(rules_of(answered(ca.issue(reordered, key)), expected).empty());

  CHECK(rules_of(answered(ca.issue(jane(), another_key)), expected) == std::set{Rule::key_mismatch});
  CHECK(rules_of(answered(other.issue(jane(), key)), expected) == std::set{Rule::not_signed_by_ca});

  auto changed = jane();
  changed.common_name = "root";
  CHECK(rules_of(answered(ca.issue(changed, key)), expected) == std::set{Rule::common_name_differs});
  changed = jane();
  changed.organizations.emplace_back("system:masters");
  CHECK(rules_of(answered(ca.issue(changed, key)), expected) == std::set{Rule::organization_differs});
  changed = jane();
  changed.sans.push_back({GeneralName::Kind::dns, "kubernetes"});
  CHECK(rules_of(answered(ca.issue(changed, key)), expected) == std::set{Rule::names_unexplained});
  changed = jane();
  changed.sans.clear();
  CHECK(rules_of(answered(ca.issue(changed, key)), expected) == std::set{Rule::names_missing});
  changed = jane();
  changed.profile = Profile::peer;
  CHECK(rules_of(answered(ca.issue(changed, key)), expected) == std::set{Rule::usages_wider});
  changed = jane();
  changed.profile = Profile::server;
  CHECK(rules_of(answered(ca.issue(changed, key)), expected) ==
        std::set{Rule::usages_wider, Rule::extended_key_usage_missing, Rule::chain_refused});
  changed = jane();
  changed.profile = Profile::ca;
  CHECK(rules_of(answered(ca.issue(changed, key)), expected).contains(Rule::leaf_is_ca));

  CHECK(rules_of(answered(ca.issue(jane(), key)), expected, now + std::chrono::hours(13)) ==
        std::set{Rule::chain_refused});
  CHECK(rules_of(answered(ca.issue(jane(), key)), expected, now - std::chrono::minutes(6)) ==
        std::set{Rule::chain_refused});
  auto wrong = jane();
  wrong.common_name = "root";
  CHECK(rules_of(answered(other.issue(wrong, another_key)), expected) ==
        std::set{Rule::key_mismatch, Rule::common_name_differs, Rule::not_signed_by_ca});
}

TEST_CASE("an answer that is not PEM is malformed") {
  const ApiExpectation expected{std::string(64, '0'), jane(), {}};
  for (const std::string pem : {"", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    CAPTURE(pem);
    CHECK(rules_of(answered(pem), expected) == std::set{Rule::malformed});
  }
}
