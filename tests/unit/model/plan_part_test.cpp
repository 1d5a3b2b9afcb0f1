// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "inventory_builder.hpp"
#include "plan_checks.hpp"

// What is made once for a cluster, and what a host has of its own.

using namespace build;
using pki::Action;
using pki::Role;
using pki::Rule;

namespace {

constexpr auto shared_rows = "ca front-proxy-ca etcd-ca sa";
constexpr auto own_rows =
    "apiserver apiserver-kubelet-client front-proxy-client etcd-server etcd-peer etcd-healthcheck-client "
    "apiserver-etcd-client admin.conf super-admin.conf kubelet.conf controller-manager.conf scheduler.conf";
constexpr auto own_rows_of_joining =
    "apiserver apiserver-kubelet-client front-proxy-client etcd-server etcd-peer etcd-healthcheck-client "
    "apiserver-etcd-client admin.conf kubelet.conf controller-manager.conf scheduler.conf";
constexpr Role every_role[] = {Role::first_control_plane, Role::joining_control_plane, Role::etcd_host, Role::worker,
                               Role::ca_host};

pki::Inventory with_shared() { return host({"ca", "front-proxy-ca", "etcd-ca", "sa"}); }

}  // namespace

TEST_CASE("what a cluster shares is made once, for any role, and saves no configuration") {
  for (const auto role : every_role) {
    CAPTURE(to_string(role));
    const auto config_of_role = valid(with_role(role));
    const auto plan = pki::plan_shared(config_of_role, nothing(config()), now);
    CHECK(names(plan, Action::create) == shared_rows);
    CHECK(listed(plan.conflicts).empty());
    CHECK_FALSE(plan.config_to_save);
    CHECK(step(plan, "apiserver").reason == "not asked for");

    const auto again = pki::plan_shared(config_of_role, with_shared(), now);
    CHECK(names(again, Action::keep) == shared_rows);
    CHECK_FALSE(again.changes());
  }
}

TEST_CASE("what is shared and there already is kept, completed, or a conflict") {
  auto inventory = host({"ca", "sa", "apiserver"});
  lose_certificate(at(inventory, "sa"));
  auto plan = pki::plan_shared(valid(config()), inventory, now);
  CHECK(names(plan, Action::keep) == "ca");
  CHECK(names(plan, Action::complete) == "sa");
  CHECK(names(plan, Action::create) == "front-proxy-ca etcd-ca");
  at(inventory, "ca").key = key("another");
  plan = pki::plan_shared(valid(config()), inventory, now);
  CHECK(one(plan.conflicts).rule == Rule::key_mismatch);

  auto external = config();
  external.external_etcd.emplace();
  CHECK(names(pki::plan_shared(valid(external), nothing(config()), now), Action::create) == "ca front-proxy-ca sa");
}

TEST_CASE("a catalog whose rows are not shared has nothing to make once") {
  std::vector<pki::CatalogRow> rows(pki::default_catalog().rows().begin(), pki::default_catalog().rows().end());
  for (auto& row : rows)
    row.shared = false;
  pki::Inventory inventory;
  inventory.catalog = pki::Catalog(rows);
  inventory.layout = config().layout;
  for (const auto& row : inventory.catalog.rows())
    inventory.entries.push_back(absent_entry(row, config()));
  CHECK_FALSE(pki::plan_shared(valid(config()), inventory, now).changes());
}

TEST_CASE("a host gets what its role has of its own, beside what is shared") {
  struct Case {
    Role role;
    std::string made;
  };
  const Case cases[] = {{Role::first_control_plane, own_rows},
                        {Role::joining_control_plane, own_rows_of_joining},
                        {Role::etcd_host, "etcd-server etcd-peer etcd-healthcheck-client"},
                        {Role::worker, "kubelet.conf"},
                        {Role::ca_host, ""}};
  for (const auto& [role, made] : cases) {
    CAPTURE(to_string(role));
    const auto plan = pki::plan_node(valid(with_role(role)), with_shared(), now);
    CHECK(names(plan, Action::create) == made);
    CHECK(names(plan, Action::keep) == shared_rows);
    CHECK(listed(plan.conflicts).empty());
    CHECK(plan.config_to_save->role == role);
  }
}

TEST_CASE("no host gets a CA or token key of its own, each one that is missing is said once") {
  struct Case {
    Role role;
    Paths missing;
    const char* message;
  };
  const Case cases[] = {
      {Role::first_control_plane,
       {"/k/pki/ca.crt", "/k/pki/etcd/ca.crt", "/k/pki/front-proxy-ca.crt", "/k/pki/sa.pub"},
       "made once"},
      {Role::joining_control_plane,
       {"/k/pki/ca.crt", "/k/pki/etcd/ca.crt", "/k/pki/front-proxy-ca.crt", "/k/pki/sa.pub"},
       "joins one"},
      {Role::etcd_host, {"/k/pki/etcd/ca.crt"}, "made once"},
      {Role::worker, {"/k/pki/ca.crt"}, "this worker joins"},
      {Role::ca_host, {"/k/pki/ca.crt", "/k/pki/etcd/ca.crt", "/k/pki/front-proxy-ca.crt"}, "made once"},
  };
  for (const auto& [role, missing, message] : cases) {
    CAPTURE(to_string(role));
    const auto plan = pki::plan_node(valid(with_role(role)), nothing(config()), now);
    CHECK(subjects(plan.conflicts) == missing);
    for (const auto& conflict : plan.conflicts) {
      CHECK_THAT(conflict.message, contains(message));
      CHECK((conflict.remedy.kind == pki::Remedy::Kind::restore));
    }
    for (const auto* shared : {"ca", "front-proxy-ca", "etcd-ca", "sa"})
      CHECK(step(plan, shared).action() == Action::skip);
  }
  const auto partial = pki::plan_node(valid(with_role(Role::first_control_plane)), host({"ca", "etcd-ca", "sa"}), now);
  CHECK(one(partial.conflicts).subject == "/k/pki/front-proxy-ca.crt");
}

TEST_CASE("a host that lacks the key of a CA is told for each row that it cannot have") {
  auto inventory = with_shared();
  make_external(inventory, "front-proxy-ca");
  const auto plan = pki::plan_node(valid(with_role(Role::joining_control_plane)), inventory, now);
  CHECK(one(plan.conflicts).rule == Rule::ca_key_missing);
  CHECK(one(plan.conflicts).row == "front-proxy-client");
}

TEST_CASE("a host keeps what it has of its own, and its plan is that of init where it joins") {
  auto inventory = with_shared();
  at(inventory, "apiserver") = sound_entry(pki::default_catalog().find_row("apiserver"), config());
  const auto joining = valid(with_role(Role::joining_control_plane));
  const auto plan = pki::plan_node(joining, inventory, now);
  CHECK(step(plan, "apiserver").action() == Action::keep);
  for (const auto& of_host : {inventory, nothing(config())}) {
    const auto own = pki::plan_node(joining, of_host, now);
    const auto init = pki::plan_init(joining, of_host, now);
    for (const auto action : {Action::create, Action::keep, Action::skip})
      CHECK(names(own, action) == names(init, action));
    CHECK((own.conflicts == init.conflicts));
    CHECK((own.warnings == init.warnings));
    CHECK(own.config_to_save == init.config_to_save);
  }
}
