#include <support/catch.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <pki/config.hpp>

#include "config_samples.hpp"

using namespace pki;
using namespace sample;

TEST_CASE("JSON, CRLF and a byte order mark are accepted") {
  CHECK(good(R"({"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "ClusterConfiguration", "clusterName": "j",
                 "apiServer": {"certSANs": ["a", "b"]}})")
            .apiserver_sans == std::vector<std::string>{"a", "b"});
  CHECK(
      good("\xef\xbb\xbf---\r\napiVersion: kubeadm.k8s.io/v1beta4\r\nkind: ClusterConfiguration\r\nclusterName: c\r\n")
          .cluster_name == "c");
}

TEST_CASE("comments before and between documents do not matter") {
  CHECK(good(std::string("# one\n---\n\n---\n# two\n") + head + "clusterName: c\n---\n# end\n").cluster_name == "c");
}

TEST_CASE("each wrong text is one clear problem with its line") {
  struct Case {
    std::string text;
    const char* subject;
    const char* message;
  };
  const std::string cluster = head;
  const Case cases[] = {
      {"", "k.yaml", "neither InitConfiguration nor ClusterConfiguration"},
      {"# nothing\n", "k.yaml", "neither InitConfiguration"},
      {"kind: ClusterConfiguration\n", "k.yaml:1: apiVersion", "found nothing"},
      {"---\napiVersion: kubeadm.k8s.io/v1beta4\n", "k.yaml:2: kind", "found nothing"},
      {"apiVersion: kubeadm.k8s.io/v1beta4\nkind: 7\n", "k.yaml:2: kind", "found the number 7, expected a string"},
      {"hello\n", "k.yaml:1", "found the string \"hello\", expected an object"},
      {"- a\n", "k.yaml:1", "found a list, expected an object"},
      {"apiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterConfiguration\n", "k.yaml:1: apiVersion",
       "found kubeadm.k8s.io/v1beta2, expected kubeadm.k8s.io/v1beta4 or kubeadm.k8s.io/v1beta3"},
      {"apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterStatus\n", "k.yaml:1: kind", "found \"ClusterStatus\""},
      {cluster + "---\napiVersion: pkigen/v2\nkind: PkiConfiguration\n", "k.yaml:4: apiVersion", "expected pkigen/v1"},
      {cluster + "---\n" + head, "k.yaml:4: kind", "a second ClusterConfiguration, the first is on line 1"},
      {cluster + "clusterName: 12\n", "k.yaml:3: clusterName", "found the number 12, expected a string"},
      {cluster + "clusterName: on\n", "k.yaml:3: clusterName", "found the boolean on, expected a string"},
      {cluster + "clusterName: [a]\n", "k.yaml:3: clusterName", "found a list, expected a string"},
      {cluster + "networking: a\n", "k.yaml:3: networking", "found the string \"a\", expected an object"},
      {cluster + "networking:\n  dnsDomain: {}\n", "k.yaml:4: networking.dnsDomain", "found an object"},
      {cluster + "apiServer:\n  certSANs: a\n", "k.yaml:4: apiServer.certSANs", "expected a list of strings"},
      {cluster + "apiServer:\n  certSANs:\n  - a\n  - 1\n", "k.yaml:6: apiServer.certSANs[1]", "found the number 1"},
      {cluster + "encryptionAlgorithm: rsa\n", "k.yaml:3: encryptionAlgorithm", "RSA-2048"},
      {cluster + "certificateValidityPeriod: 365\n", "k.yaml:3: certificateValidityPeriod", "expected a duration"},
      {cluster + "certificateValidityPeriod: long\n", "k.yaml:3: certificateValidityPeriod", "invalid duration"},
      {cluster + "featureGates: a\n", "k.yaml:3: featureGates", "expected an object"},
      {cluster + "featureGates: {PublicKeysECDSA: \"true\"}\n", "k.yaml:3: featureGates.PublicKeysECDSA",
       "expected true or false"},
      {cluster + "etcd: {local: {}, external: {}}\n", "k.yaml:3: etcd", "found both local and external"},
      {cluster + "clusterName: a\ndns: {}\nclusterName: b\n", "k.yaml:5: clusterName",
       "duplicate field, the first is on line 3"},
      {cluster + "dns:\n  a: 1\n  a: 2\n", "k.yaml:5: dns.a", "duplicate field, the first is on line 4"},
      {std::string(init_head) + "localAPIEndpoint: {bindPort: \"6443\"}\n", "k.yaml:3: localAPIEndpoint.bindPort",
       "found the string \"6443\", expected a whole number"},
      {cluster + "certificateValidityPeriod: \"\"\n", "k.yaml:3: certificateValidityPeriod", "invalid duration"},
      {std::string(init_head) + "localAPIEndpoint: {bindPort: 010}\n", "k.yaml:3: localAPIEndpoint.bindPort",
       "found the number 010, expected a whole number"},
      {std::string(init_head) + "localAPIEndpoint: {bindPort: 64.5}\n", "k.yaml:3: localAPIEndpoint.bindPort",
       "found the number 64.5"},
      {std::string(init_head) + "localAPIEndpoint: {bindPort: 99999999999}\n", "k.yaml:3: localAPIEndpoint.bindPort",
       "expected a whole number"},
      {cluster + "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\nnaming: x\n", "k.yaml:6: naming",
       "expected recommended or kubeadm"},
      {cluster + "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\nkubeconfigDir: x\n", "k.yaml:6: kubeconfigDir",
       "expected an absolute path"},
      {cluster + "a: b: c\n", "k.yaml:3", "not valid YAML"},
      {cluster + "---\n" + "a: [\n", "k.yaml:", "not valid YAML"},
      {cluster + "--- x\n", "k.yaml:3", "found text after ---"},
      {cluster + "dns: &x {}\n", "k.yaml:3", "anchors and aliases"},
      {cluster + "dns: \xff\n", "k.yaml:3", "not UTF-8"},
      {std::string(300 * 1024, '#'), "k.yaml", "expected at most 262144"},
  };
  for (const auto& [text, subject, message] : cases) {
    CAPTURE(text.substr(0, 300));
    const auto file = parse_config(text, "k.yaml");
    CAPTURE(all(file.problems));
    REQUIRE(file.problems.size() == 1);
    CHECK_THAT(file.problems[0].subject, contains(subject));
    CHECK_THAT(file.problems[0].message, contains(message));
  }
}

