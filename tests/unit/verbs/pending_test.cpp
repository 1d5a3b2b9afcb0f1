// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

namespace {

using Rows = std::vector<const pki::CatalogRow*>;
using pki::PendingWork;

Rows rows(const std::vector<std::string>& names) {
  Rows found;
  for (const auto& name : names)
    found.push_back(&pki::default_catalog().find_row(name));
  return found;
}

}  // namespace

TEST_CASE("work is pending from when it is added until it is cleared, each kind on its own") {
  const TempDir base;
  const auto lock = pki::lock({base / "pki", base.path()});
  const auto& layout = lock.layout();
  CHECK(pki::read_pending(layout, PendingWork::deploy_hooks).empty());
  CHECK(pki::pending_notes(layout).empty());
  pki::add_pending(lock, PendingWork::deploy_hooks, rows({"apiserver"}));
  pki::add_pending(lock, PendingWork::restarts, rows({"scheduler.conf"}));
  CHECK(pki::read_pending(layout, PendingWork::deploy_hooks) == rows({"apiserver"}));
  CHECK(pki::read_pending(layout, PendingWork::restarts) == rows({"scheduler.conf"}));
  pki::clear_pending(lock, PendingWork::deploy_hooks);
  CHECK(pki::read_pending(layout, PendingWork::deploy_hooks).empty());
  CHECK(pki::read_pending(layout, PendingWork::restarts) == rows({"scheduler.conf"}));
}

TEST_CASE("rows stay in the order in which they were added, each once") {
  const TempDir base;
  const auto lock = pki::lock({base / "pki", base.path()});
  pki::add_pending(lock, PendingWork::deploy_hooks, rows({"scheduler.conf", "apiserver"}));
  pki::add_pending(lock, PendingWork::deploy_hooks, rows({"etcd-server", "apiserver"}));
  CHECK(pki::read_pending(lock.layout(), PendingWork::deploy_hooks) ==
        rows({"scheduler.conf", "apiserver", "etcd-server"}));
}

TEST_CASE("the remedy of a pending restart names the directory of the manifests, and no row is named like it") {
  const TempDir base;
  const auto lock = pki::lock({base / "pki", base.path()});
  const auto& layout = lock.layout();
  for (int i = 0; i < 2; ++i)
    pki::add_pending(lock, PendingWork::restarts, rows({"scheduler.conf"}), "/m");
  CHECK(pki::read_pending(layout, PendingWork::restarts) == rows({"scheduler.conf"}));
  const auto notes = pki::pending_notes(layout);
  REQUIRE(notes.size() == 1);
  CHECK((notes.front().remedy == pki::Remedy{pki::Remedy::Kind::restart, {"scheduler.conf"}, {"/m"}}));
  CHECK(notes.front().message.ends_with(": scheduler.conf"));
}

TEST_CASE("the file of an older version is read, and names that the catalog lacks are ignored") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  put(base / "pki/.pkigen/deploy-pending", "apiserver\nretired.conf\nadmin.conf\n", 0600);
  CHECK(pki::read_pending(layout, PendingWork::deploy_hooks) == rows({"apiserver", "admin.conf"}));
}

TEST_CASE("pending work, manifests that are away and records that cannot be read are in the notes of an inventory") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  std::filesystem::create_directories(base / "pki");
  CHECK(pki::load(layout).notes.empty());
  put(base / "pki/.pkigen/deploy-pending", "apiserver\nadmin.conf\n", 0600);
  put(base / "pki/.pkigen/manifests-away", "/etc/kubernetes/manifests/etcd.yaml\n", 0600);
  std::filesystem::create_directories(base / "pki/.pkigen/restart-pending");
  const auto notes = pki::load(layout).notes;
  REQUIRE(notes.size() == 3);
  CHECK(notes[0].message == "renewed, but the deploy hooks have not all succeeded since: apiserver, admin.conf");
  CHECK_THAT(notes[1].message, contains("is a directory"));
  CHECK(notes[2].subject == "/etc/kubernetes/manifests/etcd.yaml");
  const auto report = pki::inspect(pki::load(layout), {}, std::chrono::sys_seconds{}, {});
  CHECK(report.notes.size() == 3);
}
