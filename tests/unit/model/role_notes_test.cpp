// SPDX-License-Identifier: Apache-2.0
#include "model/role_notes.hpp"

#include <vector>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using pki::Rule;

namespace {

std::vector<Rule> rules_of(const pki::model::HostRole& host, const pki::Inventory& inventory) {
  std::vector<Rule> rules;
  for (const auto& note : pki::model::notes_on_role(host, inventory))
    rules.push_back(note.rule);
  return rules;
}

}  // namespace

TEST_CASE("a role and an etcd that the configuration names need no note, inferred ones do") {
  const auto inventory = build::sound(build::config());
  pki::model::HostRole host{};
  CHECK(rules_of(host, inventory).empty());
  host.inferred = true;
  CHECK(rules_of(host, inventory).empty());  // the usual role
  host.role = pki::Role::worker;
  CHECK(rules_of(host, inventory) == std::vector{Rule::role_inferred});
  CHECK_THAT(pki::model::notes_on_role(host, inventory)[0].message, contains("taken for a worker, which has ca,"));
  host.inferred = false;
  host.etcd_inferred = host.external_etcd = true;
  CHECK(rules_of(host, inventory) == std::vector{Rule::etcd_assumed_external});
}

TEST_CASE("a directory that does not exist is an alarm, but not beside a note about its link") {
  auto inventory = build::nothing(build::config());
  const pki::model::HostRole host{};
  CHECK(rules_of(host, inventory).empty());
  inventory.certificates_dir_exists = false;
  CHECK(rules_of(host, inventory) == std::vector{Rule::not_found});
  inventory.notes = {{Rule::file_linked, pki::Severity::error, "/k/pki", "is a symbolic link"}};
  CHECK(rules_of(host, inventory).empty());
}

TEST_CASE("a host whose kubeconfigs are all elsewhere is asked for their directory") {
  auto inventory = build::sound(build::config());
  for (auto& entry : inventory.entries)
    if (entry.row->form == pki::Form::kubeconfig) build::lose(entry);
  const auto notes = pki::model::notes_on_role({}, inventory);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].rule == Rule::kubeconfigs_not_found);
  CHECK(notes[0].remedy.kind == pki::Remedy::Kind::name_kubeconfigs);
}
