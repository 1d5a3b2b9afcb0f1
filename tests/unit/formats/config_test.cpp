#include <support/catch.hpp>

#include <algorithm>
#include <chrono>

#include <pki/config.hpp>

using namespace pki;

namespace {

constexpr const char* head = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";
constexpr const char* init_head = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n";

std::string all(const std::vector<Problem>& problems) {
  std::string out;
  for (const auto& problem : problems)
    out += problem.subject + ": " + problem.message + " (" + problem.hint + ")\n";
  return out;
}

ClusterConfig good(const std::string& text) {
  auto file = parse_config(text, "k.yaml");
  CHECK(all(file.problems).empty());
  CHECK(all(file.warnings).empty());
  return file.config;
}

}  // namespace

TEST_CASE("every field of a v1beta4 file is read") {
  const auto file = parse_config(R"(# our cluster
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens:
- token: abcdef.0123456789abcdef
  ttl: 24h0m0s
dryRun: false
nodeRegistration:
  name: CP-1
  criSocket: unix:///run/containerd/containerd.sock
  kubeletExtraArgs:
  - name: v
    value: "4"
  taints: null
localAPIEndpoint:
  advertiseAddress: 192.168.10.11
  bindPort: 8443
timeouts:
  controlPlaneComponentHealthCheck: 4m0s
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: prod
kubernetesVersion: v1.34.0
controlPlaneEndpoint: "api.example.com:6443"
certificatesDir: /srv/pki
encryptionAlgorithm: ECDSA-P384
certificateValidityPeriod: 4380h0m0s
caCertificateValidityPeriod: 43800h
networking:
  serviceSubnet: 10.1.0.0/16,fd00:1::/108
  podSubnet: 10.2.0.0/16
  dnsDomain: k8s.example
apiServer:
  certSANs:
  - API.example.com
  - "10.0.0.1"
  extraArgs:
  - name: audit-log-path
    value: /var/log/audit
etcd:
  local:
    dataDir: /var/lib/etcd
    serverCertSANs: [etcd.example.com, 10.0.0.2]
    peerCertSANs: [peer.example.com]
featureGates:
  ControlPlaneKubeletLocalMode: true
proxy: {}
dns: {}
---
apiVersion: pkigen/v1
kind: PkiConfiguration
naming: kubeadm
kubeconfigDir: /srv/kube
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
)",
                                 "k.yaml");
  CHECK(all(file.problems).empty());
  CHECK(all(file.warnings).empty());
  ClusterConfig want;
  want.cluster_name = "prod";
  want.node_name = "cp-1";
  want.advertise_address = "192.168.10.11";
  want.bind_port = 8443;
  want.control_plane_endpoint = "api.example.com:6443";
  want.service_subnets = {"10.1.0.0/16", "fd00:1::/108"};
  want.dns_domain = "k8s.example";
  want.apiserver_sans = {"api.example.com", "10.0.0.1"};
  want.etcd_server_sans = {"etcd.example.com", "10.0.0.2"};
  want.etcd_peer_sans = {"peer.example.com"};
  want.algorithm = KeyAlgorithm::ecdsa_p384;
  want.leaf_validity = std::chrono::hours{4380};
  want.ca_validity = std::chrono::hours{43800};
  want.naming = Naming::kubeadm;
  want.layout = {"/srv/pki", "/srv/kube"};
  CHECK(file.config == want);
  CHECK(file.lines.at("nodeRegistration.name") == 9);
  CHECK(file.lines.at("localAPIEndpoint.bindPort") == 17);
  CHECK(file.lines.at("networking.serviceSubnet") == 31);
  CHECK(file.lines.at("apiServer.certSANs") == 35);
  CHECK(file.lines.at("apiServer.certSANs[1]") == 37);
  CHECK(file.lines.at("naming") == 53);
}

TEST_CASE("a v1beta3 file is read and said to be deprecated") {
  const auto file = parse_config(R"(apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
apiServer:
  timeoutForControlPlane: 4m0s
  extraArgs:
    v: "4"
featureGates:
  PublicKeysECDSA: true
encryptionAlgorithm: RSA-4096
certificateValidityPeriod: 1h
)",
                                 "old.yaml");
  CHECK(all(file.problems).empty());
  CHECK(file.config.algorithm == KeyAlgorithm::ecdsa_p256);
  CHECK(file.config.leaf_validity == std::chrono::hours{8760});
  REQUIRE(file.warnings.size() == 3);
  CHECK(file.warnings[0].subject == "old.yaml:1: apiVersion");
  CHECK_THAT(file.warnings[0].hint, contains("kubeadm config migrate"));
  CHECK(file.warnings[1].subject == "old.yaml:9: encryptionAlgorithm");
  CHECK(file.warnings[1].message == "unknown field");
  CHECK(file.warnings[2].subject == "old.yaml:10: certificateValidityPeriod");
}

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

TEST_CASE("external etcd is remembered") {
  const auto config = good(std::string(head) +
                           "etcd:\n  external:\n    endpoints:\n    - https://10.0.0.5:2379\n    caFile: /e/ca\n"
                           "    certFile: /e/crt\n    keyFile: /e/key\n");
  REQUIRE(config.external_etcd);
  CHECK(*config.external_etcd == ExternalEtcd{{"https://10.0.0.5:2379"}, "/e/ca", "/e/crt", "/e/key"});
}

