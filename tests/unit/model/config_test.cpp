// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <pki/config.hpp>

#include "base/words.hpp"

using pki::ClusterConfig;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

ClusterConfig valid() {
  ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  return config;
}

using Change = std::function<void(ClusterConfig&)>;

ClusterConfig with(const Change& change) {
  auto config = valid();
  change(config);
  return config;
}

std::string listed(const std::vector<pki::Finding>& problems) {
  std::string text;
  for (const auto& problem : problems)
    text += problem.subject + ": " + problem.message + "\n";
  return text;
}

void check_valid(const ClusterConfig& config) { CHECK(listed(pki::validate(config).problems).empty()); }

// Exactly one problem, with that field as its subject and `found` in its text.
void check_refused(const ClusterConfig& config, const std::string& field, const std::string& found) {
  const auto problems = pki::validate(config).problems;
  INFO(listed(problems));
  REQUIRE(problems.size() == 1);
  CHECK(problems.front().subject == field);
  CHECK_THAT(problems.front().message, contains(found) && contains("expected"));
}

// What certificates and verifiers refuse as a name, whoever asks for it (X5-11).
std::vector<std::string> bad_names() {
  return {"",
          " ",
          "foo_bar!",
          "foo_bar",
          "010.0.0.1",
          "10.0.0.256",
          "10.0.0.1/24",
          "::ffff:10.0.0.1",
          "fe80::1%eth0",
          "host.",
          ".host",
          "a..b",
          "-a",
          "a-",
          "a b",
          "a,b",
          "a\nb",
          "*",
          "*.",
          "**.a",
          "a.*.b",
          "*a.b",
          std::string(254, 'a'),
          std::string(64, 'a'),
          "h\xc3\xb6st",
          "https://a",
          "a:1",
          "[::1]",
          "@",
          std::string("a\0b", 3)};
}

}  // namespace

TEST_CASE("the defaults with a node name and an address are valid and give no warning") {
  check_valid(valid());
  CHECK(pki::validate(valid()).warnings.empty());
}

TEST_CASE("the node name must be there and fit into a certificate") {
  for (const char* name : {"a", "cp-1", "1", "cp-1.example.internal", "ip-10-0-0-1", "10.0.0.1"})
    check_valid(with([&](auto& c) { c.node_name = name; }));
  check_valid(with([](auto& c) { c.node_name = std::string(63, 'a') + "." + std::string(63, 'b'); }));
  check_refused(with([](auto& c) { c.node_name = ""; }), "nodeRegistration.name", "missing");
  auto names = bad_names();
  names.insert(names.end(), {"CP-1", "*.example.com", "2001:db8::1", "node.1"});
  for (const auto& name : names)
    if (!name.empty())
      check_refused(with([&](auto& c) { c.node_name = name; }), "nodeRegistration.name",
                    "invalid value " + pki::base::shown_value(name));
}

