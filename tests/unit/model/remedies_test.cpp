// SPDX-License-Identifier: Apache-2.0
#include "model/remedies.hpp"

#include <string>
#include <vector>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace build;
using Kind = pki::Remedy::Kind;

namespace {

Kind renewal(pki::Inventory& inventory, const char* row, const char* ca) {
  return pki::model::renewal_of(inventory.find(row), ca == nullptr ? nullptr : &inventory.find(ca)).kind;
}

}  // namespace

TEST_CASE("a remedy that makes a certificate needs the key of the CA on this host") {
  struct Case {
    const char* row;
    const char* ca;
    bool external;
    Kind renewal;
    Kind recreation;
    Kind replacement;
  };
  const std::vector<Case> cases{
      {"apiserver", "ca", false, Kind::renew, Kind::recreate, Kind::restore_or_init},
      {"apiserver", "ca", true, Kind::supply_ca_key, Kind::supply_ca_key_to_init, Kind::restore},
      {"admin.conf", "ca", false, Kind::renew, Kind::recreate, Kind::restore_or_init},
      {"admin.conf", "ca", true, Kind::supply_ca_key, Kind::supply_ca_key_to_init, Kind::restore},
      {"etcd-peer", "etcd-ca", true, Kind::supply_ca_key, Kind::supply_ca_key_to_init, Kind::restore},
      {"apiserver", nullptr, false, Kind::renew, Kind::recreate, Kind::restore_or_init},
      {"ca", nullptr, false, Kind::rotate_ca, Kind::recreate, Kind::restore},
  };
  for (const auto& [row, ca, external, renewal_kind, recreation_kind, replacement_kind] : cases) {
    CAPTURE(row, external);
    auto inventory = sound(config());
    if (external) make_external(inventory, ca);
    const auto& entry = inventory.find(row);
    const auto* issuer = ca == nullptr ? nullptr : &inventory.find(ca);
    CHECK(renewal(inventory, row, ca) == renewal_kind);
    CHECK(pki::model::recreation_of(entry, issuer).kind == recreation_kind);
    CHECK(pki::model::replacement_of(entry, issuer).kind == replacement_kind);
    CHECK(pki::model::replacement_of(entry, issuer, entry.path).kind == replacement_kind);
  }
}

TEST_CASE("a missing half is restored, and the half that is there is in the way of a new pair") {
  auto inventory = sound(config());
  auto& entry = inventory.entries[1];
  REQUIRE(entry.row->name == "apiserver");
  lose_key(entry);
  const auto remedy = pki::model::replacement_of(entry, &inventory.find("ca"), entry.key_path);
  CHECK(remedy.paths == std::vector{entry.key_path.string()});
  CHECK(remedy.away == std::vector{entry.path.string()});
}

TEST_CASE("files that belong together are restored together") {
  const auto inventory = sound(config());
  const auto& entry = inventory.find("apiserver");
  const auto remedy = pki::model::replacement_of(entry, &inventory.find("ca"));
  CHECK(remedy.paths == std::vector{entry.path.string(), entry.key_path.string()});
  CHECK(remedy.away == remedy.paths);
}

TEST_CASE("a service account key is restored, since no token would be valid with another") {
  const auto inventory = sound(config());
  const auto& entry = inventory.find("sa");
  CHECK(pki::model::replacement_of(entry, nullptr, entry.key_path).kind == Kind::restore);
}

TEST_CASE("credentials that a kubeconfig refers to are made anew, with the file that the kubelet would go on to use") {
  constexpr auto current = "/var/lib/kubelet/pki/kubelet-client-current.pem";
  auto inventory = sound(config());
  auto& entry = at(inventory, "kubelet.conf");
  entry.kubeconfig->client_certificate_file = entry.kubeconfig->client_key_file = current;
  const auto* ca = &inventory.find("ca");
  const std::vector<std::string> both{"/k/kubelet.conf", current};
  auto remedy = pki::model::replacement_of(entry, ca);
  CHECK(remedy.kind == Kind::recreate);
  CHECK(remedy.paths == both);
  // What is wrong in the kubeconfig itself is restored with it.
  CHECK(pki::model::replacement_of(entry, ca, entry.path).kind == Kind::restore_or_init);

  entry.problems = {{pki::Rule::reference_not_read, pki::Severity::error, current, "no such file"}};
  CHECK(pki::model::replacement_of(entry, ca).paths == std::vector<std::string>{"/k/kubelet.conf"});
  entry.problems.clear();
  entry.kubeconfig->client_certificate_file = "/k/kubelet.crt";
  CHECK(pki::model::replacement_of(entry, ca).paths == std::vector<std::string>{"/k/kubelet.conf"});

  entry.kubeconfig->client_certificate_file = current;
  make_external(inventory, "ca");
  remedy = pki::model::replacement_of(entry, ca);
  CHECK(remedy.kind == Kind::supply_ca_key_to_init);
  CHECK(remedy.away == both);
}

TEST_CASE("what was requested from a CA whose key is elsewhere is imported, and nothing else is advised") {
  auto inventory = sound(config());
  auto& entry = at(inventory, "apiserver");
  CHECK(pki::model::requested_text(entry).empty());
  entry.request = pki::PendingRequest{now - 2 * day, "key that waits"};
  CHECK(pki::model::requested_text(entry) == ", requested on 2026-11-19");
  const auto& ca = inventory.find("ca");
  CHECK(pki::model::renewal_of(entry, &ca).kind == Kind::renew);
  CHECK(pki::model::recreation_of(entry, &ca).kind == Kind::recreate);
  make_external(inventory, "ca");
  const pki::Remedy answer{Kind::import_answer, {"apiserver"}};
  CHECK(pki::model::supply_of(entry, ca) == answer);
  CHECK(pki::model::renewal_of(entry, &ca) == answer);
  CHECK(pki::model::recreation_of(entry, &ca) == answer);
  entry.external_etcd = true;
  CHECK_FALSE(pki::model::renewal_of(entry, &ca) == answer);
}
