// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "inventory_builder.hpp"
#include "plan_checks.hpp"

// What `init` and `renew` expect of hosts that are not a control plane with an etcd of its own.

using namespace build;
using pki::Action;
using pki::Role;
using pki::Rule;
using Kind = pki::Remedy::Kind;

namespace {

pki::Inventory worker() {
  auto inventory = host({"ca", "kubelet.conf"});
  make_external(inventory, "ca");
  return inventory;
}

pki::RenewOptions due() {
  pki::RenewOptions options;
  options.if_due.emplace().span = 30 * day;
  return options;
}

pki::RenewOptions named(const char* row) {
  pki::RenewOptions options;
  options.rows.push_back(&pki::default_catalog().find_row(row));
  return options;
}

void point_to(pki::Inventory& inventory, std::string_view name, const std::string& file) {
  auto& facts = *at(inventory, name).kubeconfig;
  facts.client_certificate_file = facts.client_key_file = file;
}

constexpr auto kubelet_file = "/var/lib/kubelet/pki/kubelet-client-current.pem";

}  // namespace

TEST_CASE("init makes what the role has, and saves the role") {
  const std::pair<Role, std::string> cases[] = {
      {Role::first_control_plane, every_row},
      {Role::etcd_host, "etcd-ca etcd-server etcd-peer etcd-healthcheck-client"},
      {Role::ca_host, "ca front-proxy-ca etcd-ca"},
  };
  for (const auto& [role, rows] : cases) {
    const auto plan = plan_init(with_role(role), nothing(config()), now);
    CHECK(names(plan, Action::create) == rows);
    CHECK(listed(plan.conflicts).empty());
    REQUIRE(plan.config_to_save);
    CHECK(plan.config_to_save->role == role);
  }
  CHECK(plan_init(config(), nothing(config()), now).config_to_save->role == Role::first_control_plane);
}

TEST_CASE("a joining control plane makes its own files with the CAs and the token key of the cluster") {
  const auto plan =
      plan_init(with_role(Role::joining_control_plane), host({"ca", "front-proxy-ca", "etcd-ca", "sa"}), now);
  CHECK(names(plan, Action::create) ==
        "apiserver apiserver-kubelet-client front-proxy-client etcd-server etcd-peer etcd-healthcheck-client "
        "apiserver-etcd-client admin.conf kubelet.conf controller-manager.conf scheduler.conf");
  CHECK(listed(plan.conflicts).empty());
  CHECK(plan.config_to_save->role == Role::joining_control_plane);
}

TEST_CASE("what a joining control plane lacks of the cluster is said once, and never made") {
  struct Case {
    pki::Inventory inventory;
    Paths missing;
    bool external_etcd{false};
  };
  const Case cases[] = {
      {host({}), {"/k/pki/ca.crt", "/k/pki/etcd/ca.crt", "/k/pki/front-proxy-ca.crt", "/k/pki/sa.pub"}},
      {host({}), {"/k/pki/ca.crt", "/k/pki/front-proxy-ca.crt", "/k/pki/sa.pub"}, true},
      {host({"ca", "front-proxy-ca", "etcd-ca"}), {"/k/pki/sa.pub"}},
      {host({"ca", "front-proxy-ca", "sa", "apiserver"}), {"/k/pki/etcd/ca.crt"}},
  };
  for (const auto& [inventory, missing, external_etcd] : cases) {
    auto wanted = with_role(Role::joining_control_plane);
    if (external_etcd) wanted.external_etcd.emplace();
    const auto plan = plan_init(wanted, inventory, now);
    CHECK(subjects(plan.conflicts) == missing);
    for (const auto& conflict : plan.conflicts) {
      CHECK((conflict.remedy.kind == Kind::restore));
      CHECK(conflict.remedy.paths.size() == 2);
      CHECK_THAT(conflict.message, contains("JoinConfiguration"));
    }
    for (const auto* shared : {"ca", "front-proxy-ca", "etcd-ca", "sa"})
      CHECK(step(plan, shared).action() != Action::create);
  }
}

TEST_CASE("a row that is named on a host that joins needs the CA of the cluster") {
  const pki::CatalogRow* rows[] = {&pki::default_catalog().find_row("apiserver")};
  for (const auto role : {Role::joining_control_plane, Role::first_control_plane}) {
    const auto conflict = one(plan_init(with_role(role), nothing(config()), now, rows).conflicts);
    CHECK(conflict.rule == Rule::ca_missing);
    CHECK((conflict.remedy.kind == (role == Role::first_control_plane ? Kind::init : Kind::restore)));
  }
}

