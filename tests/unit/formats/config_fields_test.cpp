// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>

#include <pki/config.hpp>

#include "config_samples.hpp"

using namespace pki;
using namespace sample;

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
kind: ResetConfiguration
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
  CHECK_THAT(file.warnings[0].remedy.text, contains("kubeadm config migrate"));
  CHECK(file.warnings[1].subject == "old.yaml:9: encryptionAlgorithm");
  CHECK(file.warnings[1].message == "unknown field");
  CHECK(file.warnings[2].subject == "old.yaml:10: certificateValidityPeriod");
}

TEST_CASE("v1beta1 and v1beta2 files are read and said to be deprecated") {
  for (const std::string version : {"v1beta1", "v1beta2"}) {
    CAPTURE(version);
    const auto api = "apiVersion: kubeadm.k8s.io/" + version + "\n";
    const auto file = parse_config(api + R"(kind: InitConfiguration
bootstrapTokens:
- token: abcdef.0123456789abcdef
localAPIEndpoint: {advertiseAddress: 192.0.2.10, bindPort: 8443}
nodeRegistration: {name: CP-1, criSocket: /var/run/dockershim.sock, kubeletExtraArgs: {v: "4"}, taints: []}
---
)" + api + R"(kind: ClusterConfiguration
apiServer:
  certSANs: [API.example.test]
  timeoutForControlPlane: 4m0s
  extraArgs: {authorization-mode: "Node,RBAC"}
certificatesDir: /srv/pki
clusterName: old
controlPlaneEndpoint: api.example.test:6443
dns: {type: CoreDNS}
etcd: {local: {dataDir: /var/lib/etcd, serverCertSANs: [etcd.example.test], peerCertSANs: [192.0.2.7]}}
featureGates: {IPv6DualStack: false}
imageRepository: k8s.gcr.io
kubernetesVersion: v1.19.0
networking: {dnsDomain: k8s.example, serviceSubnet: 10.1.0.0/16}
useHyperKubeImage: false
)",
                                   "old.yaml");
    CHECK(all(file.problems).empty());
    REQUIRE(file.warnings.size() == 2);
    CHECK(file.warnings[0].subject == "old.yaml:1: apiVersion");
    CHECK(file.warnings[1].subject == "old.yaml:8: apiVersion");
    ClusterConfig want;
    want.node_name = "cp-1";
    want.advertise_address = "192.0.2.10";
    want.bind_port = 8443;
    want.apiserver_sans = {"api.example.test"};
    want.layout.certificates_dir = "/srv/pki";
    want.cluster_name = "old";
    want.control_plane_endpoint = "api.example.test:6443";
    want.etcd_server_sans = {"etcd.example.test"};
    want.etcd_peer_sans = {"192.0.2.7"};
    want.dns_domain = "k8s.example";
    want.service_subnets = {"10.1.0.0/16"};
    CHECK(file.config == want);
  }
}

TEST_CASE("external etcd is read") {
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

TEST_CASE("a field of another version is a warning that says so") {
  const auto file = parse_config(
      "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nencryptionAlgorithm: ECDSA-P256\n", "k.yaml");
  REQUIRE(file.warnings.size() == 2);
  CHECK(file.warnings[1].subject == "k.yaml:3: encryptionAlgorithm");
  CHECK_THAT(file.warnings[1].remedy.text, contains("another version"));
  CHECK(file.config.algorithm == ClusterConfig{}.algorithm);
}
