// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

// Restarts with servers and a stand-in for the kubelet: tests/interop/static_pods.py.

namespace fs = std::filesystem;

namespace {

pki::Layout layout_in(const TempDir& base) { return {base / "pki", base.path()}; }

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory))
    names.push_back(entry.path().filename());
  return names;
}

}  // namespace

TEST_CASE("a manifest that a killed restart left is put back by the next lock, and forgotten then") {
  const TempDir base;
  put(base / "manifests/.etcd.yaml.pkigen", "# etcd", 0600);
  put(base / "pki/.pkigen/manifests-away", (base / "manifests/etcd.yaml").string() + "\n", 0600);
  {
    const auto lock = pki::lock(layout_in(base));
    REQUIRE(lock.recovered().size() == 1);
    CHECK(lock.recovered()[0].subject == (base / "manifests/etcd.yaml").string());
    CHECK_THAT(lock.recovered()[0].message, contains("put back"));
  }
  CHECK(slurp(base / "manifests/etcd.yaml") == "# etcd");
  CHECK(names_in(base / "pki/.pkigen").empty());
  CHECK(pki::lock(layout_in(base)).recovered().empty());
}

TEST_CASE("a record of a manifest that is in place is forgotten without a word") {
  const TempDir base;
  put(base / "manifests/etcd.yaml", "# etcd", 0600);
  put(base / "pki/.pkigen/manifests-away", (base / "manifests/etcd.yaml").string() + "\n", 0600);
  CHECK(pki::lock(layout_in(base)).recovered().empty());
  CHECK(names_in(base / "pki/.pkigen").empty());
}

TEST_CASE("a manifest of which a second copy is in place is reported each time, and neither is touched") {
  const TempDir base;
  put(base / "manifests/etcd.yaml", "new", 0600);
  put(base / "manifests/.etcd.yaml.pkigen", "old", 0600);
  put(base / "pki/.pkigen/manifests-away", (base / "manifests/etcd.yaml").string() + "\n", 0600);
  for (int i = 0; i < 2; ++i) {
    const auto lock = pki::lock(layout_in(base));
    REQUIRE(lock.recovered().size() == 1);
    CHECK_THAT(lock.recovered()[0].message, contains("exists as well"));
  }
  CHECK(slurp(base / "manifests/etcd.yaml") == "new");
  CHECK(slurp(base / "manifests/.etcd.yaml.pkigen") == "old");
}

TEST_CASE("a record that names no manifest moves nothing") {
  const TempDir base;
  put(base / "file", "x", 0600);
  put(base / "pki/.pkigen/manifests-away", "relative.yaml\n/\n/no/such/directory/x.yaml\n", 0600);
  CHECK_NOTHROW(pki::lock(layout_in(base)));
  CHECK(slurp(base / "file") == "x");
}

TEST_CASE("manifests that no record names are put back from a given directory") {
  const TempDir base;
  put(base / "manifests/.kube-scheduler.yaml.pkigen", "# scheduler", 0600);
  const auto lock = pki::lock(layout_in(base));
  const auto notes = pki::put_manifests_back(lock, base / "manifests");
  REQUIRE(notes.size() == 1);
  CHECK(slurp(base / "manifests/kube-scheduler.yaml") == "# scheduler");
  CHECK(pki::put_manifests_back(lock, base / "manifests").empty());
  CHECK(pki::put_manifests_back(lock, base / "none").empty());
  fs::create_directory_symlink("manifests", base / "link");
  const auto refused = pki::put_manifests_back(lock, base / "link");
  REQUIRE(refused.size() == 1);
  CHECK_THAT(refused[0].message, contains("is a symbolic link"));
}

TEST_CASE("what runs no static pod here is not restarted") {
  if (pki::served_certificate("127.0.0.1", 10259, std::chrono::seconds{1}).answered) {
    WARN("not checked: a scheduler runs on this host");
    return;
  }
  const TempDir base;
  const auto lock = pki::lock(layout_in(base));
  const std::vector rows{&pki::default_catalog().find_row("scheduler.conf")};
  pki::RollOutOptions options;
  options.manifests_dir = base / "manifests";
  int begun = 0;
  options.progress = [&](std::string_view) { ++begun; };
  CHECK(pki::restart_static_pods(lock, rows, options).empty());
  fs::create_directories(base / "manifests");
  CHECK(pki::restart_static_pods(lock, rows, options).empty());
  fs::create_symlink("elsewhere", base / "manifests/kube-scheduler.yaml");
  CHECK(pki::restart_static_pods(lock, rows, options).empty());
  CHECK(begun == 0);
}
