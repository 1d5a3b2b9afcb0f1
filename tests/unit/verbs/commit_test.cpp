// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

// The transaction itself: tests/unit/disk.

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

pki::Bundle new_pki(const pki::Layout& layout) {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.0.2.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = layout;
  const auto nothing = pki::load(layout);
  return pki::issue(pki::plan_init(pki::validate(config).value(), nothing, now), nothing);
}

}  // namespace

TEST_CASE("a commit reports which files it wrote, and a second one that there is nothing to do") {
  const TempDir base;
  const auto lock = pki::lock({base / "pki", base.path()});
  const auto bundle = new_pki(lock.layout());
  const auto written = pki::commit(bundle, lock, {.now = now});
  CHECK(written.changed == bundle.files.size());
  CHECK(written.written.size() == bundle.files.size());
  CHECK(written.removed.empty());
  CHECK(written.backup.empty());
  CHECK(written.notes.empty());
  const auto again = pki::commit(bundle, lock, {.now = now});
  CHECK(again.changed == 0);
  CHECK(again.written.empty());
  CHECK(again.backup.empty());
}

TEST_CASE("a commit needs the lock of its own PKI") {
  const TempDir base;
  const auto lock = pki::lock({base / "pki", base.path()});
  const auto other = pki::lock({base / "other/pki", base / "other"});
  CHECK_THROWS_WITH(pki::commit(new_pki(lock.layout()), other, {.now = now}), contains("the lock is that of"));
  CHECK_FALSE(std::filesystem::exists(base / "pki"));
}

TEST_CASE("staged files that do not fit together are refused, and nothing changes") {
  const TempDir base;
  const auto lock = pki::lock({base / "pki", base.path()});
  auto bundle = new_pki(lock.layout());
  for (auto& file : bundle.files)
    if (file.path == base / "pki/apiserver.key") file.content = pki::SecretString("not a key");
  CHECK_THROWS_AS(pki::commit(bundle, lock, {.now = now}), pki::Error);
  CHECK_FALSE(std::filesystem::exists(base / "pki"));
}
