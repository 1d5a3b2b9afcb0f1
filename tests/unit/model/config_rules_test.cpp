// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include <pki/config.hpp>

using pki::ClusterConfig;
using pki::ExternalEtcd;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

ClusterConfig with(const std::function<void(ClusterConfig&)>& change) {
  ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  change(config);
  return config;
}

std::multiset<std::string> fields(const std::vector<pki::Finding>& problems) {
  std::multiset<std::string> subjects;
  for (const auto& problem : problems)
    subjects.insert(problem.subject);
  return subjects;
}

using Fields = std::multiset<std::string>;

Fields refused_fields(const ExternalEtcd& etcd) {
  return fields(pki::validate(with([&](auto& c) { c.external_etcd = etcd; })).problems);
}

}  // namespace

TEST_CASE("an external etcd has a client certificate whole or not at all, and https with it") {
  const std::vector<std::string> https{"https://10.0.0.1:2379", "https://etcd.example:2379"};
  CHECK(refused_fields({}).empty());
  CHECK(refused_fields({{"http://10.0.0.1:2379"}, "", "", ""}).empty());
  CHECK(refused_fields({https, "", "", ""}).empty());
  CHECK(refused_fields({https, "/a/ca.crt", "", ""}).empty());
  CHECK(refused_fields({https, "/a/ca.crt", "/a/c.crt", "/a/c.key"}).empty());

  CHECK(refused_fields({https, "/a/ca.crt", "/a/c.crt", ""}) == Fields{"etcd.external.certFile"});
  CHECK(refused_fields({https, "/a/ca.crt", "", "/a/c.key"}) == Fields{"etcd.external.certFile"});
  CHECK(refused_fields({https, "", "/a/c.crt", "/a/c.key"}) == Fields{"etcd.external.caFile"});
  CHECK(refused_fields({https, "ca.crt", "c.crt", "./c.key"}) ==
        Fields{"etcd.external.caFile", "etcd.external.certFile", "etcd.external.keyFile"});
  CHECK(refused_fields({{https[0], "http://10.0.0.2:2379"}, "/a/ca.crt", "", ""}) ==
        Fields{"etcd.external.endpoints[1]"});
  CHECK(refused_fields({{"10.0.0.1:2379", "", "ftp://x"}, "", "", ""}) ==
        Fields{"etcd.external.endpoints[0]", "etcd.external.endpoints[1]", "etcd.external.endpoints[2]"});
}

TEST_CASE("a node may be called by an IPv4 address, but by nothing that is neither address nor name") {
  for (const char* name : {"cp-1", "a.b.c", "10", "192.0.2.7", "0.0.0.0", "255.255.255.255"}) {
    CAPTURE(name);
    CHECK(pki::validate(with([&](auto& c) { c.node_name = name; })).problems.empty());
  }
  for (const char* name : {"192.0.2.007", "192.0.2.256", "192.0.2", "192.0.2.7.1", "192.0.2.7/24", " 192.0.2.7",
                           "2001:db8::7", "::ffff:192.0.2.7", "[2001:db8::7]", "*.a", "CP-1", "a_b"}) {
    CAPTURE(name);
    const auto problems = pki::validate(with([&](auto& c) { c.node_name = name; })).problems;
    CHECK(fields(problems) == Fields{"nodeRegistration.name"});
    CHECK_THAT(problems.at(0).message, contains("or an IPv4 address"));
  }
}

TEST_CASE("a validity is between a minute and a thousand years") {
  const std::pair<const char*, seconds ClusterConfig::*> members[] = {
      {"certificateValidityPeriod", &ClusterConfig::leaf_validity},
      {"caCertificateValidityPeriod", &ClusterConfig::ca_validity}};
  for (const auto& [field, member] : members) {
    const auto found = [&, m = member](seconds validity) {
      return fields(pki::validate(with([&](auto& c) { c.*m = validity; })).problems);
    };
    for (const seconds good : {seconds{60}, seconds{3600}, seconds{hours{24 * 365 * 1000}}})
      CHECK(found(good).empty());
    for (const seconds bad : {seconds{0}, seconds{-1}, seconds{59}, seconds{hours{24 * 365 * 1000}} + seconds{1},
                              seconds::max(), seconds::min()}) {
      CAPTURE(bad.count());
      CHECK(found(bad) == Fields{field});
    }
  }
}

