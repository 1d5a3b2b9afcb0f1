// SPDX-License-Identifier: Apache-2.0
#include "inventory_builder.hpp"
#include "plan_checks.hpp"

using namespace build;
using pki::Action;
using pki::plan_init;

namespace {

pki::ClusterConfig with_external_etcd() {
  auto wanted = config();
  wanted.external_etcd = pki::ExternalEtcd{{"https://10.0.0.9:2379"}, "/e/ca.crt", "/e/client.crt", "/e/client.key"};
  return wanted;
}

}  // namespace

TEST_CASE("a CA without its key is an external CA, and valid leaves below it are kept") {
  for (const char* name : {"ca", "front-proxy-ca", "etcd-ca"}) {
    CAPTURE(name);
    auto inventory = sound(config());
    make_external(inventory, name);
    const auto plan = plan_init(config(), inventory, now);
    CHECK(listed(plan.conflicts).empty());
    CHECK(listed(plan.warnings).empty());
    CHECK(names(plan, Action::keep) == every_row);
    CHECK_THAT(step(plan, name).reason, contains("external CA"));
    CHECK_FALSE(plan.changes());
  }
}

TEST_CASE("each leaf that an external CA would have to sign is a conflict with both ways out") {
  for (const auto& row : pki::default_catalog().rows()) {
    if (row.issuer.empty()) continue;
    CAPTURE(std::string(row.name));
    auto inventory = sound(config());
    make_external(inventory, row.issuer);
    lose(inventory, row.name);
    const auto conflict = one(plan_init(config(), inventory, now).conflicts);
    CHECK(conflict.subject == inventory.find(row.name).path.string());
    CHECK_THAT(conflict.message,
               contains("missing") && contains(std::string(row.issuer) + " cannot sign it") && contains("external CA"));
    CHECK_THAT(to_text(conflict.remedy),
               contains("have the holder of " + std::string(row.issuer) + " sign it") &&
                   contains("put the CA key at " + inventory.find(row.issuer).key_path.string()));
  }
}

TEST_CASE("with nothing but external CAs every leaf is listed, and only the service account key can be made") {
  auto inventory = nothing(config());
  Paths expected;
  for (auto& entry : inventory.entries) {
    if (entry.row->is_ca()) {
      entry = sound_entry(*entry.row, config());
      lose_key(entry);
    } else if (!entry.row->issuer.empty()) {
      expected.insert(entry.path.string());
    }
  }
  const auto plan = plan_init(config(), inventory, now);
  CHECK(subjects(plan.conflicts) == expected);
  CHECK(expected.size() == 12);
  CHECK_THAT(names(plan, Action::create), contains("sa"));
}

TEST_CASE("an external CA binds only its own leaves") {
  auto inventory = nothing(config());
  at(inventory, "front-proxy-ca") = sound_entry(pki::default_catalog().find_row("front-proxy-ca"), config());
  at(inventory, "front-proxy-client") = sound_entry(pki::default_catalog().find_row("front-proxy-client"), config());
  make_external(inventory, "front-proxy-ca");
  const auto plan = plan_init(config(), inventory, now);
  CHECK(listed(plan.conflicts).empty());
  CHECK(names(plan, Action::keep) == "front-proxy-ca front-proxy-client");
  CHECK(std::ranges::count(plan.steps, Action::create, &pki::Step::action) == 14);
}

TEST_CASE("an external cluster CA with its kubeconfigs in place is complete") {
  auto inventory = nothing(config());
  for (auto& entry : inventory.entries)
    if (entry.row->name == "ca" || entry.row->issuer == "ca") entry = sound_entry(*entry.row, config());
  make_external(inventory, "ca");
  const auto plan = plan_init(config(), inventory, now);
  CHECK(listed(plan.conflicts).empty());
  CHECK(names(plan, Action::create) ==
        "front-proxy-ca front-proxy-client etcd-ca etcd-server etcd-peer etcd-healthcheck-client apiserver-etcd-client "
        "sa");
}

TEST_CASE("an external CA is judged like any other: expired, or no CA at all, is a conflict") {
  auto inventory = sound(config());
  make_external(inventory, "ca");
  make_external(inventory, "etcd-ca");
  at(inventory, "ca").certificates.front().not_after = now - 1s;
  at(inventory, "etcd-ca").certificates.front().is_ca = at(inventory, "etcd-ca").certificates.front().can_sign = false;
  const auto plan = plan_init(config(), inventory, now);
  CHECK(subjects(plan.conflicts) == Paths{"/k/pki/ca.crt", "/k/pki/etcd/ca.crt"});
  CHECK(step(plan, "ca").reason == "conflict");
}

TEST_CASE("a leaf of an external CA still needs its own key") {
  auto inventory = sound(config());
  make_external(inventory, "ca");
  lose_key(at(inventory, "apiserver"));
  CHECK(one(plan_init(config(), inventory, now).conflicts).subject == "/k/pki/apiserver.crt");
}

TEST_CASE("with an external etcd the five rows of etcd do not exist") {
  const auto plan = plan_init(with_external_etcd(), nothing(config()), now);
  CHECK(names(plan, Action::skip) == etcd_rows);
  CHECK(std::ranges::count(plan.steps, Action::create, &pki::Step::action) == 11);
  for (const auto& step : plan.steps)
    CHECK((step.reason == "external etcd") == (step.action() == Action::skip));
  CHECK(listed(plan.conflicts).empty());
  CHECK(plan.steps.size() == 16);
}

TEST_CASE("with an external etcd nothing is said about etcd files, whatever their state") {
  auto inventory = sound(with_external_etcd());
  lose_key(at(inventory, "etcd-server"));
  lose_certificate(at(inventory, "etcd-ca"));
  at(inventory, "apiserver-etcd-client").certificates.front().not_after = now - day;
  at(inventory, "etcd-peer").problems = {
      {pki::Rule::malformed, pki::Severity::error, "/k/pki/etcd/peer.crt", "garbage"}};
  const auto plan = plan_init(with_external_etcd(), inventory, now);
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  CHECK_FALSE(plan.changes());
}

TEST_CASE("an etcd row that was named does not exist with an external etcd either") {
  const pki::CatalogRow* rows[] = {&pki::default_catalog().find_row("etcd-server"),
                                   &pki::default_catalog().find_row("sa")};
  const auto plan = plan_init(with_external_etcd(), nothing(config()), now, rows);
  CHECK(names(plan, Action::create) == "sa");
  CHECK(step(plan, "etcd-server").reason == "external etcd");
  CHECK(listed(plan.conflicts).empty());
}
