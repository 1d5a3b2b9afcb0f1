// SPDX-License-Identifier: Apache-2.0
#include "inventory_builder.hpp"
#include "plan_checks.hpp"

using namespace build;
using pki::Action;

namespace {

pki::Plan plan_rows(const pki::Inventory& inventory, const std::vector<const char*>& names) {
  std::vector<const pki::CatalogRow*> rows;
  for (const auto* name : names)
    rows.push_back(&pki::default_catalog().find_row(name));
  return plan_init(config(), inventory, now, rows);
}

}  // namespace

TEST_CASE("named rows are the only ones made, below the issuer that is there") {
  auto inventory = sound(config());
  for (const char* name : {"apiserver", "admin.conf", "sa", "etcd-server"})
    lose(inventory, name);
  const auto plan = plan_rows(inventory, {"apiserver", "admin.conf"});
  CHECK(names(plan, Action::create) == "apiserver admin.conf");
  CHECK(names(plan, Action::keep) == "ca");
  CHECK(listed(plan.conflicts).empty());
  for (const auto& step : plan.steps)
    if (step.action() == Action::skip) CHECK(step.reason == "not asked for");
}

TEST_CASE("a named row whose issuer is missing is a conflict that says which name to add") {
  const auto plan = plan_rows(nothing(config()), {"etcd-server"});
  const auto conflict = one(plan.conflicts);
  CHECK(conflict.subject == "/k/pki/etcd/server.crt");
  CHECK_THAT(conflict.message, contains("its CA etcd-ca is missing, expected /k/pki/etcd/ca.crt"));
  CHECK_THAT(to_text(conflict.remedy), contains("create etcd-ca and etcd-server"));
  CHECK(step(plan, "etcd-ca").reason == "missing, not asked for");
}

TEST_CASE("each named row without its issuer is told") {
  const auto plan = plan_rows(nothing(config()), {"apiserver", "front-proxy-client", "scheduler.conf", "sa"});
  CHECK(subjects(plan.conflicts) ==
        Paths{"/k/pki/apiserver.crt", "/k/pki/front-proxy-client.crt", "/k/scheduler.conf"});
}

TEST_CASE("a named row and its named issuer are made together, in whatever order they were named") {
  for (const auto& rows : std::vector<std::vector<const char*>>{
           {"etcd-ca", "etcd-server"}, {"etcd-server", "etcd-ca"}, {"kube-etcd", "etcd/ca", "etcd-server"}}) {
    const auto plan = plan_rows(nothing(config()), rows);
    CHECK(names(plan, Action::create) == "etcd-ca etcd-server");
    CHECK(listed(plan.conflicts).empty());
  }
}

TEST_CASE("a named CA is made without its leaves, and a service account key without any issuer") {
  CHECK(names(plan_rows(nothing(config()), {"front-proxy-ca"}), Action::create) == "front-proxy-ca");
  CHECK(names(plan_rows(nothing(config()), {"sa"}), Action::create) == "sa");
}

TEST_CASE("a named row that is there is kept") {
  const auto plan = plan_rows(sound(config()), {"apiserver", "sa"});
  CHECK(names(plan, Action::keep) == "ca apiserver sa");
  CHECK_FALSE(plan.changes());
}

TEST_CASE("faults of named rows and of their issuers are conflicts, those of other rows are not looked at") {
  auto inventory = sound(config());
  lose_key(at(inventory, "etcd-peer"));
  at(inventory, "front-proxy-ca").certificates.front().not_after = now - day;
  CHECK(listed(plan_rows(inventory, {"apiserver", "etcd-server"}).conflicts).empty());
  CHECK(one(plan_rows(inventory, {"etcd-peer"}).conflicts).subject == "/k/pki/etcd/peer.crt");
  CHECK(one(plan_rows(inventory, {"front-proxy-client"}).conflicts).subject == "/k/pki/front-proxy-ca.crt");
}

TEST_CASE("a named row below an external CA is a conflict") {
  auto inventory = sound(config());
  make_external(inventory, "ca");
  lose(inventory, "apiserver");
  lose(inventory, "admin.conf");
  const auto conflict = one(plan_rows(inventory, {"apiserver"}).conflicts);
  CHECK(conflict.subject == "/k/pki/apiserver.crt");
  CHECK_THAT(conflict.message, contains("external CA"));
}

TEST_CASE("a leaf that is named and there, but whose issuer is gone, is a conflict") {
  auto inventory = sound(config());
  lose(inventory, "front-proxy-ca");
  const auto conflict = one(plan_rows(inventory, {"front-proxy-client"}).conflicts);
  CHECK(conflict.subject == "/k/pki/front-proxy-client.crt");
  CHECK_THAT(conflict.message, contains("its CA is missing"));
}