TEST_CASE("a kubelet of a worker asks the API server of the cluster, and never its own host") {
  auto wanted = with_role(Role::worker);
  auto plan = plan_init(wanted, host({"ca"}), now);
  CHECK(std::get<pki::Create>(step(plan, "kubelet.conf").what).server == "https://api.example:6443");
  CHECK(listed(plan.conflicts).empty());
  wanted.control_plane_endpoint.clear();
  plan = plan_init(wanted, host({"ca"}), now);
  CHECK(one(plan.conflicts).subject == "/k/kubelet.conf");
  CHECK((one(plan.conflicts).remedy.kind == Kind::set_field));
  // Of one that is there nothing is said then.
  CHECK(listed(plan_init(wanted, worker(), now).warnings).empty());
  wanted.role = Role::joining_control_plane;
  plan = plan_init(wanted, host({"ca", "front-proxy-ca", "etcd-ca", "sa"}), now);
  CHECK(std::get<pki::Create>(step(plan, "kubelet.conf").what).server == "https://192.168.10.11:6443");
}

TEST_CASE("a worker never gets a CA of its own") {
  const auto plan = plan_init(with_role(Role::worker), host({"kubelet.conf"}), now);
  CHECK(names(plan, Action::create).empty());
  CHECK(subjects(plan.conflicts) == Paths{"/k/kubelet.conf", "/k/pki/ca.crt"});
  CHECK((plan.conflicts.front().remedy.kind == Kind::restore));
}

TEST_CASE("init on a worker or an etcd host that nobody named makes no control plane of it") {
  const auto plan = plan_init(config(), worker(), now);
  CHECK(names(plan, Action::keep) == "ca kubelet.conf");
  CHECK(names(plan, Action::create).empty());
  CHECK(listed(plan.conflicts).empty());
  CHECK(step(plan, "apiserver").reason == "not on a worker");
  CHECK(plan.config_to_save->role == Role::worker);
  CHECK(names(plan_init(config(), host({"etcd-ca", "etcd-server", "etcd-peer"}), now), Action::create) ==
        "etcd-healthcheck-client");
  auto made = plan_init(with_role(Role::first_control_plane), host({"etcd-ca", "etcd-server", "etcd-peer"}), now);
  CHECK(step(made, "apiserver").action() == Action::create);
}

TEST_CASE("CAs alone are what init makes a control plane from, unless the role says otherwise") {
  const auto inventory = host({"ca", "front-proxy-ca", "etcd-ca"});
  CHECK(step(plan_init(config(), inventory, now), "apiserver").action() == Action::create);
  CHECK_FALSE(names(plan_init(with_role(Role::ca_host), inventory, now), Action::keep).empty());
  CHECK(names(plan_init(with_role(Role::ca_host), inventory, now), Action::create).empty());
}

TEST_CASE("a row that was named is made on any host, and saves no role") {
  const pki::CatalogRow* rows[] = {&pki::default_catalog().find_row("apiserver-etcd-client")};
  const auto inventory = host({"etcd-ca", "etcd-server"});
  auto plan = plan_init(config(), inventory, now, rows);
  CHECK(names(plan, Action::create) == "apiserver-etcd-client");
  CHECK_FALSE(plan.config_to_save->role);
  CHECK(names(plan_init(with_role(Role::etcd_host), inventory, now, rows), Action::create) == "apiserver-etcd-client");
}

TEST_CASE("a saved role counts where the configuration says nothing, and is kept") {
  auto inventory = host({"etcd-ca"});
  inventory.saved_config.emplace().config = with_role(Role::etcd_host);
  const auto plan = plan_init(config(), inventory, now);
  CHECK(names(plan, Action::create) == "etcd-server etcd-peer etcd-healthcheck-client");
  CHECK_FALSE(plan.config_to_save);
  const auto changed = plan_init(with_role(Role::ca_host), inventory, now);
  CHECK(changed.config_to_save->role == Role::ca_host);
}

TEST_CASE("init neither judges nor replaces the files to which a kubeconfig refers") {
  auto inventory = sound(config());
  point_to(inventory, "scheduler.conf", "/k/pki/scheduler.pem");
  auto& entry = at(inventory, "scheduler.conf");
  entry.certificates[0].not_after = now - day;
  entry.problems = {{Rule::reference_not_read, pki::Severity::error, "/k/pki/scheduler.pem", "cannot read"}};
  const auto plan = plan_init(config(), inventory, now);
  CHECK(listed(plan.conflicts).empty());
  CHECK(step(plan, "scheduler.conf").action() == Action::keep);
  CHECK(step(plan, "scheduler.conf").reason == "points to /k/pki/scheduler.pem");
  CHECK(one(plan.warnings).subject == "/k/pki/scheduler.pem");
}

TEST_CASE("renew says nothing of rows that the role does not have") {
  auto plan = plan_renew(nullptr, worker(), now);
  CHECK(listed(plan.warnings).empty());
  CHECK(listed(plan.failures).empty());
  CHECK(step(plan, "apiserver").reason == "not on a worker");
  plan = plan_renew(nullptr, host({"etcd-ca", "etcd-server", "etcd-peer", "etcd-healthcheck-client"}), now);
  CHECK(listed(plan.warnings).empty());
  CHECK(names(plan, Action::renew) == "etcd-server etcd-peer etcd-healthcheck-client");
}

