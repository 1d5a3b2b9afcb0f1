// SPDX-License-Identifier: Apache-2.0
#include <pki/report.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

// What a report expects of hosts that are not a control plane with an etcd of its own, and whose identity it looks at.

using namespace pki;

namespace {

const ClusterConfig config = build::config();

// A host without a saved configuration that has the files of these rows alone.
Inventory host(std::initializer_list<std::string_view> rows) {
  auto inventory = build::nothing(config);
  for (const auto name : rows)
    build::at(inventory, name) = build::sound_entry(default_catalog().find_row(name), config);
  return inventory;
}

Inventory worker() {
  auto inventory = host({"ca", "kubelet.conf"});
  build::make_external(inventory, "ca");
  return inventory;
}

// What `init` left, with nothing to say about it.
Inventory saved() {
  auto inventory = build::sound(config);
  for (auto& entry : inventory.entries)
    for (auto& certificate : entry.certificates)
      certificate.key_algorithm = to_string(config.algorithm);
  return inventory;
}

Inventory kubeadm_made() {
  auto inventory = saved();
  inventory.saved_config.reset();
  return inventory;
}

std::string names(const Report& report) {
  std::string text;
  for (const auto* rows : {&report.certificates, &report.authorities, &report.others})
    for (const auto& row : *rows)
      text.append(text.empty() ? "" : " ").append(row.name);
  return text;
}

std::vector<Rule> rules(const Report& report) {
  std::vector<Rule> found;
  for (const auto& note : report.notes)
    found.push_back(note.rule);
  return found;
}

const ReportRow& row(const Report& report, std::string_view name) {
  for (const auto* rows : {&report.certificates, &report.authorities, &report.others})
    for (const auto& found : *rows)
      if (found.name == name) return found;
  throw std::runtime_error("no row " + std::string(name));
}

// What the kubelet makes of its kubeconfig once it has joined, as `load` reads it.
void point_to(Entry& entry, const std::string& file) {
  entry.kubeconfig->client_certificate_file = entry.kubeconfig->client_key_file = file;
}

constexpr auto kubelet_file = "/var/lib/kubelet/pki/kubelet-client-current.pem";

UnmanagedCertificate kubelet_certificate() {
  auto certificate = build::certificate(default_catalog().find_row("kubelet.conf"), config);
  return {"kubelet-client-current.pem", kubelet_file, "kubelet", certificate, "", ""};
}

}  // namespace

TEST_CASE("a report expects what the inferred role has, and says which role that is") {
  struct Case {
    Inventory inventory;
    Role role;
    const char* names;
    const char* note;
  };
  for (const auto& [inventory, role, expected, note] :
       {Case{worker(), Role::worker, "ca kubelet.conf", "taken for a worker, which has ca, kubelet.conf"},
        Case{host({"etcd-ca", "etcd-server", "etcd-peer", "etcd-healthcheck-client"}), Role::etcd_host,
             "etcd-healthcheck-client etcd-peer etcd-server etcd-ca", "taken for an etcd host"},
        Case{host({"ca", "front-proxy-ca", "etcd-ca"}), Role::ca_host, "ca etcd-ca front-proxy-ca",
             "taken for a CA host"}}) {
    const auto report = inspect(inventory, {}, build::now);
    CAPTURE(expected);
    CHECK(names(report) == expected);
    CHECK(report.worst() == State::valid);
    CHECK(report.role == role);
    CHECK(report.role_inferred);
    CHECK(rules(report) == std::vector{Rule::role_inferred});
    CHECK_THAT(report.notes.at(0).message, contains(note));
  }
}

TEST_CASE("what the role has and the host lacks is missing, and nothing else") {
  auto inventory = worker();
  build::lose(inventory, "ca");
  auto report = inspect(inventory, {}, build::now);
  CHECK(row(report, "ca").state == State::missing);
  CHECK(report.worst() == State::missing);

  inventory = host({"etcd-ca", "etcd-server", "etcd-peer"});
  report = inspect(inventory, {}, build::now);
  CHECK(row(report, "etcd-healthcheck-client").state == State::missing);
  CHECK(names(report) == "etcd-healthcheck-client etcd-peer etcd-server etcd-ca");

  inventory = saved();
  inventory.saved_config->config.role = Role::worker;
  build::lose(inventory, "kubelet.conf");
  report = inspect(inventory, {}, build::now);
  CHECK(row(report, "kubelet.conf").state == State::missing);
  CHECK_FALSE(report.role_inferred);
}

