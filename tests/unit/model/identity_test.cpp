// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/words.hpp"
#include "model/entry_check.hpp"
#include "model/identity.hpp"

using pki::ClusterConfig;
using pki::GeneralName;
using pki::model::identity_of;

namespace {

ClusterConfig config_of_cp1() {
  ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  return config;
}

pki::model::Identity identity(std::string_view name, const ClusterConfig& config) {
  return identity_of(pki::default_catalog().find_row(name), pki::validate(config).value());
}

// The names as one text, addresses marked: a name of the wrong kind shows.
std::string sans(std::string_view name, const ClusterConfig& config) {
  std::string text;
  for (const auto& san : identity(name, config).sans) {
    if (!text.empty()) text += ' ';
    text += (san.kind == GeneralName::Kind::ip    ? "ip:"
             : san.kind == GeneralName::Kind::dns ? ""
                                                  : "OTHER:") +
            san.value;
  }
  return text;
}

constexpr auto service_names =
    "kubernetes kubernetes.default kubernetes.default.svc kubernetes.default.svc.cluster.local";

}  // namespace

TEST_CASE("the API server answers to its node, the service names, the service address and its own address") {
  CHECK(sans("apiserver", config_of_cp1()) == "cp-1 " + std::string(service_names) + " ip:10.96.0.1 ip:192.168.10.11");
}

TEST_CASE("etcd answers to its node, localhost and the loopback addresses") {
  CHECK(sans("etcd-server", config_of_cp1()) == "cp-1 localhost ip:192.168.10.11 ip:127.0.0.1 ip:::1");
  CHECK(sans("etcd-peer", config_of_cp1()) == "cp-1 localhost ip:192.168.10.11 ip:127.0.0.1 ip:::1");
}

TEST_CASE("a CA carries its own name, a client none, a bare key nothing at all") {
  auto config = config_of_cp1();
  CHECK(sans("ca", config) == "kubernetes-ca");
  CHECK(sans("etcd-ca", config) == "etcd-ca");
  CHECK(sans("admin.conf", config).empty());
  CHECK(sans("front-proxy-client", config).empty());
  CHECK(identity("sa", config) == pki::model::Identity{});
  config.naming = pki::Naming::kubeadm;
  CHECK(sans("ca", config) == "kubernetes");
  CHECK(sans("front-proxy-ca", config) == "front-proxy-ca");
}

TEST_CASE("the extra names of one certificate do not reach another") {
  auto config = config_of_cp1();
  config.apiserver_sans = {"only.apiserver"};
  config.etcd_server_sans = {"only.server"};
  config.etcd_peer_sans = {"only.peer", "10.0.0.9"};
  CHECK_THAT(sans("apiserver", config),
             contains("only.apiserver") && !contains("only.server") && !contains("only.peer"));
  CHECK(sans("etcd-server", config) == "cp-1 localhost only.server ip:192.168.10.11 ip:127.0.0.1 ip:::1");
  CHECK(sans("etcd-peer", config) == "cp-1 localhost only.peer ip:192.168.10.11 ip:127.0.0.1 ip:::1 ip:10.0.0.9");
}

TEST_CASE("of a dual-stack service network only the first address is named") {
  auto config = config_of_cp1();
  config.service_subnets = {"10.200.0.0/16", "fd00:10:96::/112"};
  CHECK_THAT(sans("apiserver", config), contains("ip:10.200.0.1 ip:192.168.10.11") && !contains("fd00"));
  config.service_subnets = {"FD00:10:96::/112", "10.200.0.0/16"};
  CHECK_THAT(sans("apiserver", config), contains("ip:fd00:10:96::1 ip:192.168.10.11") && !contains("10.200"));
}

TEST_CASE("an IPv6 cluster names its addresses in their shortest form") {
  ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "2001:DB8:0:0::0011";
  config.service_subnets = {"fd00::/108"};
  config.dns_domain = "k8s.example";
  CHECK(sans("apiserver", config) ==
        "cp-1 kubernetes kubernetes.default kubernetes.default.svc kubernetes.default.svc.k8s.example ip:fd00::1 "
        "ip:2001:db8::11");
  CHECK(sans("etcd-server", config) == "cp-1 localhost ip:2001:db8::11 ip:127.0.0.1 ip:::1");
}

TEST_CASE("the control-plane endpoint is a name or an address, without its port") {
  auto config = config_of_cp1();
  for (const char* endpoint : {"api.example.internal", "api.example.internal:443"}) {
    config.control_plane_endpoint = endpoint;
    CHECK(sans("apiserver", config) ==
          "api.example.internal cp-1 " + std::string(service_names) + " ip:10.96.0.1 ip:192.168.10.11");
    CHECK_THAT(sans("etcd-server", config), !contains("api.example.internal"));
  }
  for (const char* endpoint : {"10.9.8.7", "10.9.8.7:8443"}) {
    config.control_plane_endpoint = endpoint;
    CHECK(sans("apiserver", config) ==
          "cp-1 " + std::string(service_names) + " ip:10.96.0.1 ip:192.168.10.11 ip:10.9.8.7");
  }
  for (const char* endpoint : {"2001:DB8::0:7", "[2001:db8::7]:6443"}) {
    config.control_plane_endpoint = endpoint;
    CHECK(sans("apiserver", config) ==
          "cp-1 " + std::string(service_names) + " ip:10.96.0.1 ip:192.168.10.11 ip:2001:db8::7");
  }
}

