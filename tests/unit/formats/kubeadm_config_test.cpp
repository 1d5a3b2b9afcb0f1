// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
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
      {"apiVersion: kubeadm.k8s.io/v1alpha3\nkind: ClusterConfiguration\n", "k.yaml:1: apiVersion",
       "found kubeadm.k8s.io/v1alpha3, expected kubeadm.k8s.io/v1beta4, v1beta3, v1beta2 or v1beta1"},
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

namespace {

constexpr const char* join_head = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\n";
constexpr const char* join_control_plane =
    "nodeRegistration: {name: CP-2}\ncontrolPlane:\n  localAPIEndpoint: {advertiseAddress: 192.0.2.11, bindPort: "
    "8443}\n"
    "  certificateKey: x\ncaCertPath: /x/ca.crt\ndiscovery: {bootstrapToken: {apiServerEndpoint: \"a:6443\"}}\n";

std::string config_map(const std::string& rest) {
  return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeadm-config, namespace: kube-system}\ndata:\n" + rest;
}

}  // namespace

TEST_CASE("the JoinConfiguration of a control plane has the place of an InitConfiguration") {
  const std::string join = std::string(join_head) + join_control_plane;
  const std::string cluster = std::string(head) + "clusterName: c\n";
  for (const auto& text : {join + "---\n" + cluster, cluster + "---\n" + join}) {
    CAPTURE(text);
    const auto file = parse_config(text, "k.yaml");
    CHECK(all(file.problems).empty());
    CHECK(all(file.warnings).empty());
    CHECK(file.config.node_name == "cp-2");
    CHECK(file.config.advertise_address == "192.0.2.11");
    CHECK(file.config.bind_port == 8443);
    CHECK(file.config.cluster_name == "c");
  }
  const auto lines = parse_config(join + "---\n" + cluster, "k.yaml").lines;
  CHECK(lines.at("localAPIEndpoint.advertiseAddress") == 5);
  CHECK(lines.at("controlPlane.localAPIEndpoint.advertiseAddress") == 5);
}

TEST_CASE("beside an InitConfiguration a JoinConfiguration is ignored with a warning, whatever it says") {
  for (const std::string rest : {join_control_plane, "discovery: {}\n", "nodeRegistration: 1\n", "a: 1\na: 2\n"}) {
    CAPTURE(rest);
    const auto text = std::string(init_head) + "nodeRegistration: {name: cp-1}\n";
    for (const auto& both : {text + "---\n" + join_head + rest, join_head + rest + "---\n" + text}) {
      const auto file = parse_config(both, "k.yaml");
      CHECK(all(file.problems).empty());
      CHECK(file.config.node_name == "cp-1");
      REQUIRE(file.warnings.size() == 1);
      CHECK_THAT(file.warnings[0].message, contains("ignored JoinConfiguration"));
    }
  }
}

TEST_CASE("a JoinConfiguration implies a role, and an InitConfiguration none") {
  const std::string cluster = std::string("---\n") + head;
  const std::string join = join_head;
  const std::string ours = "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\n";
  const std::pair<std::string, std::optional<Role>> cases[] = {
      {join + join_control_plane + cluster, Role::joining_control_plane},
      {join + "controlPlane: {}\n" + cluster, Role::joining_control_plane},
      {join + "nodeRegistration: {name: w-1}\n" + cluster, Role::worker},
      {join + "controlPlane:\n" + cluster, Role::worker},
      {join + "controlPlane: null\n" + cluster + ours + "role: worker\n", Role::worker},
      {join + "controlPlane: {}\n" + cluster + ours + "naming: kubeadm\n", Role::joining_control_plane},
      {join + join_control_plane + cluster + "---\n" + init_head, std::nullopt},
      {std::string(init_head) + cluster, std::nullopt},
  };
  for (const auto& [text, role] : cases) {
    CAPTURE(text);
    const auto file = parse_config(text, "k.yaml");
    CHECK(all(file.problems).empty());
    CHECK(file.config.role == role);
    CHECK(file.lines.contains("role") == (text.find("role: ") != std::string::npos));
  }
}