TEST_CASE("a control plane that lost most of its files is still one") {
  for (const auto* left : {"apiserver", "sa", "scheduler.conf", "front-proxy-client"}) {
    CAPTURE(left);
    const auto report = inspect(host({"ca", "kubelet.conf", left}), {}, build::now);
    CHECK(report.role == Role::first_control_plane);
    CHECK(row(report, "admin.conf").state == State::missing);
    CHECK(report.worst() >= State::missing);
  }
}

TEST_CASE("of an external etcd that nothing names the CA and the client certificate are watched") {
  auto inventory = kubeadm_made();
  for (const auto* name : {"etcd-server", "etcd-peer", "etcd-healthcheck-client"})
    build::lose(inventory, name);
  build::make_external(inventory, "etcd-ca");
  auto report = inspect(inventory, {}, build::now);
  CHECK(report.worst() == State::valid);
  CHECK(row(report, "apiserver-etcd-client").externally_managed);
  CHECK(names(report).find("etcd-server") == std::string::npos);
  CHECK(rules(report) == std::vector{Rule::etcd_assumed_external});
  build::at(inventory, "apiserver-etcd-client").certificates[0].not_after = build::now - std::chrono::seconds{1};
  CHECK(row(inspect(inventory, {}, build::now), "apiserver-etcd-client").state == State::expired);
}

TEST_CASE("the files that the configuration names for an external etcd are watched, and missed") {
  auto inventory = saved();
  inventory.saved_config->config.external_etcd =
      ExternalEtcd{{"https://192.0.2.9:2379"}, "/e/ca.crt", "/e/client.crt", "/e/client.key"};
  for (const auto* name : {"etcd-ca", "apiserver-etcd-client"}) {
    auto& entry = build::at(inventory, name);
    entry.external_etcd = true;
    entry.path = std::string(name) == "etcd-ca" ? "/e/ca.crt" : "/e/client.crt";
  }
  build::lose_key(build::at(inventory, "etcd-ca"));
  auto report = inspect(inventory, {}, build::now);
  CHECK(report.worst() == State::valid);
  CHECK(rules(report).empty());
  CHECK(row(report, "apiserver-etcd-client").path == "/e/client.crt");
  CHECK(row(report, "apiserver-etcd-client").owner == "external");
  CHECK(row(report, "etcd-ca").externally_managed);
  CHECK(names(report).find("etcd-peer") == std::string::npos);
  build::lose(inventory, "apiserver-etcd-client");
  CHECK(row(inspect(inventory, {}, build::now), "apiserver-etcd-client").state == State::missing);
}

TEST_CASE("a directory that does not exist is one alarm, and no row is missing there") {
  auto inventory = build::nothing(config);
  inventory.certificates_dir_exists = false;
  auto report = inspect(inventory, {}, build::now);
  CHECK(names(report).empty());
  REQUIRE(rules(report) == std::vector{Rule::not_found});
  CHECK(report.notes[0].subject == "/k/pki");
  CHECK(report.worst() == State::invalid);
  // With kubeconfigs beside it the directory has been lost.
  build::at(inventory, "admin.conf") = build::sound_entry(default_catalog().find_row("admin.conf"), config);
  report = inspect(inventory, {}, build::now);
  CHECK(row(report, "apiserver").state == State::missing);
}

TEST_CASE("a directory without any kubeconfig is named beside the missing rows") {
  auto inventory = saved();
  for (auto& entry : inventory.entries)
    if (entry.row->form == Form::kubeconfig) build::lose(entry);
  const auto report = inspect(inventory, {}, build::now);
  CHECK(row(report, "admin.conf").state == State::missing);
  REQUIRE(rules(report) == std::vector{Rule::kubeconfigs_not_found});
  CHECK(report.notes[0].subject == "/k");
  CHECK(report.notes[0].remedy == Remedy(Remedy::Kind::name_kubeconfigs, {}));
}