TEST_CASE("names are sorted and unique, addresses unique in the order of first mention") {
  auto config = config_of_cp1();
  config.control_plane_endpoint = "cp-1:6443";
  config.apiserver_sans = {"zeta",          "10.96.0.1", "alpha", "kubernetes", "10.0.0.9",
                           "192.168.10.11", "10.0.0.2",  "zeta",  "10.0.0.9"};
  CHECK(sans("apiserver", config) ==
        "alpha cp-1 " + std::string(service_names) + " zeta ip:10.96.0.1 ip:192.168.10.11 ip:10.0.0.9 ip:10.0.0.2");
  config.etcd_server_sans = {"::1", "0:0:0:0:0:0:0:1", "localhost", "127.0.0.1", "cp-1"};
  CHECK(sans("etcd-server", config) == "cp-1 localhost ip:192.168.10.11 ip:127.0.0.1 ip:::1");
}

TEST_CASE("two spellings of one address are one name") {
  auto config = config_of_cp1();
  config.apiserver_sans = {"2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:0db8::0001"};
  CHECK(sans("apiserver", config) ==
        "cp-1 " + std::string(service_names) + " ip:10.96.0.1 ip:192.168.10.11 ip:2001:db8::1");
}

TEST_CASE("wildcards are kept literally, and upper case in the API server's extra names is folded") {
  auto config = config_of_cp1();
  config.apiserver_sans = {"*.Example.COM", "API.example.com", "api.example.com"};
  CHECK(sans("apiserver", config) ==
        "*.example.com api.example.com cp-1 " + std::string(service_names) + " ip:10.96.0.1 ip:192.168.10.11");
  CHECK(config.apiserver_sans.front() == "*.Example.COM");
}

TEST_CASE("a node that is called by its address has an address among its names, once") {
  auto config = config_of_cp1();
  config.naming = pki::Naming::kubeadm;
  config.node_name = "192.0.2.7";
  CHECK(sans("apiserver", config) == std::string(service_names) + " ip:192.0.2.7 ip:10.96.0.1 ip:192.168.10.11");
  CHECK(sans("etcd-server", config) == "localhost ip:192.0.2.7 ip:192.168.10.11 ip:127.0.0.1 ip:::1");
  CHECK(identity("etcd-peer", config).common_name == "192.0.2.7");
  CHECK(identity("kubelet.conf", config).common_name == "system:node:192.0.2.7");
  config.node_name = config.advertise_address;
  CHECK(sans("etcd-peer", config) == "localhost ip:192.168.10.11 ip:127.0.0.1 ip:::1");
}

TEST_CASE("a node name of 70 characters is kept whole wherever it stands") {
  auto config = config_of_cp1();
  config.node_name = "control-plane-node-0001.availability-zone-a.region-north.example.intern";
  REQUIRE(config.node_name.size() == 71);
  config.node_name.pop_back();
  config.naming = pki::Naming::kubeadm;
  CHECK(pki::validate(config).problems.empty());
  CHECK(identity("kubelet.conf", config).common_name == "system:node:" + config.node_name);
  CHECK(identity("etcd-server", config).common_name == config.node_name);
  CHECK(sans("etcd-peer", config) == config.node_name + " localhost ip:192.168.10.11 ip:127.0.0.1 ip:::1");
}

TEST_CASE("common names and organizations follow the naming") {
  auto config = config_of_cp1();
  struct Row {
    const char *name, *cn, *o, *kubeadm_cn, *kubeadm_o;
  };
  const Row table[] = {
      {"ca", "kubernetes-ca", "none", "kubernetes", "none"},
      {"apiserver", "kube-apiserver", "none", "kube-apiserver", "none"},
      {"apiserver-kubelet-client", "kube-apiserver-kubelet-client", "system:masters", "kube-apiserver-kubelet-client",
       "kubeadm:cluster-admins"},
      {"etcd-server", "kube-etcd", "none", "cp-1", "none"},
      {"etcd-peer", "kube-etcd-peer", "none", "cp-1", "none"},
      {"admin.conf", "kubernetes-admin", "kubeadm:cluster-admins", "kubernetes-admin", "kubeadm:cluster-admins"},
      {"super-admin.conf", "kubernetes-super-admin", "system:masters", "kubernetes-super-admin", "system:masters"},
      {"kubelet.conf", "system:node:cp-1", "system:nodes", "system:node:cp-1", "system:nodes"},
      {"scheduler.conf", "system:kube-scheduler", "none", "system:kube-scheduler", "none"},
  };
  for (const auto& row : table) {
    CAPTURE(row.name);
    config.naming = pki::Naming::recommended;
    CHECK(identity(row.name, config).common_name == row.cn);
    CHECK(pki::base::join(identity(row.name, config).organizations) == row.o);
    config.naming = pki::Naming::kubeadm;
    CHECK(identity(row.name, config).common_name == row.kubeadm_cn);
    CHECK(pki::base::join(identity(row.name, config).organizations) == row.kubeadm_o);
  }
}

