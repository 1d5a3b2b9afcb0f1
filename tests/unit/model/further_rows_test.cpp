// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>

#include <pki/config.hpp>
#include <pki/plan.hpp>

#include "inventory_builder.hpp"

using namespace pki;
using std::chrono::hours;

namespace {

constexpr RoleSet control_planes{Role::first_control_plane, Role::joining_control_plane};

ClusterConfig sample() {
  auto config = build::config();
  auto& rows = config.rows.emplace();
  rows.optional = {"kubelet-server"};
  rows.authorities = {{.name = "root", .path_length = 1, .validity = hours{1000}},
                      {.name = "middle", .issuer = "root", .path_length = 0, .algorithm = KeyAlgorithm::ecdsa_p384}};
  rows.leaves = {{.name = "vpn",
                  .issuer = "middle",
                  .profile = Profile::server,
                  .organizations = {"a", "b"},
                  .sans = {"{node_name}"},
                  .roles = {Role::worker},
                  .validity = hours{10},
                  .algorithm = KeyAlgorithm::rsa_3072},
                 {.name = "ci", .issuer = "ca", .form = Form::kubeconfig}};
  rows.overrides = {{.name = "apiserver", .validity = hours{48}, .algorithm = KeyAlgorithm::ecdsa_p256}};
  return config;
}

const Step& step(const Plan& plan, std::string_view name) {
  return *std::ranges::find(plan.steps, name, [](const Step& each) { return each.row->name; });
}

}  // namespace

TEST_CASE("without rows the effective catalog is the default one, with rows it begins with it") {
  ClusterConfig config;
  CHECK(catalog_of(config).rows().data() == default_catalog().rows().data());
  const auto catalog = catalog_of(sample());
  const auto count = default_catalog().rows().size();
  REQUIRE(catalog.rows().size() == count + 5);
  for (std::size_t i = 0; i < count; ++i)
    CHECK(catalog.rows()[i].name == default_catalog().rows()[i].name);
  CHECK(catalog.rows()[count].name == "kubelet-server");
}

TEST_CASE("a row of the configuration has the values that it leaves out") {
  const auto catalog = catalog_of(sample());
  const auto& ci = catalog.find_row("ci");
  CHECK(ci.path == "ci.conf");
  CHECK(ci.common_name.under(Naming::kubeadm) == "ci");
  CHECK(ci.server == "{control_plane_url}");
  CHECK(ci.roles == control_planes);
  const auto& vpn = catalog.find_row("vpn");
  CHECK(vpn.path == "vpn");
  CHECK(vpn.server.empty());
  CHECK(catalog.find_row("middle").common_name.recommended == "middle");
}

TEST_CASE("a CA is on every host that has a certificate below it, and shared by the control planes") {
  const auto catalog = catalog_of(sample());
  for (const auto* name : {"root", "middle"}) {
    const auto& ca = catalog.find_row(name);
    CHECK(ca.roles.includes(control_planes));
    CHECK(ca.roles.contains(Role::worker));
    CHECK(ca.roles.contains(Role::ca_host));
    CHECK_FALSE(ca.roles.contains(Role::etcd_host));
    CHECK(ca.shared);
  }
}

TEST_CASE("what etcd's CA signs exists only where the cluster has that CA") {
  auto config = sample();
  config.rows->leaves.push_back({.name = "etcd-backup", .issuer = "etcd-ca"});
  CHECK(catalog_of(config).find_row("etcd-backup").local_etcd);
  CHECK_FALSE(catalog_of(config).find_row("vpn").local_etcd);
  config.external_etcd.emplace();
  const auto plan = plan_init(validate(config).value(), build::nothing(config), build::now);
  CHECK(plan.conflicts.empty());
  CHECK((step(plan, "etcd-backup").action() == Action::skip));
}

TEST_CASE("rows that contradict one another throw, and are left out where files are only read") {
  auto config = sample();
  config.rows->leaves[0].issuer = "nobody";
  CHECK_THROWS_AS(catalog_of(config), Error);
  CHECK(effective_catalog(&config, std::nullopt).rows().size() == default_catalog().rows().size());
}

TEST_CASE("a configuration without rows has those of the saved one") {
  ConfigFile saved;
  saved.config = sample();
  ClusterConfig given;
  CHECK(effective_catalog(&given, saved).try_find_row("vpn") != nullptr);
  CHECK(effective_catalog(nullptr, saved).try_find_row("vpn") != nullptr);
  CHECK(effective_catalog(nullptr, std::nullopt).try_find_row("vpn") == nullptr);
  given.rows.emplace();
  CHECK(effective_catalog(&given, saved).try_find_row("vpn") == nullptr);
}

TEST_CASE("new certificates have the validity period, algorithm and path length of their row") {
  auto config = sample();
  config.rows->leaves[0].roles = {};
  const auto plan = plan_init(validate(config).value(), build::nothing(config), build::now);
  CHECK(plan.conflicts.empty());
  const struct {
    const char* row;
    std::chrono::seconds validity;
    std::string algorithm;
    std::optional<int> path_length;
  } cases[] = {
      {"apiserver", hours{48}, "ECDSA-P256", {}},
      {"scheduler.conf", config.leaf_validity, std::string(to_string(config.algorithm)), {}},
      {"root", hours{1000}, std::string(to_string(config.algorithm)), 1},
      {"middle", hours{1000}, "ECDSA-P384", 0},  // until its CA ends
      {"vpn", hours{10}, "RSA-3072", {}},
  };
  for (const auto& [row, validity, algorithm, path_length] : cases) {
    CAPTURE(row);
    const auto& made = step(plan, row);
    REQUIRE(made.spec() != nullptr);
    CHECK(made.spec()->not_after == build::now + validity);
    CHECK(made.algorithm() == algorithm);
    CHECK(made.spec()->path_length == path_length);
  }
  CHECK(step(plan, "vpn").spec()->organizations == std::vector<std::string>{"a", "b"});
}

TEST_CASE("an inventory without the rows of the configuration is refused, not planned without them") {
  const auto config = sample();
  auto other = config;
  other.rows.reset();
  CHECK_THROWS_AS(plan_init(validate(config).value(), build::nothing(other), build::now), Error);
}

TEST_CASE("a plan saves the rows of the saved configuration where the given one has none") {
  auto inventory = build::nothing(sample());
  inventory.saved_config.emplace().config = sample();
  auto given = sample();
  given.rows.reset();
  given.cluster_name = "other";
  const auto plan = plan_init(validate(given).value(), inventory, build::now);
  REQUIRE(plan.config_to_save);
  CHECK(plan.config_to_save->rows == sample().rows);
}

TEST_CASE("an unknown optional row never is one, and each that is known has a CA of the default catalog") {
  for (const auto& row : optional_rows()) {
    CAPTURE(row.name);
    CHECK(default_catalog().find_row(row.issuer).is_ca());
    CHECK(default_catalog().try_find_row(row.name) == nullptr);
    CHECK_FALSE(row.description.empty());
  }
}