TEST_CASE("a kubeconfig with the identity of another component is a note without a configuration") {
  auto inventory = kubeadm_made();
  CHECK(rules(inspect(inventory, {}, build::now)).empty());
  for (const auto* name : {"kubelet.conf", "scheduler.conf"}) {
    CAPTURE(name);
    inventory = kubeadm_made();
    build::at(inventory, name).certificates = inventory.find("admin.conf").certificates;
    build::at(inventory, name).key = inventory.find("admin.conf").key;
    const auto report = inspect(inventory, {}, build::now);
    REQUIRE(rules(report) == std::vector{Rule::identity_of_another});
    CHECK(report.notes[0].subject == "/k/" + std::string(name));
    CHECK(report.notes[0].severity == Severity::warning);
    CHECK(report.worst() == State::valid);
  }
}

TEST_CASE("a kubelet's identity is compared also with a configuration, but not the name of its node") {
  auto inventory = saved();
  auto& certificate = build::at(inventory, "kubelet.conf").certificates[0];
  certificate.common_name = "system:node:another";
  CHECK(rules(inspect(inventory, {}, build::now)).empty());
  certificate.common_name = "kubernetes-admin";
  CHECK(rules(inspect(inventory, {}, build::now)) == std::vector{Rule::identity_of_another});
}

TEST_CASE("where the CA's key is elsewhere its holder is asked for the right identity") {
  auto inventory = worker();
  build::at(inventory, "kubelet.conf").certificates[0].organizations = {"system:masters"};
  const auto report = inspect(inventory, {}, build::now);
  const auto note = std::ranges::find(report.notes, Rule::identity_of_another, &Finding::rule);
  REQUIRE(note != report.notes.end());
  CHECK(note->remedy.kind == Remedy::Kind::supply_ca_key_to_init);
}

TEST_CASE("a kubeconfig without a server, and one with the credentials of a former CA, are alarms") {
  struct Case {
    Rule rule;
    void (*damage)(Entry&);
  };
  for (const auto& [rule, damage] :
       {Case{Rule::kubeconfig_server_missing, [](Entry& entry) { entry.kubeconfig->server.clear(); }},
        Case{Rule::not_signed_by_ca, [](Entry& entry) { entry.signed_by_issuer = false; }},
        Case{Rule::not_signed_by_ca, [](Entry& entry) {
               entry.signed_by_issuer = false;
               point_to(entry, kubelet_file);
             }}}) {
    for (const auto* name : {"kubelet.conf", "scheduler.conf"}) {
      auto inventory = kubeadm_made();
      damage(build::at(inventory, name));
      const auto report = inspect(inventory, {}, build::now);
      CAPTURE(to_string(rule), name);
      CHECK(row(report, name).state == State::invalid);
      REQUIRE(rules(report) == std::vector{rule});
      CHECK(report.notes[0].severity == Severity::error);
    }
  }
}

TEST_CASE("a certificate to which a kubeconfig refers has its dates in the row, and an owner") {
  auto inventory = kubeadm_made();
  point_to(build::at(inventory, "scheduler.conf"), "/k/pki/scheduler.pem");
  point_to(build::at(inventory, "kubelet.conf"), kubelet_file);
  const auto report = inspect(inventory, {}, build::now);
  CHECK(report.worst() == State::valid);
  CHECK(row(report, "scheduler.conf").certificate);
  CHECK(row(report, "scheduler.conf").reason == "points to /k/pki/scheduler.pem");
  CHECK(row(report, "scheduler.conf").owner == "unknown");
  CHECK(row(report, "kubelet.conf").owner == "kubelet");
  build::at(inventory, "scheduler.conf").certificates[0].not_after = build::now - std::chrono::seconds{1};
  CHECK(row(inspect(inventory, {}, build::now), "scheduler.conf").state == State::expired);
}

TEST_CASE("a user with a token needs no certificate") {
  auto inventory = kubeadm_made();
  auto& entry = build::at(inventory, "admin.conf");
  entry.certificates.clear();
  entry.key.reset();
  entry.kubeconfig->other_credentials = true;
  const auto report = inspect(inventory, {}, build::now);
  CHECK(report.worst() == State::valid);
  CHECK_THAT(row(report, "admin.conf").reason, contains("other credentials"));
}

