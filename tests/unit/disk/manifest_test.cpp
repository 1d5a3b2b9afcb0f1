// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <disk/manifest.hpp>
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

using namespace pki::disk;
namespace fs = std::filesystem;

TEST_CASE("a manifest is hidden under a name that a kubelet ignores, and restored") {
  const TempDir base;
  put(base / "etcd.yaml", "# etcd", 0600);
  const auto directory = Directory::open(base.path());
  REQUIRE(has_manifest(*directory, "etcd"));
  CHECK_FALSE(is_hidden(*directory, "etcd"));
  hide_manifest(*directory, "etcd");
  CHECK_FALSE(has_manifest(*directory, "etcd"));
  CHECK(is_hidden(*directory, "etcd"));
  CHECK(slurp(base / ".etcd.yaml.pkigen") == "# etcd");
  CHECK(hidden_manifests(*directory) == std::vector<std::string>{"etcd"});
  restore_manifest(*directory, "etcd");
  CHECK(slurp(base / "etcd.yaml") == "# etcd");
  CHECK(hidden_manifests(*directory).empty());
}

TEST_CASE("only hidden manifests are listed") {
  const TempDir base;
  for (const char* name : {"b.yaml", ".b.yaml", ".yaml.pkigen", ".b.yaml.pkigen", ".a.yaml.pkigen", "c.yaml.pkigen"})
    put(base / name, "x");
  CHECK(hidden_manifests(*Directory::open(base.path())) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a manifest that has come back in the meantime is not overwritten") {
  const TempDir base;
  put(base / "etcd.yaml", "new");
  put(base / ".etcd.yaml.pkigen", "old");
  CHECK_THROWS_WITH(restore_manifest(*Directory::open(base.path()), "etcd"), contains("exists as well"));
  CHECK(slurp(base / "etcd.yaml") == "new");
  CHECK(slurp(base / ".etcd.yaml.pkigen") == "old");
}

TEST_CASE("a manifest that is a link is not one, and one that is missing cannot be hidden or restored") {
  const TempDir base;
  put(base / "target", "x");
  fs::create_symlink("target", base / "etcd.yaml");
  const auto directory = Directory::open(base.path());
  CHECK_FALSE(has_manifest(*directory, "etcd"));
  CHECK_FALSE(has_manifest(*directory, "other"));
  CHECK_THROWS_AS(hide_manifest(*directory, "other"), pki::Error);
  CHECK_THROWS_AS(restore_manifest(*directory, "other"), pki::Error);
}
