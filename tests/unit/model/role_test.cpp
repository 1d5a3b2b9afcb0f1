// SPDX-License-Identifier: Apache-2.0
#include "model/role.hpp"

#include <pki/external_etcd.hpp>

#include <string_view>
#include <utility>
#include <vector>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace pki;
using model::host_role;
using model::infer_role;

namespace {

const ClusterConfig config = build::config();

/// Files is a host that has the files of some rows, and of some CAs the certificate alone.
struct Files {
  std::vector<std::string_view> rows;
  std::vector<std::string_view> external_cas{};
};

Inventory host(const Files& files) {
  auto inventory = build::nothing(config);
  for (const auto name : files.rows)
    build::at(inventory, name) = build::sound_entry(default_catalog().find_row(name), config);
  for (const auto name : files.external_cas) {
    build::at(inventory, name) = build::sound_entry(default_catalog().find_row(name), config);
    build::make_external(inventory, name);
  }
  return inventory;
}

}  // namespace

TEST_CASE("the role of a host is inferred from its files, and in doubt it is a control plane") {
  using enum Role;
  const std::pair<Files, Role> cases[] = {
      {{}, first_control_plane},
      // A worker, and what is not quite one.
      {{{"kubelet.conf"}, {"ca"}}, worker},
      {{{"kubelet.conf"}}, worker},
      {{{"kubelet.conf", "ca"}}, first_control_plane},
      {{{"kubelet.conf", "apiserver"}, {"ca"}}, first_control_plane},
      {{{"kubelet.conf", "sa"}, {"ca"}}, first_control_plane},
      {{{"kubelet.conf", "admin.conf"}, {"ca"}}, first_control_plane},
      {{{"kubelet.conf", "controller-manager.conf"}}, first_control_plane},
      {{{"kubelet.conf"}, {"ca", "front-proxy-ca"}}, first_control_plane},
      {{{"kubelet.conf"}, {"ca", "etcd-ca"}}, first_control_plane},
      {{{"kubelet.conf", "etcd-server"}, {"ca"}}, first_control_plane},
      {{{}, {"ca"}}, first_control_plane},
      // An etcd host.
      {{{"etcd-ca", "etcd-server", "etcd-peer", "etcd-healthcheck-client"}}, etcd_host},
      {{{"etcd-server", "etcd-peer"}, {"etcd-ca"}}, etcd_host},
      {{{"etcd-ca", "etcd-server", "apiserver-etcd-client"}}, etcd_host},
      {{{"etcd-server"}}, etcd_host},
      {{{"etcd-ca", "etcd-server", "apiserver"}}, first_control_plane},
      {{{"etcd-ca", "etcd-server"}, {"ca"}}, first_control_plane},
      {{{"apiserver-etcd-client"}, {"etcd-ca"}}, first_control_plane},
      // A CA host.
      {{{"ca", "front-proxy-ca", "etcd-ca"}}, ca_host},
      {{{"ca"}}, ca_host},
      {{{"ca"}, {"etcd-ca"}}, ca_host},
      {{{"ca", "sa"}}, first_control_plane},
      {{{"ca", "scheduler.conf"}}, first_control_plane},
      {{{}, {"ca", "front-proxy-ca"}}, first_control_plane},
  };
  for (const auto& [files, role] : cases) {
    std::string names;
    for (const auto name : files.rows)
      names.append(name).append(" ");
    CAPTURE(names, files.external_cas.size());
    CHECK(to_string(infer_role(host(files))) == to_string(role));
  }
}

TEST_CASE("half of a pair shows the role as well") {
  auto inventory = host({{"kubelet.conf", "apiserver"}, {"ca"}});
  build::lose_certificate(build::at(inventory, "apiserver"));
  CHECK(infer_role(inventory) == Role::first_control_plane);
}

TEST_CASE("what the configuration says about the role counts, then what is saved, then the files") {
  auto inventory = host({{"kubelet.conf"}, {"ca"}});
  CHECK(host_role(&config, inventory).role == Role::worker);
  CHECK(host_role(&config, inventory).inferred);
  inventory.saved_config.emplace().config.role = Role::joining_control_plane;
  CHECK(host_role(nullptr, inventory).role == Role::joining_control_plane);
  CHECK_FALSE(host_role(&config, inventory).inferred);
  auto said = config;
  said.role = Role::etcd_host;
  CHECK(host_role(&said, inventory).role == Role::etcd_host);
  inventory.saved_config->problems.push_back({.subject = "x"});
  CHECK(host_role(nullptr, inventory).role == Role::worker);
}