TEST_CASE("a JoinConfiguration and another role in one file are a problem that names both lines") {
  const std::string ours = std::string("---\n") + head + "---\napiVersion: pkigen/v1\nkind: PkiConfiguration\nrole: ";
  const std::string join = join_head;
  const std::tuple<std::string, const char*, const char*> cases[] = {
      {join + "controlPlane: {}\n" + ours + "worker\n", "k.yaml:3: controlPlane", "role worker on line 10"},
      {join + "controlPlane: {}\n" + ours + "control-plane\n", "k.yaml:3: controlPlane", "role control-plane on"},
      {join + ours + "etcd\n", "k.yaml:1: controlPlane", "role etcd on line 9"},
  };
  for (const auto& [text, subject, message] : cases) {
    CAPTURE(text);
    const auto file = parse_config(text, "k.yaml");
    REQUIRE(file.problems.size() == 1);
    CHECK(file.problems[0].rule == Rule::values_conflict);
    CHECK(file.problems[0].subject == subject);
    CHECK_THAT(file.problems[0].message, contains(message));
  }
}

TEST_CASE("a JoinConfiguration that is malformed, or without its cluster, is refused") {
  struct Case {
    std::string text;
    const char* subject;
    const char* message;
  };
  const std::string join = join_head;
  const std::string cluster = std::string("---\n") + head;
  const Case cases[] = {
      {join + "discovery: {}\n", "k.yaml:1: kind", "a JoinConfiguration alone"},
      {join + join_control_plane, "k.yaml:1: kind", "a JoinConfiguration alone"},
      {join + "controlPlane: x\n" + cluster, "k.yaml:3: controlPlane", "found the string \"x\", expected an object"},
      {join + "controlPlane: {}\ncontrolPlane: {}\n" + cluster, "k.yaml:4: controlPlane", "duplicate field"},
      {join + "controlPlane: {localAPIEndpoint: {bindPort: x}}\n" + cluster,
       "k.yaml:3: controlPlane.localAPIEndpoint.bindPort", "expected a whole number"},
      {join + "controlPlane: {}\n---\n" + join + cluster, "k.yaml:5: kind", "a second JoinConfiguration"},
  };
  for (const auto& [text, subject, message] : cases) {
    CAPTURE(text);
    const auto file = parse_config(text, "k.yaml");
    CAPTURE(all(file.problems));
    REQUIRE(file.problems.size() == 1);
    CHECK(file.problems[0].subject == subject);
    CHECK_THAT(file.problems[0].message, contains(message));
  }
}

TEST_CASE("an empty controlPlane is that of a control plane with the defaults") {
  const auto config = good(std::string(join_head) + "controlPlane: {}\nnodeRegistration: {name: cp-2}\n---\n" + head);
  CHECK(config.node_name == "cp-2");
  CHECK(config.bind_port == 6443);
}

TEST_CASE("the ClusterConfiguration in a ConfigMap is read, with the lines of the file") {
  const std::string content =
      "    apiServer:\n      certSANs: [a.example, 7]\n    apiVersion: kubeadm.k8s.io/v1beta4\n    clusterName: prod\n"
      "    kind: ClusterConfiguration\n    nope: 1\n";
  const auto file = parse_config(config_map("  ClusterConfiguration: |\n" + content), "cm.yaml");
  CHECK(file.config.cluster_name == "prod");
  CHECK(file.lines.at("clusterName") == 9);
  REQUIRE(file.problems.size() == 1);
  CHECK(file.problems[0].subject == "cm.yaml:7: apiServer.certSANs[1]");
  REQUIRE(file.warnings.size() == 1);
  CHECK(file.warnings[0].subject == "cm.yaml:11: nope");
  const auto kept = parse_config(config_map("  ClusterConfiguration: |-2\n\n" + content), "cm.yaml");
  CHECK(kept.problems.at(0).subject == "cm.yaml:8: apiServer.certSANs[1]");
}