TEST_CASE("the advertise address must be there and be one that others can reach") {
  for (const char* text : {"10.0.0.1", "8.8.8.8", "2001:db8::1", "fd00::1"})
    check_valid(with([&](auto& c) { c.advertise_address = text; }));
  const auto refused = [](const std::string& text, const std::string& found) {
    check_refused(with([&](auto& c) { c.advertise_address = text; }), "localAPIEndpoint.advertiseAddress", found);
  };
  refused("", "missing");
  for (const char* text : {"host", "10.0.0", "010.0.0.1", "10.0.0.1:6443", "10.0.0.1/24", " 10.0.0.1",
                           "::ffff:10.0.0.1", "fe80::1%eth0", "[::1]"})
    refused(text, "an IPv4 or IPv6 address");
  for (const char* text :
       {"0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "ff02::1"})
    refused(text, "that other hosts can reach");
}

TEST_CASE("a worker needs no advertise address, and one that it has is checked") {
  using enum pki::Role;
  for (const auto role : {first_control_plane, joining_control_plane, etcd_host, ca_host})
    check_refused(with([&](auto& c) { c.role = role, c.advertise_address = ""; }), "localAPIEndpoint.advertiseAddress",
                  "missing");
  const auto joined = with([](auto& c) { c.role = pki::Role::worker, c.advertise_address = ""; });
  check_valid(joined);
  CHECK(pki::validate(joined).value().advertise_address().empty());
  CHECK(pki::validate(joined).value().local_url().empty());
  check_refused(with([](auto& c) { c.role = pki::Role::worker, c.advertise_address = "127.0.0.1"; }),
                "localAPIEndpoint.advertiseAddress", "other hosts");
}

TEST_CASE("the bind port is 1 to 65535") {
  for (const int port : {1, 443, 6443, 65'535})
    check_valid(with([&](auto& c) { c.bind_port = port; }));
  for (const int port : {0, -1, 65'536, 1'000'000})
    check_refused(with([&](auto& c) { c.bind_port = port; }), "localAPIEndpoint.bindPort", std::to_string(port));
}

TEST_CASE("the control-plane endpoint is empty, or a host with or without a port") {
  for (const char* text : {"", "api.example", "api.example:6443", "localhost", "10.0.0.1", "10.0.0.1:1", "2001:db8::1",
                           "[2001:db8::1]:65535"})
    check_valid(with([&](auto& c) { c.control_plane_endpoint = text; }));
  for (const char* text : {"API.example", "api.example:", "api.example:0", "api.example:65536", "[2001:db8::1]",
                           "https://api.example", "a_b", "*.example", "010.0.0.1", "10.0.0.256:6443", "::ffff:10.0.0.1",
                           "[::ffff:10.0.0.1]:6443", "api.example.", "a b", ":6443"})
    check_refused(with([&](auto& c) { c.control_plane_endpoint = text; }), "controlPlaneEndpoint", text);
}

TEST_CASE("service subnets are one CIDR, or one of each family") {
  const auto refused = [](const std::vector<std::string>& subnets, const std::string& found) {
    check_refused(with([&](auto& c) { c.service_subnets = subnets; }), "networking.serviceSubnet", found);
  };
  const std::vector<std::vector<std::string>> good{{"10.96.0.0/12"},
                                                   {"10.96.0.0/28"},
                                                   {"10.96.3.4/16"},
                                                   {"fd00::/108"},
                                                   {"fd00::/124"},
                                                   {"10.96.0.0/12", "fd00::/112"},
                                                   {"fd00::/112", "10.96.0.0/12"}};
  for (const auto& subnets : good)
    check_valid(with([&](auto& c) { c.service_subnets = subnets; }));
  refused({}, "missing");
  for (const char* text : {"", "10.96.0.0", "10.96.0.0/33", "010.96.0.0/12", " 10.96.0.0/12", "host/12",
                           "::ffff:10.0.0.0/112", "10.96.0.0/12,fd00::/112"})
    refused({text}, "a CIDR such as");
  for (const char* text : {"10.96.0.0/29", "10.96.0.0/32", "fd00::/125", "fd00::/128"})
    refused({text}, "at least 10 addresses");
  for (const char* text : {"10.0.0.0/11", "0.0.0.0/0"})
    refused({text}, "/12");
  for (const char* text : {"fd00::/107", "::/0"})
    refused({text}, "/108");
  refused({"10.96.0.0/12", "10.112.0.0/12"}, "one IPv4 and one IPv6 CIDR");
  refused({"fd00::/112", "fd01::/112"}, "one IPv4 and one IPv6 CIDR");
  refused({"10.96.0.0/12", "fd00::/112", "10.112.0.0/12"}, "at most two");
  refused({"10.96.0.0/12", "junk"}, "junk");
}

TEST_CASE("the DNS domain is one behind which the service name still fits into a certificate") {
  const std::string label(63, 'a');
  for (const auto& text : {std::string("cluster.local"), std::string("k8s"), std::string("a.b.c"),
                           label + "." + label + "." + label + "." + std::string(38, 'a')})
    check_valid(with([&](auto& c) { c.dns_domain = text; }));
  for (const auto& text :
       {std::string(), std::string("Cluster.local"), std::string("cluster.local."), std::string(".local"),
        std::string("a_b"), std::string("*.local"), std::string("a b"), std::string(64, 'a'), std::string("10.0.0.1"),
        std::string("cluster.1"), std::string("1"), label + "." + label + "." + label + "." + std::string(39, 'a')})
    check_refused(with([&](auto& c) { c.dns_domain = text; }), "networking.dnsDomain",
                  "invalid value " + pki::base::shown_value(text));
}

TEST_CASE("the cluster must have a name") {
  check_refused(with([](auto& c) { c.cluster_name = ""; }), "clusterName", "missing");
}

TEST_CASE("what is saved as YAML must be UTF-8") {
  const auto https = [](const std::string& host) {
    return with([&](auto& c) { c.external_etcd.emplace().endpoints.push_back("https://" + host); });
  };
  for (const char* text : {"h\xc3\xb6st", "\xe2\x82\xac", "\xef\xbf\xbd", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    check_valid(with([&](auto& c) { c.cluster_name = text; }));
    check_valid(with([&](auto& c) { c.layout.certificates_dir = std::string("/") + text; }));
    check_valid(https(text));
  }
  for (const char* text : {"\xd7", "\x85", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                           "\xf8\x88\x80\x80\x80", "\xe2\x82", "\xe2\x82z"}) {
    check_refused(with([&](auto& c) { c.cluster_name = text; }), "clusterName", "a text in UTF-8");
    check_refused(with([&](auto& c) { c.layout.certificates_dir = std::string("/") + text; }), "certificatesDir",
                  "a text in UTF-8");
    check_refused(with([&](auto& c) { c.layout.kubeconfig_dir = std::string("/") + text; }), "kubeconfigDir",
                  "a text in UTF-8");
    check_refused(https(text), "etcd.external.endpoints[0]", "a text in UTF-8");
  }
}

TEST_CASE("every extra name must be an address, a DNS name or a wildcard, and the wrong one is pointed at") {
  const std::pair<const char*, std::vector<std::string> ClusterConfig::*> lists[] = {
      {"apiServer.certSANs", &ClusterConfig::apiserver_sans},
      {"etcd.local.serverCertSANs", &ClusterConfig::etcd_server_sans},
      {"etcd.local.peerCertSANs", &ClusterConfig::etcd_peer_sans},
  };
  for (const auto& [field, member] : lists) {
    check_valid(with([&, m = member](auto& c) {
      c.*m = {"a", "a.b", "*.a.b", "10.0.0.1", "::1", "2001:DB8::1", "a", "127.0.0.1"};
    }));
    for (const auto& bad : bad_names())
      check_refused(with([&, m = member](auto& c) {
                      c.*m = {"good", bad, "10.0.0.1"};
                    }),
                    std::string(field) + "[1]", "invalid value " + pki::base::shown_value(bad));
  }
}

TEST_CASE("upper case is folded in the API server's extra names and an error in etcd's") {
  check_valid(with([](auto& c) { c.apiserver_sans = {"API.Example.COM", "*.EXAMPLE.com"}; }));
  check_refused(with([](auto& c) { c.etcd_server_sans = {"Etcd"}; }), "etcd.local.serverCertSANs[0]", "Etcd");
  check_refused(with([](auto& c) { c.etcd_peer_sans = {"Etcd"}; }), "etcd.local.peerCertSANs[0]", "Etcd");
}

TEST_CASE("names for an etcd that is elsewhere are of no use, and that is said") {
  const auto external = with([](auto& c) {
    c.external_etcd.emplace().endpoints.emplace_back("https://etcd:2379");
    c.etcd_peer_sans = {"a"};
  });
  check_valid(external);
  const auto found = pki::validate(external).warnings;
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == "etcd.local.peerCertSANs");
}

TEST_CASE("an IPv4 address in IPv6 clothes is told apart from a mistyped name") {
  check_refused(with([](auto& c) { c.apiserver_sans = {"::ffff:10.0.0.1"}; }), "apiServer.certSANs[0]", "IPv4-mapped");
}

TEST_CASE("a valid configuration comes back unchanged, with the addresses in it parsed") {
  struct Case {
    const char* address;
    const char* endpoint;
    const char* subnet;
    const char* wanted_address;
    const char* service;
    const char* host;
    const char* url;
    const char* local;
  };
  const Case cases[] = {
      {"192.168.10.11", "", "10.96.0.0/12", "192.168.10.11", "10.96.0.1", "", "https://192.168.10.11:6444",
       "https://192.168.10.11:6444"},
      {"2001:DB8:0::0011", "api.example", "FD00::/108", "2001:db8::11", "fd00::1", "api.example",
       "https://api.example:6444", "https://[2001:db8::11]:6444"},
      {"192.168.10.11", "[2001:db8::1]:443", "10.96.3.4/16", "192.168.10.11", "10.96.0.1", "2001:db8::1",
       "https://[2001:db8::1]:443", "https://192.168.10.11:6444"},
  };
  for (const auto& [address, endpoint, subnet, wanted_address, service, host, url, local] : cases) {
    CAPTURE(address, endpoint, subnet);
    auto config = valid();
    config.advertise_address = address;
    config.control_plane_endpoint = endpoint;
    config.service_subnets = {subnet};
    config.bind_port = 6444;
    const auto parsed = pki::validate(config).value();
    CHECK((*parsed == config));
    CHECK(parsed->bind_port == 6444);
    CHECK(parsed.advertise_address() == wanted_address);
    CHECK(parsed.first_service_address() == service);
    CHECK(parsed.control_plane_host() == host);
    CHECK(parsed.control_plane_url() == url);
    CHECK(parsed.local_url() == local);
  }
}

TEST_CASE("an invalid configuration has no value, and the error names the first problem") {
  const auto validation = pki::validate(with([](auto& c) {
    c.node_name = "a_b";
    c.bind_port = 0;
  }));
  CHECK_FALSE(validation.config);
  REQUIRE(validation.problems.size() == 2);
  try {
    (void)validation.value();
    FAIL("has a value");
  } catch (const pki::Error& error) {
    CHECK((error.code() == pki::Errc::invalid_config));
    CHECK(error.finding() == validation.problems.front());
  }
}
