// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <chrono>
#include <string>

#include <pki/config.hpp>

#include "config_samples.hpp"

using namespace pki;
using namespace sample;

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
  config.role = Role::etcd_host;
  CHECK(good(to_yaml(config)) == config);
  config.etcd_server_sans = config.etcd_peer_sans = {};
  config.external_etcd.emplace();
  CHECK(good(to_yaml(config)) == config);
  config.external_etcd = ExternalEtcd{{"https://[fd00::5]:2379", "https://e:2379"}, "/ca", "/crt", "/key"};
  CHECK(good(to_yaml(config)) == config);
  config.signing_keys = {{"ca", "pkcs11:token=a b;object=%20?pin-source=file:/p"},
                         {"front-proxy-ca", "handle:0x81000001"}};
  CHECK(good(to_yaml(config)) == config);
}

TEST_CASE("the rows of a configuration come back equal, also where there are none") {
  ClusterConfig config;
  config.rows.emplace();
  CHECK(good(to_yaml(config)) == config);
  auto& rows = *config.rows;
  rows.optional = {"kube-proxy.conf", "kubelet-server"};
  CHECK(good(to_yaml(config)) == config);
  rows.authorities = {{.name = "vpn-root", .path_length = 1, .validity = std::chrono::hours{87600}},
                      {.name = "vpn-ca",
                       .issuer = "vpn-root",
                       .common_name = "VPN: {dns_domain}",
                       .path = "etcd/vpn ca",
                       .path_length = 0,
                       .algorithm = KeyAlgorithm::ecdsa_p384}};
  CHECK(good(to_yaml(config)) == config);
  rows.leaves = {{.name = "vpn-client", .issuer = "vpn-ca"},
                 {.name = "vpn",
                  .issuer = "vpn-ca",
                  .profile = Profile::peer,
                  .common_name = "{node_name}",
                  .organizations = {"a", "yes"},
                  .sans = {"{node_name}", "*.example.com", "::1"},
                  .path = "etcd/vpn",
                  .roles = {Role::etcd_host, Role::worker},
                  .validity = std::chrono::hours{24},
                  .algorithm = KeyAlgorithm::rsa_4096,
                  .consumers = {{"vpn", ReloadMode::automatic}, {"#1"}}},
                 {.name = "ci.conf", .issuer = "ca", .form = Form::kubeconfig, .server = "https://[fd00::1]:6443"}};
  rows.overrides = {{.name = "apiserver", .validity = std::chrono::hours{48}},
                    {.name = "sa", .algorithm = KeyAlgorithm::ecdsa_p256}};
  CHECK(good(to_yaml(config)) == config);
  rows.authorities.clear();
  rows.optional.clear();
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

TEST_CASE("a text of any characters is written so that it comes back") {
  ClusterConfig config;
  for (const std::string name : {"a: b", "#", "- x", "\"'\\", "\n", "\xc2\x85", "\xe2\x80\xa8", "\xc3\xa4", " "}) {
    CAPTURE(name);
    config.cluster_name = name;
    CHECK(good(to_yaml(config)).cluster_name == name);
  }
}
