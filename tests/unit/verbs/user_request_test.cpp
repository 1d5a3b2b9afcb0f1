// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <pki/cluster_api.hpp>
#include <pki/error.hpp>

#include <support/catch.hpp>

#include "crypto/key_signing.hpp"
#include "crypto/request.hpp"
#include "crypto/x509.hpp"

using namespace pki;

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

UserSpec jane() { return {.name = "jane", .organizations = {"a", "b"}, .public_key_pem = {}, .key_file = {}}; }

/// Cluster is a CA that signs what the API would, and the credentials of somebody who calls it.
struct Cluster {
  PrivateKey key{generate_private_key(KeyAlgorithm::ecdsa_p256)};
  ApiCredentials credentials{};

  Cluster() {
    CertSpec spec;
    spec.profile = Profile::ca;
    spec.common_name = "kubernetes";
    spec.not_before = now - std::chrono::hours(1);
    spec.not_after = now + std::chrono::hours(1000);
    credentials.ca_certificates = {crypto::self_sign(spec, crypto::SigningKey(key))};
    credentials.cluster = "production";
    credentials.server = "https://api.example:6443";
    credentials.host = "api.example";
    credentials.server_name = "api.example";
  }

  [[nodiscard]] ApiRequest answer(const CertificateRequest& request) const {
    CertSpec spec;
    spec.profile = Profile::client;
    spec.common_name = request.common_name;
    spec.organizations = request.organizations;
    spec.not_before = now - std::chrono::minutes(5);
    spec.not_after = now + std::chrono::hours(12);
    ApiRequest answered;
    answered.name = "jane";
    answered.certificate_pem =
        crypto::sign(spec, crypto::public_key_of(request), credentials.ca_certificates.front(), crypto::SigningKey(key))
            .pem;
    return answered;
  }
};

std::vector<Rule> refusals(const UserSpec& user, const CertificateRequest& request) {
  try {
    (void)take_user_request(user, request);
  } catch (const Error& error) {
    std::vector<Rule> rules{error.finding().rule};
    for (const auto& further : error.further())
      rules.push_back(further.rule);
    return rules;
  }
  return {};
}

}  // namespace

TEST_CASE("a user gets a kubeconfig for the cluster that was asked, with the key that was made for the request") {
  const Cluster cluster;
  const std::vector users{jane()};
  const auto made = make_user_requests(users, KeyAlgorithm::ecdsa_p256);
  REQUIRE(made.size() == 1);
  CHECK(made[0].request.common_name == "jane");
  CHECK(made[0].request.organizations == std::vector<std::string>{"a", "b"});
  REQUIRE(made[0].key);
  CHECK(made[0].request.public_key_sha256 == made[0].key->public_key_sha256());

  const auto kubeconfig = user_kubeconfig(cluster.credentials, made[0], cluster.answer(made[0].request), now);
  const std::string text(kubeconfig.text);
  CHECK_THAT(text, contains("server: https://api.example:6443\n"));
  CHECK_THAT(text, contains("current-context: jane@production\n"));
  CHECK_THAT(text, contains("client-key-data: "));
  CHECK_THAT(text, !contains("tls-server-name"));
  CHECK(kubeconfig.certificate.common_name == "jane");
}

TEST_CASE("a server that has another name than its host keeps it in the kubeconfig of a user") {
  Cluster cluster;
  cluster.credentials.server = "https://192.0.2.1:6443";
  cluster.credentials.host = "192.0.2.1";
  const std::vector users{jane()};
  const auto made = make_user_requests(users, KeyAlgorithm::ecdsa_p256);
  const auto kubeconfig = user_kubeconfig(cluster.credentials, made[0], cluster.answer(made[0].request), now);
  CHECK_THAT(std::string(kubeconfig.text),
             contains("server: https://192.0.2.1:6443\n    tls-server-name: api.example\n"));
}

TEST_CASE("an answer for another key or another name makes no kubeconfig") {
  const Cluster cluster;
  const std::vector users{jane(), UserSpec{.name = "joan", .public_key_pem = {}, .key_file = {}}};
  const auto made = make_user_requests(users, KeyAlgorithm::ecdsa_p256);
  CHECK_THROWS_AS(user_kubeconfig(cluster.credentials, made[0], cluster.answer(made[1].request), now), Error);
  auto renamed = made[0];
  renamed.user.name = "joan";
  CHECK_THROWS_AS(user_kubeconfig(cluster.credentials, renamed, cluster.answer(made[0].request), now), Error);
}

TEST_CASE("a request that a user has made must ask for exactly the name and groups that were given") {
  const auto key = generate_private_key(KeyAlgorithm::ecdsa_p256);
  CertSpec spec;
  spec.profile = Profile::client;
  spec.common_name = "jane";
  spec.organizations = {"b", "a"};
  const auto request = crypto::make_request(spec, key);
  CHECK(refusals(jane(), request).empty());  // the order of groups means nothing
  const auto taken = take_user_request(jane(), request);
  CHECK_FALSE(taken.key);
  CHECK(taken.request == request);

  auto other = jane();
  other.name = "joan";
  other.organizations = {"a"};
  CHECK(refusals(other, request) == std::vector{Rule::common_name_differs, Rule::organization_differs});
  spec.sans = {{GeneralName::Kind::dns, "api.example"}};
  CHECK(refusals(jane(), crypto::make_request(spec, key)) == std::vector{Rule::names_unexplained});
  spec.sans.clear();
  spec.profile = Profile::peer;
  CHECK(refusals(jane(), crypto::make_request(spec, key)) == std::vector{Rule::usages_wider});
  spec.profile = Profile::ca;
  const auto of_ca = refusals(jane(), crypto::make_request(spec, key));
  CHECK(std::ranges::find(of_ca, Rule::leaf_is_ca) != of_ca.end());
}

TEST_CASE("the API signs for users, and not for the group that passes all authorization") {
  UserRequest request{.user = jane(), .request = {}, .key = {}};
  request.request.key_algorithm = "ECDSA-P256";
  const auto signer = api_signer(request);
  REQUIRE(std::holds_alternative<ApiSigner>(signer));
  CHECK(std::get<ApiSigner>(signer) ==
        ApiSigner{"kubernetes.io/kube-apiserver-client", {"digital signature", "client auth"}});
  request.user.organizations.emplace_back("system:masters");
  const auto refused = api_signer(request);
  REQUIRE(std::holds_alternative<Finding>(refused));
  CHECK(std::get<Finding>(refused).rule == Rule::api_signer_missing);
}

TEST_CASE("no request is made for a user without a name, or for a public key alone") {
  const std::vector nameless{UserSpec{}};
  CHECK_THROWS_AS(make_user_requests(nameless, KeyAlgorithm::ecdsa_p256), Error);
  auto user = jane();
  user.public_key_pem = "-----BEGIN PUBLIC KEY-----";
  const std::vector keyless{user};
  CHECK_THROWS_AS(make_user_requests(keyless, KeyAlgorithm::ecdsa_p256), Error);
}