TEST_CASE("what is null or empty means the default") {
  const auto config = good(std::string(head) +
                           "clusterName:\ncertificatesDir: \"\"\nencryptionAlgorithm: \"\"\nnetworking:\n"
                           "  serviceSubnet: ''\n  dnsDomain: null\napiServer: {}\netcd: {local: ~, external: null}\n"
                           "certificateValidityPeriod:\n---\n" +
                           init_head + "localAPIEndpoint: {bindPort: 0}\nnodeRegistration:\n");
  CHECK(config == ClusterConfig{});
}

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

TEST_CASE("a subnet list is split at commas and nothing is trimmed") {
  CHECK(good(std::string(head) + "networking: {serviceSubnet: '10.0.0.0/16, fd00::/108'}\n").service_subnets ==
        std::vector<std::string>{"10.0.0.0/16", " fd00::/108"});
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
  CHECK_THAT(file.problems[0].hint, contains("kubeadm config migrate"));
}

TEST_CASE("all problems are listed, not only the first") {
  const auto file = parse_config(std::string(head) + "clusterName: 1\nnetworking: 2\n---\na: [\n---\n" + init_head +
                                     "localAPIEndpoint: {bindPort: x}\n",
                                 "k.yaml");
  REQUIRE(file.problems.size() == 4);
  CHECK(file.problems[3].subject == "k.yaml:10: localAPIEndpoint.bindPort");
}

TEST_CASE("unknown fields and documents are warnings with their line") {
  const auto file = parse_config(std::string(head) +
                                     "apiServer:\n  certSan: [a]\netcd:\n  local: {dataDirectory: x}\nnope: 1\n---\n"
                                     "apiVersion: example.com/v1\nkind: Foo\na: 1\na: 2\n---\napiVersion: v1\nkind: "
                                     "ConfigMap\n",
                                 "kubeadm.yaml");
  CHECK(all(file.problems).empty());
  REQUIRE(file.warnings.size() == 5);
  CHECK(file.warnings[0].subject == "kubeadm.yaml:4: apiServer.certSan");
  CHECK(file.warnings[0].message == "unknown field");
  CHECK(file.warnings[1].subject == "kubeadm.yaml:6: etcd.local.dataDirectory");
  CHECK(file.warnings[2].subject == "kubeadm.yaml:7: nope");
  CHECK(file.warnings[3].subject == "kubeadm.yaml:9");
  CHECK(file.warnings[3].message == "ignored document example.com/v1 Foo");
  CHECK(file.warnings[4].message == "ignored document v1 ConfigMap");
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

TEST_CASE("a configuration that is written comes back equal") {
  ClusterConfig config;
  CHECK(good(to_yaml(config)) == config);
  config.cluster_name = "123";
  config.node_name = "cp-1";
  config.advertise_address = "fd00::1";
  config.bind_port = 8443;
  config.control_plane_endpoint = "[fd00::9]:6443";
  config.service_subnets = {"10.1.0.0/16", "fd00:1::/108"};
  config.dns_domain = "yes";
  config.apiserver_sans = {"*.example.com", "1e3", "::1", "a,b"};
  config.etcd_server_sans = {"null"};
  config.etcd_peer_sans = {"0x10", ""};
  config.algorithm = KeyAlgorithm::ecdsa_p256;
  config.leaf_validity = std::chrono::seconds{3661};
  config.ca_validity = std::chrono::hours{24};
  config.naming = Naming::kubeadm;
  config.layout.certificates_dir = "/a b/\"c\"";
  CHECK(good(to_yaml(config)) == config);
  config.etcd_server_sans = config.etcd_peer_sans = {};
  config.external_etcd.emplace();
  CHECK(good(to_yaml(config)) == config);
  config.external_etcd = ExternalEtcd{{"https://[fd00::5]:2379", "https://e:2379"}, "/ca", "/crt", "/key"};
  CHECK(good(to_yaml(config)) == config);
}

TEST_CASE("a written configuration reads well") {
  ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  config.apiserver_sans = {"api.example.com"};
  const auto text = to_yaml(config);
  CHECK(text.starts_with("# "));
  CHECK_THAT(text, contains(R"(apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: kubernetes
certificatesDir: /etc/kubernetes/pki
encryptionAlgorithm: RSA-2048
certificateValidityPeriod: 8760h0m0s
caCertificateValidityPeriod: 87600h0m0s
networking:
  serviceSubnet: 10.96.0.0/12
  dnsDomain: cluster.local
apiServer:
  certSANs:
  - api.example.com
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
nodeRegistration:
  name: cp-1
localAPIEndpoint:
  advertiseAddress: 192.168.10.11
  bindPort: 6443
---
apiVersion: pkigen/v1
kind: PkiConfiguration
naming: recommended
)"));
}

TEST_CASE("no text of a file can fake a line of a message") {
  const auto file = parse_config(
      head + std::string("\"x\\ny\\e[31m\": 1\nclusterName: [1]\nencryptionAlgorithm: \"a\\nb\"\n"), "k.yaml");
  const auto said = all(file.problems) + all(file.warnings);
  CHECK_THAT(said, contains("x\\x0ay\\x1b[31m"));
  CHECK_THAT(said, contains("a\\x0ab"));
  CHECK(std::count(said.begin(), said.end(), '\n') == static_cast<long>(file.problems.size() + file.warnings.size()));
  CHECK(said.find('\x1b') == std::string::npos);
}

TEST_CASE("a text that is wrong everywhere has a list of bounded length") {
  std::string text = head;
  for (int i = 0; i < 2000; ++i)
    text += "field" + std::to_string(i) + ": 1\n";
  const auto file = parse_config(text, "k.yaml");
  CHECK(file.warnings.size() == 501);
  CHECK_THAT(file.warnings.back().message, contains("more than 500"));
}
