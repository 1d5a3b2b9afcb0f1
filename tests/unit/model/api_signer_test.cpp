// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/cluster_api.hpp>
#include <pki/config.hpp>

#include "model/identity.hpp"

using pki::api_signer;
using pki::ApiSigner;
using pki::CertSpec;
using pki::Finding;
using pki::GeneralName;
using pki::Profile;

namespace {

constexpr auto client = "kubernetes.io/kube-apiserver-client";
constexpr auto kubelet_client = "kubernetes.io/kube-apiserver-client-kubelet";
constexpr auto kubelet_serving = "kubernetes.io/kubelet-serving";

CertSpec spec_of(Profile profile, std::string name, std::vector<std::string> organizations = {},
                 std::vector<GeneralName> sans = {}) {
  CertSpec spec;
  spec.profile = profile;
  spec.common_name = std::move(name);
  spec.organizations = std::move(organizations);
  spec.sans = std::move(sans);
  return spec;
}

/// Returns the name of the signer, or the message of the finding.
std::string signer_or_reason(const CertSpec& spec, std::string_view issuer = "ca") {
  const auto result = api_signer(spec, issuer, "ECDSA-P256");
  if (const auto* signer = std::get_if<ApiSigner>(&result)) return signer->name;
  const auto& finding = std::get<Finding>(result);
  CHECK(finding.rule == pki::Rule::api_signer_missing);
  CHECK(finding.severity == pki::Severity::error);
  return finding.message;
}

}  // namespace

TEST_CASE("each row of the catalog has the signer of Kubernetes that issues it, or a reason why there is none") {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.0.2.1";
  const std::vector<std::pair<const char*, std::string>> recommended{
      {"ca", "and no CA"},
      {"apiserver", "to kubelets alone"},
      {"apiserver-kubelet-client", "system:masters"},
      {"front-proxy-ca", "and no CA"},
      {"front-proxy-client", "front-proxy-ca should sign"},
      {"etcd-ca", "and no CA"},
      {"etcd-server", "etcd-ca should sign"},
      {"etcd-peer", "etcd-ca should sign"},
      {"etcd-healthcheck-client", "etcd-ca should sign"},
      {"apiserver-etcd-client", "etcd-ca should sign"},
      {"sa", "and no CA"},
      {"admin.conf", client},
      {"super-admin.conf", "system:masters"},
      {"kubelet.conf", kubelet_client},
      {"controller-manager.conf", client},
      {"scheduler.conf", client},
  };
  REQUIRE(recommended.size() == pki::default_catalog().rows().size());
  for (const auto naming : {pki::Naming::recommended, pki::Naming::kubeadm}) {
    config.naming = naming;
    const auto valid = pki::validate(config).value();
    for (auto [name, expected] : recommended) {
      CAPTURE(name);
      // With kubeadm's names its group has no rights of its own.
      if (naming == pki::Naming::kubeadm && std::string(name) == "apiserver-kubelet-client") expected = client;
      const auto& row = pki::default_catalog().find_row(name);
      const auto identity = pki::model::identity_of(row, valid);
      auto spec = spec_of(row.profile, identity.common_name, identity.organizations, identity.sans);
      CHECK_THAT(signer_or_reason(spec, row.issuer), contains(expected));
    }
  }
}

TEST_CASE("identities near those that a signer accepts have another signer, or none") {
  const GeneralName dns{GeneralName::Kind::dns, "node-1"};
  const GeneralName ip{GeneralName::Kind::ip, "192.0.2.7"};
  const GeneralName email{GeneralName::Kind::email, "a@b.example"};
  const std::string node = "system:node:node-1";
  const std::vector<std::string> nodes{"system:nodes"};
  const std::vector<std::pair<CertSpec, std::string>> table{
      {spec_of(Profile::client, "jane", {"developers"}), client},
      {spec_of(Profile::client, "jane", {"developers", "system:masters"}), "system:masters"},
      {spec_of(Profile::client, node, nodes), kubelet_client},
      {spec_of(Profile::client, node, nodes, {dns}), client},
      {spec_of(Profile::client, node), client},
      {spec_of(Profile::client, node, {"system:nodes", "more"}), client},
      {spec_of(Profile::client, "system:node:", nodes), client},
      {spec_of(Profile::server, node, nodes, {dns, ip}), kubelet_serving},
      {spec_of(Profile::server, node, nodes, {ip}), kubelet_serving},
      {spec_of(Profile::server, node, nodes), "at least one"},
      {spec_of(Profile::server, node, nodes, {dns, email}), "DNS names and addresses"},
      {spec_of(Profile::server, node, {}, {dns}), "to kubelets alone"},
      {spec_of(Profile::server, "node-1", nodes, {dns}), "to kubelets alone"},
      {spec_of(Profile::peer, node, nodes, {dns}), "usages serverAuth, clientAuth"},
      {spec_of(Profile::ca, "kubernetes-ca"), "and no CA"},
      {spec_of(Profile::none, ""), "and no CA"},
  };
  for (const auto& [spec, expected] : table) {
    CAPTURE(spec.common_name, spec.organizations, to_string(spec.profile));
    CHECK_THAT(signer_or_reason(spec), contains(expected));
  }
}

TEST_CASE("the usages of a renewed certificate decide, where they are not those of its profile") {
  auto spec = spec_of(Profile::client, "jane");
  spec.extended_key_usages = {"clientAuth"};
  CHECK(signer_or_reason(spec) == client);
  spec.extended_key_usages = {"clientAuth", "1.3.6.1.5.5.7.3.4"};
  CHECK_THAT(signer_or_reason(spec), contains("usages clientAuth, 1.3.6.1.5.5.7.3.4"));
}

TEST_CASE("usages are those that the signers demand, with key encipherment for RSA keys alone") {
  const auto jane = spec_of(Profile::client, "jane");
  const auto usages = [](const CertSpec& spec, const char* algorithm) {
    return std::get<ApiSigner>(api_signer(spec, "ca", algorithm)).usages;
  };
  using Usages = std::vector<std::string>;
  CHECK(usages(jane, "ECDSA-P256") == Usages{"digital signature", "client auth"});
  CHECK(usages(jane, "ED25519") == Usages{"digital signature", "client auth"});
  CHECK(usages(jane, "RSA-2048") == Usages{"digital signature", "key encipherment", "client auth"});
  const auto kubelet = spec_of(Profile::server, "system:node:n", {"system:nodes"}, {{GeneralName::Kind::dns, "n"}});
  CHECK(usages(kubelet, "RSA-2048") == Usages{"digital signature", "key encipherment", "server auth"});
}

TEST_CASE("no signer of Kubernetes has the CA of anything but the cluster") {
  const auto jane = spec_of(Profile::client, "jane");
  CHECK(signer_or_reason(jane, "ca") == client);
  CHECK_THAT(signer_or_reason(jane, "my-intermediate"), contains("my-intermediate should sign"));
  CHECK_THAT(signer_or_reason(jane, ""), contains("no CA should sign"));
}