TEST_CASE("a ConfigMap whose text is quoted or folded is read, with the line of the field") {
  const std::string json =
      R"({"apiVersion":"v1","kind":"ConfigMap",
"data":{"ClusterConfiguration":"apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: 1\ndnsDomain: x\n"}}
)";
  const auto file = parse_config(json, "cm.json");
  REQUIRE(file.problems.size() == 1);
  CHECK(file.problems[0].subject == "cm.json:2: clusterName");
  REQUIRE(file.warnings.size() == 1);
  CHECK(file.warnings[0].subject == "cm.json:2: dnsDomain");
}

TEST_CASE("a ConfigMap counts as the ClusterConfiguration of the file") {
  const std::string map = config_map(
      "  ClusterConfiguration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n"
      "    clusterName: prod\n  ClusterStatus: |\n    apiEndpoints: {}\n");
  CHECK(good(map).cluster_name == "prod");
  CHECK(good(map + "---\n" + init_head + "nodeRegistration: {name: cp-1}\n").node_name == "cp-1");
  CHECK(good(map + "---\n" + join_head + join_control_plane).node_name == "cp-2");
  const auto twice = parse_config(map + "---\n" + head, "k.yaml");
  REQUIRE(twice.problems.size() == 1);
  CHECK(twice.problems[0].message == "a second ClusterConfiguration, the first is on line 6");
}

TEST_CASE("a ConfigMap with anything else is a problem of that field, one without it is ignored") {
  struct Case {
    std::string rest;
    const char* subject;
    const char* message;
  };
  const Case cases[] = {
      {"  ClusterConfiguration: 7\n", "k.yaml:5: data.ClusterConfiguration", "found the number 7, expected a string"},
      {"  ClusterConfiguration: {a: b}\n", "k.yaml:5: data.ClusterConfiguration", "found an object, expected a string"},
      {"  ClusterConfiguration:\n", "k.yaml:5: data.ClusterConfiguration", "expected a string"},
      {"  ClusterConfiguration: ''\n", "k.yaml:5: data.ClusterConfiguration", "found no kind"},
      {"  ClusterConfiguration: |\n    a: [\n", "k.yaml:7: data.ClusterConfiguration", "not valid YAML"},
      {"  ClusterConfiguration: \"a: [\"\n", "k.yaml:5: data.ClusterConfiguration", "not valid YAML"},
      {"  ClusterConfiguration: |\n    apiVersion: v1\n    kind: ConfigMap\n    data: {ClusterConfiguration: x}\n",
       "k.yaml:5: data.ClusterConfiguration", "found the string \"ConfigMap\", expected a ClusterConfiguration"},
      {"  ClusterConfiguration: |\n    kind: ClusterConfiguration\n", "k.yaml:6: apiVersion", "found nothing"},
      {"  ClusterConfiguration: |\n    kind: ClusterConfiguration\n    apiVersion: kubeadm.k8s.io/v9\n",
       "k.yaml:7: apiVersion", "found kubeadm.k8s.io/v9"},
      {"  ClusterConfiguration: |\n    apiVersion: kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n"
       "  ClusterConfiguration: x\n",
       "k.yaml:8: data.ClusterConfiguration", "duplicate field, the first is on line 5"},
      {"  kubeconfig: x\n", "k.yaml", "found neither InitConfiguration nor ClusterConfiguration"},
  };
  for (const auto& [rest, subject, message] : cases) {
    CAPTURE(rest);
    const auto file = parse_config(config_map(rest), "k.yaml");
    CAPTURE(all(file.problems));
    REQUIRE(file.problems.size() == 1);
    CHECK(file.problems[0].subject == subject);
    CHECK_THAT(file.problems[0].message, contains(message));
  }
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