TEST_CASE("kubeconfigs that are all elsewhere are one warning, and no reason to make others") {
  auto inventory = sound(config());
  for (auto& entry : inventory.entries)
    if (entry.row->form == pki::Form::kubeconfig) lose(entry);
  const auto warning = one(plan_renew(nullptr, inventory, now).warnings);
  CHECK(warning.subject == "/k");
  CHECK((warning.remedy.kind == Kind::name_kubeconfigs));
  CHECK(
      (one(plan_renew(nullptr, inventory, now, named("admin.conf")).conflicts).remedy.kind == Kind::name_kubeconfigs));
}

TEST_CASE("a certificate to which a kubeconfig refers is left alone, and renew says so") {
  auto inventory = sound(config());
  point_to(inventory, "scheduler.conf", "/k/pki/scheduler.pem");
  point_to(inventory, "kubelet.conf", kubelet_file);
  auto plan = plan_renew(nullptr, inventory, now);
  CHECK(step(plan, "scheduler.conf").action() == Action::skip);
  CHECK(step(plan, "kubelet.conf").action() == Action::skip);
  CHECK(one(plan.warnings).rule == Rule::renewed_elsewhere);
  CHECK(one(plan.warnings).subject == "/k/scheduler.conf");
  CHECK(listed(plan_renew(nullptr, inventory, now, due()).warnings).empty());

  at(inventory, "scheduler.conf").certificates[0].not_after = now + day;
  CHECK(one(plan_renew(nullptr, inventory, now, due()).warnings).rule == Rule::renewed_elsewhere);
  at(inventory, "scheduler.conf").certificates[0].not_after = now - day;
  plan = plan_renew(nullptr, inventory, now, due());
  CHECK(one(plan.failures).rule == Rule::renewed_elsewhere);
  CHECK_THAT(one(plan.failures).message, contains("expired on") && contains("/k/pki/scheduler.pem"));
  CHECK(one(plan_renew(nullptr, inventory, now, named("scheduler.conf")).conflicts).rule ==
        Rule::credentials_elsewhere);
}

TEST_CASE("the kubelet renews its certificate only while it is valid") {
  auto inventory = sound(config());
  point_to(inventory, "kubelet.conf", kubelet_file);
  at(inventory, "kubelet.conf").certificates[0].not_after = now + day;
  CHECK(listed(plan_renew(nullptr, inventory, now, due()).warnings).empty());
  at(inventory, "kubelet.conf").certificates[0].not_after = now - day;
  const auto failure = one(plan_renew(nullptr, inventory, now, due()).failures);
  CHECK(failure.subject == "/k/kubelet.conf");
  CHECK((failure.remedy.kind == Kind::rejoin_kubelet));
}

TEST_CASE("the files for an external etcd are never renewed, and renew says when they are due") {
  auto external = config();
  external.external_etcd = pki::ExternalEtcd{{"https://10.0.0.9:2379"}, "/e/ca.crt", "/e/c.crt", "/e/c.key"};
  const auto valid_config = valid(external);
  auto inventory = sound(external);
  for (const auto* name : {"etcd-ca", "apiserver-etcd-client"})
    at(inventory, name).external_etcd = true;
  at(inventory, "apiserver-etcd-client").path = "/e/c.crt";
  auto plan = plan_renew(&valid_config, inventory, now, due());
  CHECK(step(plan, "apiserver-etcd-client").action() == Action::skip);
  CHECK(step(plan, "etcd-server").reason == "external etcd");
  CHECK(listed(plan.warnings).empty());
  at(inventory, "apiserver-etcd-client").certificates[0].not_after = now + day;
  CHECK(one(plan_renew(&valid_config, inventory, now, due()).warnings).subject == "/e/c.crt");
  at(inventory, "apiserver-etcd-client").certificates[0].not_after = now - day;
  CHECK(one(plan_renew(&valid_config, inventory, now, due()).failures).subject == "/e/c.crt");
  CHECK(one(plan_renew(&valid_config, inventory, now, named("apiserver-etcd-client")).conflicts).rule ==
        Rule::renewed_elsewhere);
}

TEST_CASE("renew fails in a directory that does not exist, and does not offer to make it") {
  auto inventory = nothing(config());
  inventory.certificates_dir_exists = false;
  try {
    (void)plan_renew(nullptr, inventory, now);
    FAIL("no error");
  } catch (const pki::Error& error) {
    CHECK(error.code() == pki::Errc::not_found);
    CHECK(error.subject() == "/k/pki");
    CHECK_THAT(error.message(), contains("does not exist"));
    CHECK((error.remedy().kind == Kind::none));
  }
}