TEST_CASE("without a configuration etcd is external where at most its CA and the API server's client are here") {
  struct Case {
    const char* name;
    Files files;
    bool external;
  };
  const Case cases[] = {
      {"nothing of etcd", {{"ca", "apiserver"}}, true},
      {"nothing at all", {}, false},
      {"what reaches it", {{"ca", "apiserver", "apiserver-etcd-client"}, {"etcd-ca"}}, true},
      {"the key of its CA", {{"ca", "apiserver", "apiserver-etcd-client", "etcd-ca"}}, false},
      {"its server", {{"ca", "apiserver", "apiserver-etcd-client", "etcd-server"}, {"etcd-ca"}}, false},
      {"its liveness probe",
       {{"ca", "apiserver", "apiserver-etcd-client", "etcd-healthcheck-client"}, {"etcd-ca"}},
       false},
      {"its CA alone", {{"ca", "apiserver"}, {"etcd-ca"}}, false},
      {"its client alone", {{"ca", "apiserver", "apiserver-etcd-client"}}, false},
  };
  for (const auto& [name, files, external] : cases) {
    CAPTURE(name);
    const auto role = host_role(nullptr, host(files));
    CHECK(role.external_etcd == external);
    CHECK(role.etcd_inferred == external);
    CHECK_FALSE(host_role(&config, host(files)).external_etcd);
  }
}

TEST_CASE("of an external etcd a control plane has what the configuration names, or what is here") {
  auto inventory = build::sound(config);
  auto external = config;
  external.external_etcd.emplace();
  auto role = host_role(&external, inventory);
  CHECK(role.expects(inventory.find("apiserver-etcd-client")));
  CHECK(role.expects(inventory.find("etcd-ca")));
  CHECK_FALSE(role.shows(inventory.find("etcd-server")));
  build::lose(inventory, "apiserver-etcd-client");
  CHECK_FALSE(role.shows(inventory.find("apiserver-etcd-client")));

  external.external_etcd = ExternalEtcd{{"https://192.0.2.9:2379"}, "/e/ca.crt", "/e/c.crt", "/e/c.key"};
  role = host_role(&external, inventory);
  CHECK_FALSE(role.shows(inventory.find("etcd-ca")));
  build::at(inventory, "apiserver-etcd-client").external_etcd = true;
  CHECK(role.expects(inventory.find("apiserver-etcd-client")));
}

TEST_CASE("a file of another role is shown where it is, and not expected") {
  auto worker = config;
  worker.role = Role::worker;
  auto inventory = host({{"kubelet.conf", "admin.conf"}, {"ca"}});
  const auto role = host_role(&worker, inventory);
  CHECK(role.shows(inventory.find("admin.conf")));
  CHECK_FALSE(role.expects(inventory.find("admin.conf")));
  CHECK_FALSE(role.shows(inventory.find("scheduler.conf")));
  CHECK(role.why_not(*inventory.find("scheduler.conf").row) == "not on a worker");
}

TEST_CASE("kubeconfigs are elsewhere where a control plane has other files and none of them") {
  auto inventory = build::sound(config);
  const auto lacks = [&] { return lacks_kubeconfigs(host_role(&config, inventory), inventory); };
  for (const auto* name : {"admin.conf", "super-admin.conf", "kubelet.conf", "controller-manager.conf"})
    build::lose(inventory, name);
  CHECK_FALSE(lacks());
  build::lose(inventory, "scheduler.conf");
  CHECK(lacks());
  const auto etcd = host({{"etcd-ca", "etcd-server"}});
  CHECK_FALSE(lacks_kubeconfigs(host_role(nullptr, etcd), etcd));
  const auto none = build::nothing(config);
  CHECK_FALSE(lacks_kubeconfigs(host_role(nullptr, none), none));
}

TEST_CASE("each role has a name that is read back, and no other text is one") {
  using enum Role;
  for (const auto role : {first_control_plane, joining_control_plane, etcd_host, worker, ca_host})
    CHECK(parse_role(to_string(role)) == role);
  for (const auto* text : {"", "Worker", "node", "control-plane ", "first"})
    CHECK_FALSE(parse_role(text));
}

TEST_CASE("etcd is taken for an external one beside certificates of a control plane, or its client alone") {
  const std::pair<Files, bool> cases[] = {
      {{{"apiserver-etcd-client"}, {"etcd-ca"}}, true},
      {{{"ca", "apiserver", "apiserver-etcd-client"}, {"etcd-ca"}}, true},
      {{{"ca", "apiserver"}}, true},
      {{{"scheduler.conf"}, {"ca"}}, true},
      // With the key of the CA, or a server, etcd is here.
      {{{"etcd-ca", "apiserver-etcd-client", "apiserver"}}, false},
      {{{"etcd-server", "apiserver-etcd-client", "apiserver"}, {"etcd-ca"}}, false},
      {{{"apiserver-etcd-client", "apiserver"}}, false},
      {{{"apiserver"}, {"etcd-ca"}}, false},
      // From these a control plane is made.
      {{}, false},
      {{{"ca", "front-proxy-ca"}}, false},
      {{{"ca", "front-proxy-ca", "sa"}}, false},
      // Hosts that have no etcd in any case.
      {{{"kubelet.conf"}, {"ca"}}, false},
      {{{"etcd-ca", "etcd-server", "etcd-peer"}}, false},
  };
  for (const auto& [files, external] : cases) {
    auto inventory = host(files);
    std::string names;
    for (const auto name : files.rows)
      names.append(name).append(" ");
    CAPTURE(names, files.external_cas.size());
    const auto found = assume_external_etcd(inventory);
    REQUIRE(found.has_value() == external);
    if (found) CHECK(found->rule == Rule::etcd_assumed_external);
    // A saved configuration says it.
    inventory.saved_config.emplace().config = config;
    CHECK_FALSE(assume_external_etcd(inventory));
  }
}
