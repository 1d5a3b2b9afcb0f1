// SPDX-License-Identifier: Apache-2.0
#include "inventory_builder.hpp"
#include "plan_checks.hpp"

#include <variant>

using namespace build;
using pki::Action;
using pki::plan_init;

TEST_CASE("on an empty host everything is created, in the order of the catalog, and nothing is wrong") {
  const auto plan = plan_init(config(), nothing(config()), now);
  CHECK(names(plan, Action::create) == every_row);
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  CHECK(plan.changes());
  CHECK((plan.layout == config().layout));
}

TEST_CASE("a plan has one step a row, in the order of the catalog, whatever lies on the disk") {
  auto mixed = sound(config());
  lose(mixed, "apiserver");
  lose(mixed, "sa");
  make_external(mixed, "etcd-ca");
  for (const auto& inventory : {nothing(config()), sound(config()), mixed}) {
    const auto plan = plan_init(config(), inventory, now);
    REQUIRE(plan.steps.size() == pki::default_catalog().rows().size());
    for (std::size_t i = 0; i < plan.steps.size(); ++i)
      CHECK(plan.steps[i].row == &pki::default_catalog().rows()[i]);
  }
}

TEST_CASE("a step says where its files go") {
  const auto plan = plan_init(config(), nothing(config()), now);
  const std::tuple<const char*, const char*, const char*> table[] = {
      {"ca", "/k/pki/ca.crt", "/k/pki/ca.key"},
      {"etcd-server", "/k/pki/etcd/server.crt", "/k/pki/etcd/server.key"},
      {"apiserver-etcd-client", "/k/pki/apiserver-etcd-client.crt", "/k/pki/apiserver-etcd-client.key"},
      {"sa", "/k/pki/sa.pub", "/k/pki/sa.key"},
      {"admin.conf", "/k/admin.conf", ""},
  };
  for (const auto& [name, path, key_path] : table) {
    CHECK(step(plan, name).path.string() == path);
    CHECK(step(plan, name).key_path.string() == key_path);
  }
}

TEST_CASE("a step to create holds identity, profile, algorithm and, for a kubeconfig, server and cluster") {
  auto wanted = config();
  wanted.cluster_name = "prod";
  for (const auto algorithm : {pki::KeyAlgorithm::rsa_2048, pki::KeyAlgorithm::ecdsa_p384}) {
    wanted.algorithm = algorithm;
    const auto plan = plan_init(wanted, nothing(wanted), now);
    for (const auto& step : plan.steps) {
      CAPTURE(std::string(step.row->name));
      const auto identity = pki::model::identity_of(*step.row, valid(wanted));
      CHECK(step.reason == "missing");
      CHECK((step.spec()->profile == step.row->profile));
      CHECK(step.spec()->common_name == identity.common_name);
      CHECK((step.spec()->organizations == identity.organizations));
      CHECK((step.spec()->sans == identity.sans));
      CHECK(step.spec()->subject_der.empty());
      CHECK(step.spec()->extended_key_usages.empty());
      CHECK(step.algorithm() == pki::to_string(algorithm));
      CHECK(std::get<pki::Create>(step.what).server == identity.server);
      CHECK(std::get<pki::Create>(step.what).server.empty() == (step.row->form != pki::Form::kubeconfig));
      CHECK(std::get<pki::Create>(step.what).cluster == "prod");
    }
  }
}

TEST_CASE("new certificates begin five minutes back and last as configured from now on") {
  auto wanted = config();
  wanted.leaf_validity = 24h;
  wanted.ca_validity = 100 * day;
  const auto plan = plan_init(wanted, nothing(wanted), now);
  for (const auto& step : plan.steps) {
    if (step.row->form == pki::Form::bare_key) continue;
    CAPTURE(std::string(step.row->name));
    CHECK((step.spec()->not_before == now - 5min));
    CHECK((step.spec()->not_after == now + (step.row->is_ca() ? 100 * day : day)));
  }
}

TEST_CASE("a new leaf does not outlive a new CA, which was warned about with the configuration") {
  auto wanted = config();
  wanted.leaf_validity = 10 * day;
  wanted.ca_validity = 3 * day;
  const auto plan = plan_init(wanted, nothing(wanted), now);
  CHECK((step(plan, "apiserver").spec()->not_after == now + 3 * day));
  CHECK((step(plan, "admin.conf").spec()->not_after == now + 3 * day));
  CHECK(listed(plan.warnings).empty());
}

TEST_CASE("a new leaf ends with the CA that is there, with a warning that says so") {
  for (const char* name : {"apiserver", "etcd-peer", "front-proxy-client", "scheduler.conf"}) {
    CAPTURE(name);
    auto inventory = sound(config());
    lose(inventory, name);
    auto& ca = at(inventory, inventory.find(name).row->issuer);
    ca.certificates.front().not_after = now + 100 * day;
    const auto plan = plan_init(config(), inventory, now);
    CHECK((step(plan, name).spec()->not_after == now + 100 * day));
    CHECK(listed(plan.conflicts).empty());
    const auto path = inventory.find(name).path.string();
    const auto about_it = std::ranges::find(plan.warnings, path, &pki::Finding::subject);
    REQUIRE(about_it != plan.warnings.end());
    CHECK_THAT(about_it->message, contains("2027-03-01 00:48:15 UTC"));
  }
}

TEST_CASE("a new leaf that fits into the life of its CA is not shortened, to the second") {
  for (const auto& [left, warned] :
       {std::pair{365 * day, false}, std::pair{365 * day - 1s, true}, std::pair{365 * day + 1s, false}}) {
    auto inventory = sound(config());
    lose(inventory, "front-proxy-client");
    at(inventory, "front-proxy-ca").certificates.front().not_after = now + left;
    const auto plan = plan_init(config(), inventory, now);
    CHECK(
        (step(plan, "front-proxy-client").spec()->not_after == now + std::min<std::chrono::seconds>(left, 365 * day)));
    CHECK(plan.warnings.empty() == !warned);
  }
}

TEST_CASE("a new leaf never begins before its CA") {
  for (const auto& [age, expected] : {std::pair{0s, 0s}, std::pair{60s, 60s}, std::pair{300s, 300s},
                                      std::pair{301s, 300s}, std::pair{30 * day, 300s}}) {
    auto inventory = sound(config());
    lose(inventory, "apiserver");
    at(inventory, "ca").certificates.front().not_before = now - age;
    const auto plan = plan_init(config(), inventory, now);
    CHECK((step(plan, "apiserver").spec()->not_before == now - expected));
    CHECK(listed(plan.conflicts).empty());
  }
}

TEST_CASE("what is missing is created and what is there is kept") {
  for (const auto& row : pki::default_catalog().rows()) {
    if (row.is_ca()) continue;
    const std::string name(row.name);
    CAPTURE(name);
    auto inventory = sound(config());
    lose(inventory, name);
    const auto plan = plan_init(config(), inventory, now);
    CHECK(names(plan, Action::create) == name);
    CHECK(plan.steps.size() == 16);
    CHECK(std::ranges::count(plan.steps, Action::keep, &pki::Step::action) == 15);
    CHECK(listed(plan.conflicts).empty());
    CHECK(listed(plan.warnings).empty());
    CHECK(plan.changes());
    CHECK_FALSE(plan.config_to_save);
  }
}
