// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <vector>

#include <pki/config.hpp>

#include "config_samples.hpp"

using namespace pki;
using namespace sample;

TEST_CASE("the feature gate for ECDSA wins over the algorithm wherever it stands") {
  for (const auto* text : {"featureGates: {PublicKeysECDSA: true}\nencryptionAlgorithm: RSA-3072\n",
                           "encryptionAlgorithm: RSA-3072\nfeatureGates: {PublicKeysECDSA: true}\n"})
    CHECK(good(std::string(head) + text).algorithm == KeyAlgorithm::ecdsa_p256);
  CHECK(good(std::string(head) + "featureGates: {PublicKeysECDSA: false}\n").algorithm == KeyAlgorithm::rsa_2048);
  CHECK(
      good(std::string(head) + "featureGates: {PublicKeysECDSA: false}\nencryptionAlgorithm: ECDSA-P384\n").algorithm ==
      KeyAlgorithm::rsa_2048);
  CHECK(good(std::string(head) + "featureGates: {Other: false}\nencryptionAlgorithm: ECDSA-P384\n").algorithm ==
        KeyAlgorithm::ecdsa_p384);
}

TEST_CASE("a subnet list is split at commas and nothing is trimmed") {
  CHECK(good(std::string(head) + "networking: {serviceSubnet: '10.0.0.0/16, fd00::/108'}\n").service_subnets ==
        std::vector<std::string>{"10.0.0.0/16", " fd00::/108"});
}

TEST_CASE("names are folded to lower case, as kubeadm does it") {
  CHECK(good(std::string(init_head) + "nodeRegistration: {name: CP-1}\n").node_name == "cp-1");
  CHECK(good(std::string(head) + "apiServer: {certSANs: [API.Example.com, FD00::1]}\n").apiserver_sans ==
        std::vector<std::string>{"api.example.com", "fd00::1"});
}

TEST_CASE("port 0 is the default port") {
  CHECK(good(std::string(init_head) + "localAPIEndpoint: {bindPort: 0}\n").bind_port == ClusterConfig{}.bind_port);
  CHECK(good(std::string(init_head) + "localAPIEndpoint: {bindPort: 7443}\n").bind_port == 7443);
}

TEST_CASE("a wrong value is one problem that says what is expected") {
  struct Case {
    std::string text;
    const char* field;
    const char* message;
  };
  const std::string ours = std::string(head) + "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\n";
  const Case cases[] = {
      {std::string(head) + "encryptionAlgorithm: ED25519\n", "k.yaml:3: encryptionAlgorithm", "RSA-2048"},
      {ours + "naming: kubernetes\n", "k.yaml:6: naming", "expected recommended or kubeadm"},
      {ours + "role: node\n", "k.yaml:6: role",
       "expected control-plane, joining-control-plane, etcd, worker or ca-host"},
      {ours + "role: [worker]\n", "k.yaml:6: role", "expected a string"},
      {ours + "kubeconfigDir: etc\n", "k.yaml:6: kubeconfigDir", "expected an absolute path"},
      {std::string(head) + "featureGates: [PublicKeysECDSA]\n", "k.yaml:3: featureGates", "expected an object"},
      {std::string(head) + "featureGates: {PublicKeysECDSA: 1}\n", "k.yaml:3: featureGates.PublicKeysECDSA",
       "expected true or false"},
      {std::string(head) + "etcd: {local: {}, external: {}}\n", "k.yaml:3: etcd", "found both local and external"},
  };
  for (const auto& [text, field, message] : cases) {
    CAPTURE(text);
    const auto file = parse_config(text, "k.yaml");
    REQUIRE(file.problems.size() == 1);
    CHECK(file.problems[0].subject == field);
    CHECK_THAT(file.problems[0].message, contains(message));
  }
}

TEST_CASE("the role of the host is read from our own document") {
  for (const auto* role : {"control-plane", "joining-control-plane", "etcd", "worker", "ca-host"})
    CHECK(good(std::string(head) + "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\nrole: " + role + "\n").role ==
          parse_role(role));
}

TEST_CASE("naming and the directory of the kubeconfigs are read from our own document") {
  const auto config = good(std::string(head) +
                           "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\nnaming: kubeadm\nkubeconfigDir: /k\n");
  CHECK(config.naming == Naming::kubeadm);
  CHECK_FALSE(config.role);
  CHECK(config.layout.kubeconfig_dir == "/k");
}
