// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <pki/live.hpp>

#include <support/catch.hpp>

namespace {

pki::Inventory inventory_without_etcd() {
  pki::Inventory inventory;
  for (const auto& row : pki::default_catalog().rows()) {
    inventory.entries.emplace_back();
    inventory.entries.back().row = &row;
  }
  return inventory;
}

int port_of(const std::vector<pki::Endpoint>& endpoints, const std::string& name) {
  const auto found = std::ranges::find(endpoints, name, &pki::Endpoint::name);
  return found == endpoints.end() ? 0 : found->port;
}

}  // namespace

TEST_CASE("an endpoint is HOST:PORT, with brackets around an IPv6 address, and is written as it is read") {
  struct Case {
    const char* text;
    const char* host;
    int port;
  };
  for (const Case c : {Case{"192.0.2.1:6443", "192.0.2.1", 6443}, Case{"[2001:db8::1]:443", "2001:db8::1", 443},
                       Case{"localhost:1", "localhost", 1}, Case{"API.example.com:65535", "api.example.com", 65535}}) {
    CAPTURE(c.text);
    const auto endpoint = pki::parse_endpoint(c.text);
    REQUIRE(endpoint);
    CHECK(endpoint->host == c.host);
    CHECK(endpoint->port == c.port);
    CHECK(pki::parse_endpoint(to_string(*endpoint)) == endpoint);
  }
}

TEST_CASE("what is not HOST:PORT is not an endpoint") {
  for (const char* text :
       {"", ":", "host", "host:", ":443", "host:0", "host:65536", "host:-1", "host:44x", "host:+44", "2001:db8::1",
        "[2001:db8::1]", "[2001:db8::1:443", "2001:db8::1]:443", "a b:443", "010.0.0.1:443", "host:443 "}) {
    CAPTURE(text);
    CHECK_FALSE(pki::parse_endpoint(text));
  }
}

TEST_CASE("the local endpoints are those of a control plane, without etcd where there is none, at the saved port") {
  auto inventory = inventory_without_etcd();
  auto endpoints = pki::local_endpoints(inventory);
  CHECK(port_of(endpoints, "apiserver") == 6443);
  CHECK(port_of(endpoints, "etcd-server") == 0);
  CHECK(port_of(endpoints, "kubelet") == 10250);
  CHECK(port_of(endpoints, "kube-scheduler") == 10259);
  CHECK(std::ranges::all_of(endpoints, [](const auto& one) { return one.host == "127.0.0.1" && !one.required; }));

  for (auto& entry : inventory.entries)
    entry.exists = true;
  inventory.saved_config.emplace().config.bind_port = 7443;
  endpoints = pki::local_endpoints(inventory);
  CHECK(port_of(endpoints, "apiserver") == 7443);
  CHECK(port_of(endpoints, "etcd-server") == 2379);
  inventory.saved_config->problems.push_back({.subject = "a", .message = "b"});
  CHECK(port_of(pki::local_endpoints(inventory), "apiserver") == 6443);
}

TEST_CASE("a kubelet whose certificate is a row is asked for that, and no further server has the port of the API") {
  pki::ClusterConfig config;
  auto& rows = config.rows.emplace();
  rows.optional = {"kubelet-server"};
  rows.leaves = {{.name = "vpn", .issuer = "ca", .profile = pki::Profile::server, .sans = {"vpn.example"}}};
  pki::Inventory inventory{.catalog = pki::catalog_of(config)};
  for (const auto& row : inventory.catalog.rows()) {
    inventory.entries.emplace_back();
    inventory.entries.back().row = &row;
    inventory.entries.back().exists = true;
  }
  config.bind_port = 7443;
  inventory.saved_config.emplace().config = config;
  const auto endpoints = pki::local_endpoints(inventory);
  CHECK(port_of(endpoints, "kubelet-server") == 10250);
  CHECK(std::ranges::count(endpoints, 10250, &pki::Endpoint::port) == 1);
  CHECK(std::ranges::count(endpoints, 7443, &pki::Endpoint::port) == 1);
  CHECK(port_of(endpoints, "vpn") == 0);
}

TEST_CASE("a host name becomes a node name in lower case") {
  CHECK(pki::to_node_name("CP-1.Example.COM") == "cp-1.example.com");
  CHECK(pki::to_node_name("").empty());
}
