// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/x509v3.h>

#include "ceremony.hpp"

// What is decided: tests/unit/model/plan_signing_test.cpp.

using namespace ceremony;
using Kind = pki::GeneralName::Kind;

namespace {

pki::Entry& at(pki::Inventory& inventory, std::string_view name) {
  return const_cast<pki::Entry&>(inventory.find(name));
}

/// Returns a CA whose files are those of an OpenSSL intermediate: [ca, root].
void put_intermediate(pki::Inventory& holder) {
  old::Wish top;
  top.subject = {{"CN", V_ASN1_UTF8STRING, "root"}};
  top.ca = true;
  top.not_after = now + 3000 * day;
  old::Wish middle = top;
  middle.subject = {{"CN", V_ASN1_UTF8STRING, "kubernetes"}};
  const auto root_key = old::ec_key();
  const auto key = old::ec_key();
  const auto root = old::make(top, root_key);
  const auto pem = old::pem_of(old::make(middle, key, root, root_key)) + old::pem_of(root);
  auto& ca = at(holder, "ca");
  ca.certificates = pki::parse_certificates(pem, "ca.crt");
  ca.key = pki::parse_private_key(old::pem_of(key), "ca.key");
}

}  // namespace

TEST_CASE("each certificate says what its step says, has the key of its request, and is signed by its CA") {
  const Cluster cluster;
  const auto waiting = cluster.request();
  const auto plan = cluster.decide(waiting);
  const auto holder = cluster.holder();
  const auto bundle = pki::sign_requests(plan, holder);
  REQUIRE(bundle.answers.size() == plan.steps.size());
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto& spec = plan.steps[i].spec;
    const auto& answer = bundle.answers[i];
    CAPTURE(answer.row);
    CHECK(answer.row == plan.steps[i].item.row);
    REQUIRE(answer.chain.size() == 1);
    const auto& leaf = answer.chain.front();
    CHECK(leaf.common_name == spec.common_name);
    CHECK(leaf.organizations == spec.organizations);
    CHECK(leaf.sans == spec.sans);
    CHECK(leaf.not_before == spec.not_before);
    CHECK(leaf.not_after == spec.not_after);
    CHECK_FALSE(leaf.is_ca);
    CHECK(leaf.public_key_sha256 == find(waiting, answer.row).request.public_key_sha256);
    const auto& ca = *holder.find(plan.steps[i].issuer->name).certificate();
    const auto made = old::parse(leaf.pem);
    CHECK(old::is_signed_by(made, old::parse(ca.pem)));
    CHECK(old::issuer_der(made) == old::subject_der(old::parse(ca.pem)));
    CHECK(X509_check_ca(made.get()) == 0);
  }
}

TEST_CASE("nothing of a request is used but its public key") {
  const Cluster cluster;
  auto plan = cluster.decide(cluster.request({.rows = rows({"scheduler.conf"})}));
  auto& request = plan.steps.at(0).item.request;
  const auto key = request.public_key_sha256;
  request.common_name = "system:admin";
  request.subject_der = "not a name";
  request.organizations = {"system:masters"};
  request.sans = {{Kind::dns, "evil.example"}};
  request.extended_key_usages = {"serverAuth"};
  request.is_ca = true;
  request.public_key_sha256 = "that of another";
  const auto answers = pki::sign_requests(plan, cluster.holder()).answers;
  const auto& leaf = answers.at(0).chain.at(0);
  CHECK(leaf.common_name == "system:kube-scheduler");
  CHECK(leaf.organizations == plan.steps[0].spec.organizations);
  CHECK(leaf.sans.empty());
  CHECK(leaf.extended_key_usages == std::vector<std::string>{"clientAuth"});
  CHECK_FALSE(leaf.is_ca);
  CHECK(leaf.public_key_sha256 == key);
}

TEST_CASE("a certificate of an intermediate CA comes with the chain up to the root, which it does not have") {
  const Cluster cluster;
  const auto plan = cluster.decide(cluster.request({.rows = rows({"apiserver", "etcd-peer"})}));
  auto holder = cluster.holder();
  put_intermediate(holder);
  const auto answers = pki::sign_requests(plan, holder).answers;
  REQUIRE(answers.at(0).chain.size() == 2);
  CHECK(answers[0].chain[1].pem == holder.find("ca").certificates.front().pem);
  CHECK(old::is_signed_by(old::parse(answers[0].chain[0].pem), old::parse(answers[0].chain[1].pem)));
  CHECK(answers.at(1).chain.size() == 1);
}

TEST_CASE("a request of any other tool for a person is signed under its own names") {
  const Cluster cluster;
  pki::CertSpec spec;
  spec.common_name = "someone";
  spec.organizations = {"developers"};
  pki::RequestItem item;
  item.source = "someone.csr";
  item.request = pki::crypto::make_request(spec, pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p384));
  pki::SigningOptions options;
  options.profile = pki::Profile::client;
  options.validity = 12h;
  const auto holder = cluster.holder();
  const auto plan = pki::plan_signing(nullptr, holder, {&item, 1}, now, options);
  const auto bundle = pki::sign_requests(plan, holder);
  REQUIRE(bundle.answers.size() == 1);
  CHECK(bundle.answers[0].row.empty());
  CHECK(bundle.answers[0].source == "someone.csr");
  const auto& leaf = bundle.answers[0].chain.at(0);
  CHECK(leaf.common_name == "someone");
  CHECK(leaf.not_after == now + 12h);
  CHECK(leaf.key_algorithm == "ECDSA-P384");
}

TEST_CASE("a plan with conflicts, or without the key of its CA, is not signed at all") {
  const Cluster cluster;
  auto plan = cluster.decide(cluster.request({.rows = rows({"apiserver", "etcd-peer"})}));
  CHECK(code_of([&] { (void)pki::sign_requests(plan, cluster.host()); }) == pki::Errc::ca_key_missing);
  auto holder = cluster.holder();
  at(holder, "etcd-ca").certificates.clear();
  CHECK(code_of([&] { (void)pki::sign_requests(plan, holder); }) == pki::Errc::ca_key_missing);
  plan.conflicts.push_back({pki::Rule::key_weak, pki::Severity::error, "in.csr", "has a weak key"});
  CHECK(code_of([&] { (void)pki::sign_requests(plan, cluster.holder()); }) == pki::Errc::mismatch);
}

TEST_CASE("a step that was damaged is refused, and nothing is given away") {
  const Cluster cluster;
  const auto plan = cluster.decide(cluster.request({.rows = rows({"apiserver"})}));
  auto damaged = plan;
  damaged.steps[0].item.request.pem = "x";
  CHECK(code_of([&] { (void)pki::sign_requests(damaged, cluster.holder()); }) == pki::Errc::malformed);
  damaged = plan;
  damaged.steps[0].spec.not_before = now - 1000 * day;  // before its CA
  CHECK(code_of([&] { (void)pki::sign_requests(damaged, cluster.holder()); }) == pki::Errc::crypto);
  auto holder = cluster.holder();
  at(holder, "ca").key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  CHECK(code_of([&] { (void)pki::sign_requests(plan, holder); }) == pki::Errc::mismatch);
}