TEST_CASE("both directories are absolute paths") {
  for (const char* path : {"", "pki", "./pki", "../pki", "~/pki", " /pki"}) {
    CAPTURE(path);
    CHECK(fields(pki::validate(with([&](auto& c) { c.layout.certificates_dir = path; })).problems) ==
          Fields{"certificatesDir"});
    CHECK(fields(pki::validate(with([&](auto& c) { c.layout.kubeconfig_dir = path; })).problems) ==
          Fields{"kubeconfigDir"});
  }
  CHECK(fields(pki::validate(with([](auto& c) { c.layout.certificates_dir = std::string("/a\0b", 4); })).problems) ==
        Fields{"certificatesDir"});
  CHECK(pki::validate(with([](auto& c) { c.layout = {"/", "/"}; })).problems.empty());
}

TEST_CASE("all problems are found at once, each under its kubeadm field") {
  ClusterConfig config;
  config.cluster_name = "";
  config.bind_port = 0;
  config.control_plane_endpoint = "a_b";
  config.service_subnets = {"x", "y", "z"};
  config.dns_domain = "A";
  config.apiserver_sans = {"a_b", "ok", "c_d"};
  config.etcd_server_sans = {"e_f"};
  config.etcd_peer_sans = {"g_h"};
  config.external_etcd = ExternalEtcd{{"x"}, "", "c", ""};
  config.leaf_validity = config.ca_validity = seconds{0};
  config.layout = {"a", "b"};
  CHECK(fields(pki::validate(config).problems) == Fields{"apiServer.certSANs[0]",
                                                         "apiServer.certSANs[2]",
                                                         "caCertificateValidityPeriod",
                                                         "certificateValidityPeriod",
                                                         "certificatesDir",
                                                         "clusterName",
                                                         "controlPlaneEndpoint",
                                                         "etcd.external.caFile",
                                                         "etcd.external.certFile",
                                                         "etcd.external.certFile",
                                                         "etcd.external.endpoints[0]",
                                                         "etcd.local.peerCertSANs[0]",
                                                         "etcd.local.serverCertSANs[0]",
                                                         "kubeconfigDir",
                                                         "localAPIEndpoint.advertiseAddress",
                                                         "localAPIEndpoint.bindPort",
                                                         "networking.dnsDomain",
                                                         "networking.serviceSubnet",
                                                         "networking.serviceSubnet",
                                                         "networking.serviceSubnet",
                                                         "networking.serviceSubnet",
                                                         "nodeRegistration.name"});
}

TEST_CASE("a problem is written for people: lower case, no full stop") {
  for (const auto& problem :
       pki::validate(with([](auto& c) { c.node_name = c.advertise_address = c.cluster_name = ""; })).problems) {
    CAPTURE(problem.message);
    CHECK_FALSE(problem.message.ends_with('.'));
    CHECK((problem.message.front() >= 'a' && problem.message.front() <= 'z'));
  }
}

TEST_CASE("a validity beyond the default is worth a warning, one below is not") {
  CHECK(fields(pki::validate(with([](auto& c) { c.leaf_validity = hours{8760} + seconds{1}; })).warnings) ==
        Fields{"certificateValidityPeriod"});
  CHECK(fields(pki::validate(with([](auto& c) { c.ca_validity = hours{87600} + seconds{1}; })).warnings) ==
        Fields{"caCertificateValidityPeriod"});
  CHECK(pki::validate(with([](auto& c) { c.leaf_validity = hours{1}; })).warnings.empty());
  CHECK(pki::validate(with([](auto& c) { c.ca_validity = hours{8760}; })).warnings.empty());
}

TEST_CASE("leaves that would outlive their CA are worth a warning") {
  const auto found = pki::validate(with([](auto& c) { c.ca_validity = hours{8759}; })).warnings;
  REQUIRE(found.size() == 1);
  CHECK(found.front().subject == "certificateValidityPeriod");
  CHECK_THAT(found.front().message, contains("longer than that of the CAs"));
}

TEST_CASE("an endpoint port other than the bind port is worth a warning") {
  const auto found = [](const char* endpoint, int port) {
    return fields(pki::validate(with([&](auto& c) {
                    c.control_plane_endpoint = endpoint;
                    c.bind_port = port;
                  })).warnings);
  };
  CHECK(found("api.example:443", 6443) == Fields{"controlPlaneEndpoint"});
  CHECK(found("[2001:db8::1]:443", 6443) == Fields{"controlPlaneEndpoint"});
  CHECK(found("api.example:6443", 6443).empty());
  CHECK(found("api.example", 8443).empty());
  CHECK(found("", 8443).empty());
}