TEST_CASE("an old version is refused with the way out") {
  const auto file = parse_config("apiVersion: kubeadm.k8s.io/v1beta2\nkind: InitConfiguration\n", "k.yaml");
  REQUIRE(file.problems.size() == 1);
  CHECK_THAT(file.problems[0].remedy.text, contains("kubeadm config migrate"));
}

TEST_CASE("all problems are listed, not only the first") {
  const auto file = parse_config(std::string(head) + "clusterName: 1\nnetworking: 2\n---\na: [\n---\n" + init_head +
                                     "localAPIEndpoint: {bindPort: x}\n",
                                 "k.yaml");
  REQUIRE(file.problems.size() == 4);
  CHECK(file.problems[3].subject == "k.yaml:10: localAPIEndpoint.bindPort");
}

TEST_CASE("a configuration bomb is bounded") {
  std::string documents;
  for (int i = 0; i < 20'000; ++i)
    documents += "a: 1\n---\n";
  std::string fields = head;
  for (int i = 0; i < 25'000; ++i)
    fields += "k" + std::to_string(i) + ":\n";
  for (const auto& text : {documents, fields}) {
    const auto start = std::chrono::steady_clock::now();
    const auto file = parse_config(text, "bomb");
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
    CHECK(file.problems.size() + file.warnings.size() > 0);
  }
}

TEST_CASE("a file of more than a hundred documents is refused") {
  std::string text;
  for (int i = 0; i < 101; ++i)
    text += "---\na: 1\n";
  const auto file = parse_config(text, "k.yaml");
  REQUIRE(file.problems.size() == 1);
  CHECK(file.problems[0].subject == "k.yaml");
  CHECK(file.problems[0].message == "101 documents, expected at most 100");
}