TEST_CASE(
    "kubeconfigs point to the control-plane endpoint, but the controller manager and the scheduler to their own node") {
  struct Row {
    const char *address, *endpoint;
    int port;
    const char *shared, *local;
  };
  const Row table[] = {
      {"192.168.10.11", "", 6443, "https://192.168.10.11:6443", "https://192.168.10.11:6443"},
      {"192.168.10.11", "", 8443, "https://192.168.10.11:8443", "https://192.168.10.11:8443"},
      {"2001:DB8:0::11", "", 6443, "https://[2001:db8::11]:6443", "https://[2001:db8::11]:6443"},
      {"192.168.10.11", "api.example", 6443, "https://api.example:6443", "https://192.168.10.11:6443"},
      {"192.168.10.11", "api.example", 8443, "https://api.example:8443", "https://192.168.10.11:8443"},
      {"192.168.10.11", "api.example:443", 6443, "https://api.example:443", "https://192.168.10.11:6443"},
      {"192.168.10.11", "10.0.0.1", 6443, "https://10.0.0.1:6443", "https://192.168.10.11:6443"},
      {"192.168.10.11", "10.0.0.1:443", 6443, "https://10.0.0.1:443", "https://192.168.10.11:6443"},
      {"192.168.10.11", "2001:db8::1", 6443, "https://[2001:db8::1]:6443", "https://192.168.10.11:6443"},
      {"2001:db8::11", "[2001:db8::1]:443", 6443, "https://[2001:db8::1]:443", "https://[2001:db8::11]:6443"},
  };
  for (const auto& row : table) {
    CAPTURE(row.address, row.endpoint, row.port);
    auto config = config_of_cp1();
    config.advertise_address = row.address;
    config.control_plane_endpoint = row.endpoint;
    config.bind_port = row.port;
    for (const char* name : {"admin.conf", "super-admin.conf"})
      CHECK(identity(name, config).server == row.shared);
    for (const char* name : {"kubelet.conf", "controller-manager.conf", "scheduler.conf"})
      CHECK(identity(name, config).server == row.local);
    CHECK(identity("apiserver", config).server.empty());
  }
}

TEST_CASE("the identity of a row depends on its configuration and nothing else") {
  auto other = config_of_cp1();
  other.node_name = "other";
  const auto config = pki::validate(config_of_cp1()).value();
  const auto another = pki::validate(other).value();
  for (const auto& row : pki::default_catalog().rows()) {
    const auto first = identity_of(row, config);
    (void)identity_of(row, another);
    CHECK(identity_of(row, config) == first);
  }
}

TEST_CASE("an alternative name is an address, a DNS name, or neither") {
  using Kind = GeneralName::Kind;
  const std::tuple<const char*, Kind, const char*> table[] = {
      {"10.0.0.1", Kind::ip, "10.0.0.1"},        {"2001:DB8::01", Kind::ip, "2001:db8::1"},
      {"example.com", Kind::dns, "example.com"}, {"*.example.com", Kind::dns, "*.example.com"},
      {"010.0.0.1", Kind::other, "010.0.0.1"},   {"::ffff:10.0.0.1", Kind::other, "::ffff:10.0.0.1"},
      {"foo_bar!", Kind::other, "foo_bar!"},     {"", Kind::other, ""},
      {"a,DNS:b", Kind::other, "a,DNS:b"},       {"Example.com", Kind::other, "Example.com"},
  };
  for (const auto& [text, kind, value] : table) {
    CAPTURE(text);
    CHECK((pki::model::parse_san(text) == GeneralName{kind, value}));
  }
}

TEST_CASE("a placeholder has no, one or several values, in the middle of a text too") {
  auto config = config_of_cp1();
  config.apiserver_sans = {"A", "b"};
  const auto& row = pki::default_catalog().find_row("apiserver");
  const auto expand = [&](std::string_view text) {
    return pki::model::expand(text, row, pki::validate(config).value());
  };
  using Values = std::vector<std::string>;
  CHECK(expand("plain") == Values{"plain"});
  CHECK(expand("") == Values{""});
  CHECK(expand("<{node_name}>") == Values{"<cp-1>"});
  CHECK(expand("{control_plane_host}").empty());
  CHECK(expand("x.{apiserver_extra_sans}.y") == Values{"x.a.y", "x.b.y"});
  CHECK_THROWS_AS(expand("{nobody}"), std::logic_error);
}
