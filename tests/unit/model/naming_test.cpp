// SPDX-License-Identifier: Apache-2.0
#include <pki/naming.hpp>

#include <optional>
#include <string_view>
#include <vector>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace pki;

namespace {

ClusterConfig under(Naming naming) {
  auto config = build::config();
  config.naming = naming;
  return config;
}

std::optional<Naming> found(const Inventory& inventory) { return naming_of(inventory, build::valid(build::config())); }

}  // namespace

TEST_CASE("the certificates that are there say which naming they have") {
  for (const auto naming : {Naming::recommended, Naming::kubeadm}) {
    CAPTURE(to_string(naming));
    const auto config = under(naming);
    CHECK(found(build::sound(config)) == naming);
    // One name of one naming alone is enough.
    for (const auto* row : {"etcd-server", "etcd-peer", "ca"}) {
      auto inventory = build::nothing(config);
      build::at(inventory, row) = build::sound_entry(default_catalog().find_row(row), config);
      CHECK(found(inventory) == naming);
    }
  }
}

TEST_CASE("no certificate, names that both namings have, and names of other tools say nothing about the naming") {
  const auto config = under(Naming::kubeadm);
  CHECK_FALSE(found(build::nothing(config)));

  auto without_etcd = build::sound(config);
  for (auto& entry : without_etcd.entries)
    if (entry.row->local_etcd) entry = build::absent_entry(*entry.row, config);
  CHECK(found(without_etcd) == Naming::kubeadm);
  build::at(without_etcd, "ca").certificates.front().common_name = "Example CA";
  CHECK_FALSE(found(without_etcd));

  auto others = build::sound(config);
  for (const auto* row : {"ca", "etcd-server", "etcd-peer"})
    build::at(others, row).certificates.front().common_name = "etcd.example.com";
  CHECK_FALSE(found(others));

  // The node of the configuration is another one.
  auto elsewhere = config;
  elsewhere.node_name = "cp-2";
  auto of_another = build::sound(elsewhere);
  CHECK(found(of_another) == Naming::kubeadm);  // by its CA
  build::at(of_another, "ca").certificates.front().common_name = "Example CA";
  CHECK_FALSE(found(of_another));
}

TEST_CASE("certificates of both namings leave the choice open, and those of other tools change nothing") {
  auto mixed = build::sound(under(Naming::kubeadm));
  build::at(mixed, "etcd-peer") =
      build::sound_entry(default_catalog().find_row("etcd-peer"), under(Naming::recommended));
  CHECK_FALSE(found(mixed));

  auto one = build::sound(under(Naming::kubeadm));
  build::at(one, "etcd-peer").certificates.front().common_name = "etcd.example.com";
  CHECK(found(one) == Naming::kubeadm);
  // A CA of the other naming is older than what it signs.
  build::at(one, "ca").certificates.front().common_name = "kubernetes-ca";
  CHECK(found(one) == Naming::kubeadm);
}