TEST_CASE("the kubelet's certificate beside an embedded one is judged as that of its kubeconfig") {
  auto inventory = kubeadm_made();
  auto found = kubelet_certificate();
  found.signed_by_ca = true;
  CHECK(rules(inspect(inventory, {found}, build::now)).empty());

  found.certificate->common_name = "kubernetes-admin";
  auto report = inspect(inventory, {found}, build::now);
  CHECK(rules(report) == std::vector{Rule::identity_of_another});
  CHECK(report.worst() == State::valid);

  found = kubelet_certificate();
  found.signed_by_ca = false;
  report = inspect(inventory, {found}, build::now);
  CHECK(rules(report) == std::vector{Rule::not_signed_by_ca});
  CHECK(row(report, "kubelet-client-current.pem").state == State::invalid);

  // The kubeconfig that points to it has been judged with its signature.
  point_to(build::at(inventory, "kubelet.conf"), kubelet_file);
  CHECK(rules(inspect(inventory, {found}, build::now)).empty());
}

TEST_CASE("the names of the other naming are drift only where the configuration chooses a naming") {
  for (const auto naming : {Naming::recommended, Naming::kubeadm}) {
    auto made_as = config;
    made_as.naming = naming;
    auto inventory = build::sound(made_as);
    for (auto& entry : inventory.entries)
      for (auto& certificate : entry.certificates)
        certificate.key_algorithm = to_string(config.algorithm);
    auto& saved = *inventory.saved_config;
    for (const auto asked_for : {Naming::recommended, Naming::kubeadm}) {
      saved.config.naming = asked_for;
      saved.lines.clear();
      CHECK(rules(inspect(inventory, {}, build::now)).empty());
      saved.lines["naming"] = 7;
      const auto found = rules(inspect(inventory, {}, build::now));
      if (naming == asked_for)
        CHECK(found.empty());
      else
        CHECK(found == std::vector{Rule::organization_differs, Rule::common_name_differs, Rule::common_name_differs});
    }
  }
}

TEST_CASE("a name of neither naming is drift under any configuration") {
  auto inventory = saved();
  build::at(inventory, "etcd-server").certificates[0].common_name = "cp-2";
  build::at(inventory, "admin.conf").certificates[0].organizations.clear();
  CHECK(rules(inspect(inventory, {}, build::now)) ==
        std::vector{Rule::common_name_differs, Rule::organization_differs});
}

TEST_CASE("a node that is called by its address may have a name of digits, as kubeadm writes it") {
  struct Case {
    const char* node_name;
    GeneralName found;
    std::vector<Rule> rules;
  };
  using Kind = GeneralName::Kind;
  const std::vector both{Rule::names_missing, Rule::names_unexplained};
  const Case cases[] = {
      {"192.0.2.20", {Kind::dns, "192.0.2.20"}, {}},
      {"192.0.2.20", {Kind::ip, "192.0.2.20"}, {}},
      {"192.0.2.20", {Kind::dns, "192.0.2.21"}, both},
      {"192.0.2.20", {Kind::ip, "192.0.2.21"}, both},
      // Who connects to the advertise address wants an IP address.
      {"192.168.10.11", {Kind::dns, "192.168.10.11"}, {Rule::names_missing}},
      {"cp-1", {Kind::dns, "192.0.2.20"}, both},
  };
  for (const auto& [node_name, found, expected] : cases) {
    CAPTURE(node_name, found.value);
    auto wanted = config;
    wanted.node_name = node_name;
    auto inventory = build::sound(wanted);
    for (auto& entry : inventory.entries)
      for (auto& certificate : entry.certificates)
        certificate.key_algorithm = to_string(config.algorithm);
    auto& sans = build::at(inventory, "apiserver").certificates[0].sans;
    const auto address = model::parse_san(node_name);
    std::ranges::replace(sans, address, found);
    CHECK(rules(inspect(inventory, {}, build::now)) == expected);
    const auto conflicts = build::plan_init(wanted, inventory, build::now).conflicts;
    CHECK(conflicts.empty() == (std::ranges::find(expected, Rule::names_missing) == expected.end()));
  }
}
