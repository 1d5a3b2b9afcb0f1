// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "inventory_builder.hpp"
#include "plan_checks.hpp"

// Plans of further rows, whose CAs may be on other hosts than they are.

using namespace build;
using pki::Action;
using pki::Role;
using pki::RoleSet;
using Kind = pki::Remedy::Kind;

namespace {

constexpr RoleSet both{Role::first_control_plane, Role::joining_control_plane};

pki::CatalogRow metrics(std::string_view issuer, RoleSet roles) {
  return {.name = "metrics",
          .issuer = issuer,
          .profile = pki::Profile::server,
          .common_name = {"metrics", "metrics"},
          .path = "metrics",
          .roles = roles};
}

pki::CatalogRow site_ca(RoleSet roles, bool shared = false) {
  return {.name = "site-ca",
          .profile = pki::Profile::ca,
          .common_name = {"site-ca", "site-ca"},
          .path = "site-ca",
          .roles = roles,
          .shared = shared};
}

/// Returns a host that has the files which all control planes of a cluster share, and those of the rows `present`.
pki::Inventory host_with(const std::vector<pki::CatalogRow>& further,
                         const std::vector<std::string_view>& present = {}) {
  const auto usual = pki::default_catalog().rows();
  std::vector<pki::CatalogRow> rows(usual.begin(), usual.end());
  rows.insert(rows.end(), further.begin(), further.end());
  pki::Inventory inventory;
  inventory.catalog = pki::Catalog(rows);
  inventory.layout = config().layout;
  for (const auto& row : inventory.catalog.rows()) {
    const bool there = pki::default_catalog().try_find_row(row.name) != nullptr
                           ? row.shared
                           : std::ranges::find(present, row.name) != present.end();
    inventory.entries.push_back(there ? sound_entry(row, config()) : absent_entry(row, config()));
  }
  return inventory;
}

}  // namespace

TEST_CASE("a leaf whose CA is not of the role of its host is a conflict, and its remedy brings the CA") {
  struct Case {
    pki::CatalogRow ca;
    Role role;
    Kind remedy;
  };
  const Case cases[] = {
      {site_ca({Role::first_control_plane}), Role::joining_control_plane, Kind::restore},
      {site_ca({Role::ca_host}), Role::joining_control_plane, Kind::restore},
      {site_ca(both), Role::worker, Kind::restore},
      {site_ca(both, true), Role::worker, Kind::restore},
      {site_ca({Role::ca_host}), Role::first_control_plane, Kind::init},
      {site_ca(both, true), Role::etcd_host, Kind::init},
  };
  for (const auto& [ca, role, remedy] : cases) {
    CAPTURE(to_string(role));
    const auto inventory = host_with({ca, metrics("site-ca", {role})});
    const auto plan = plan_init(with_role(role), inventory, now);
    const auto conflict = one(plan.conflicts);
    CHECK(conflict.rule == pki::Rule::ca_missing);
    CHECK(conflict.subject == "/k/pki/metrics.crt");
    CHECK_THAT(conflict.message, contains("its CA site-ca is missing, expected /k/pki/site-ca.crt"));
    CHECK((conflict.remedy.kind == remedy));
    CHECK(step(plan, "site-ca").action() == Action::skip);
    CHECK(subjects(pki::plan_node(valid(with_role(role)), inventory, now).conflicts) == Paths{"/k/pki/metrics.crt"});

    const auto supplied = host_with({ca, metrics("site-ca", {role})}, {"site-ca"});
    const auto after = plan_init(with_role(role), supplied, now);
    CHECK(listed(after.conflicts).empty());
    CHECK(step(after, "metrics").action() == Action::create);
  }
}

TEST_CASE("a shared CA that a host lacks is said once, also where its leaf is no row of Kubernetes") {
  const auto further = {site_ca(both, true), metrics("site-ca", both)};
  const auto plan = plan_init(with_role(Role::joining_control_plane), host_with(further), now);
  CHECK(one(plan.conflicts).subject == "/k/pki/site-ca.crt");
  const auto first = pki::plan_node(valid(config()), host_with(further), now);
  CHECK(one(first.conflicts).subject == "/k/pki/site-ca.crt");
  CHECK(listed(plan_init(config(), host_with(further), now).conflicts).empty());
}

TEST_CASE("a CA that is not shared is made with its leaf on the hosts of its role, also on one that joins") {
  const auto plan =
      plan_init(with_role(Role::joining_control_plane), host_with({site_ca(both), metrics("site-ca", both)}), now);
  CHECK(listed(plan.conflicts).empty());
  CHECK(step(plan, "site-ca").action() == Action::create);
  CHECK(step(plan, "metrics").action() == Action::create);
}

TEST_CASE("a leaf of the CA of etcd is a conflict where etcd is external, for each role and part") {
  for (const auto role : {Role::first_control_plane, Role::joining_control_plane}) {
    CAPTURE(to_string(role));
    auto wanted = with_role(role);
    wanted.external_etcd = pki::ExternalEtcd{{"https://10.0.0.9:2379"}, "/e/ca.crt", "/e/client.crt", "/e/client.key"};
    const auto inventory = host_with({metrics("etcd-ca", both)});
    for (const auto& plan : {plan_init(wanted, inventory, now), pki::plan_node(valid(wanted), inventory, now)}) {
      const auto conflict = one(plan.conflicts);
      CHECK(conflict.subject == "/k/pki/metrics.crt");
      CHECK_THAT(conflict.message, contains("its CA etcd-ca does not exist with an external etcd"));
      CHECK((conflict.remedy.kind == Kind::none));
    }
  }
}
