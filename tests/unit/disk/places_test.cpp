// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <pki/error.hpp>

#include <disk/places.hpp>
#include <disk/transaction.hpp>
#include <support/catch.hpp>

#include "set.hpp"

using namespace disk_test;
using namespace pki::disk;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> subjects(const std::vector<pki::Finding>& findings) {
  std::vector<std::string> texts;
  for (const auto& finding : findings)
    texts.push_back(finding.subject);
  return texts;
}

std::vector<pki::Finding> find_all(const pki::Layout& layout) { return find_unsafe(layout, root_paths(layout)); }

using Texts = std::vector<std::string>;

// Not every sh has $'...'.
int run_in_bash(const std::string& command) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execlp("bash", "bash", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("directories that only root or the caller may write to are safe, and so are missing ones") {
  const TempDir base;
  CHECK(find_all({base / "k/pki", base / "k"}).empty());
  const Set set = large_set(base.path());
  CHECK(find_all(set.layout).empty());
  CHECK_NOTHROW(refuse_unsafe(set.layout, root_paths(set.layout)));
  CHECK_NOTHROW(refuse_linked(set.layout));
  CHECK(linked_directories(set.layout).empty());
}

TEST_CASE("each directory that belongs to somebody else is found, once, with one command for all") {
  if (::geteuid() != 0) return;
  const TempDir base;
  const Set set = large_set(base.path());
  const auto k = base / "kubernetes";
  for (const auto& path : {k, k / "pki", k / "pki/etcd"})
    REQUIRE(::chown(path.c_str(), 997, 0) == 0);
  const auto findings = find_all(set.layout);
  CHECK(subjects(findings) == Texts{k, k / "pki", k / "pki/etcd"});
  CHECK(findings[0].remedy == pki::Remedy());
  CHECK(findings[1].remedy == pki::Remedy());
  CHECK(findings[2].remedy.text ==
        "chown 0 " + k.string() + " " + (k / "pki").string() + " " + (k / "pki/etcd").string());
  try {
    (void)write(set);
    FAIL("written");
  } catch (const pki::Error& error) {
    CHECK(error.code() == pki::Errc::io);
    CHECK(error.subject() == k.string());
    CHECK(subjects(error.further()) == Texts{k / "pki", k / "pki/etcd"});
  }
  CHECK(all_old(state(set)));
  REQUIRE(std::system(findings[2].remedy.text.c_str()) == 0);
  CHECK(write(set).changed == 9);
}

TEST_CASE("a directory that is not written does not stop a write") {
  if (::geteuid() != 0) return;
  const TempDir base;
  const Set set = large_set(base.path());
  REQUIRE(::chown((base / "kubernetes/pki/etcd").c_str(), 997, 0) == 0);
  const std::vector<pki::File> one{{set.layout.certificates_dir / "server.key", 0600, pki::SecretString("new")}};
  CHECK(write_transaction(set.layout, one, {}, options()).changed == 1);
  CHECK_THROWS_WITH(write(set), contains("belongs to user 997"));
}

TEST_CASE("links, owners and modes are found together, with the directories that the links lead to") {
  struct Case {
    const char* name;
    std::string link, target;
    bool kubeconfigs;  ///< must be named as well, since they are not in the parent of the target
  };
  for (const auto& c : {Case{"the PKI", "kubernetes/pki", "kubernetes/ssl", false},
                        Case{"the PKI, elsewhere", "kubernetes/pki", "srv", true},
                        Case{"the directory above", "kubernetes", "real", false}}) {
    CAPTURE(c.name);
    const TempDir base;
    const Set set = large_set(base.path());
    fs::rename(base / c.link, base / c.target);
    fs::create_directory_symlink(base / c.target, base / c.link);
    REQUIRE(::chmod((base / c.target).c_str(), 0777) == 0);
    const auto findings = find_all(set.layout);
    CHECK(subjects(findings) == Texts{base / c.link, base / c.target});
    CHECK_THAT(findings[0].message, contains("is a symbolic link, expected a directory; it points to "));
    CHECK(findings.back().remedy.kind == pki::Remedy::Kind::name_directories);
    const auto& paths = findings.back().remedy.paths;
    CHECK(paths.size() == (c.kubeconfigs ? 2 : 1));
    CHECK(findings.back().remedy.text == "chmod go-w " + (base / c.target).string());
    CHECK_THROWS_AS(refuse_linked(set.layout), pki::Error);
    CHECK(linked_directories(set.layout).at(0).target == base / c.target);

    // The way that the remedy names.
    REQUIRE(::chmod((base / c.target).c_str(), 0755) == 0);
    const pki::Layout named{paths[0], paths.size() > 1 ? fs::path(paths[1]) : fs::path(paths[0]).parent_path()};
    const std::vector<pki::File> files{{named.certificates_dir / "server.key", 0600, pki::SecretString("new")}};
    CHECK(write_transaction(named, files, {}, options()).changed == 1);
  }
}

TEST_CASE("two levels of links are followed to the end, and one of etcd's directory has a remedy of its own") {
  const TempDir base;
  const Set set = large_set(base.path());
  const auto pki = base / "kubernetes/pki";
  fs::rename(pki / "etcd", base / "etcd");
  fs::create_directory_symlink(base / "etcd", base / "first");
  fs::create_directory_symlink("../../first", pki / "etcd");
  const auto findings = find_all(set.layout);
  CHECK(subjects(findings) == Texts{pki / "etcd"});
  CHECK(findings[0].remedy.text ==
        "rm " + (pki / "etcd").string() + " && mv " + (base / "etcd").string() + " " + (pki / "etcd").string());
  CHECK_NOTHROW(refuse_linked(set.layout));  // what writes no file there may work
  CHECK_THROWS_AS(write(set), pki::Error);
  REQUIRE(std::system(findings[0].remedy.text.c_str()) == 0);
  CHECK(write(set).changed == 9);
}

TEST_CASE("a link to a directory that does not exist has a remedy that leads to a directory") {
  const TempDir base;
  const auto k = base / "k";
  fs::create_directories(k / "pki");
  fs::create_directory_symlink("nowhere", k / "pki/etcd");
  const auto etcd = find_all({k / "pki", k});
  REQUIRE(etcd.size() == 1);
  CHECK(etcd[0].message == "is a symbolic link, expected a directory; it points to " + (k / "pki/nowhere").string() +
                               ", which does not exist");
  CHECK(etcd[0].remedy.text == "rm " + (k / "pki/etcd").string());

  fs::remove_all(k / "pki");
  fs::create_directory_symlink("../ssl", k / "pki");
  const auto pki = find_all({k / "pki", k});
  REQUIRE(pki.size() == 1);
  CHECK(linked_directories({k / "pki", k}).at(0).dangling);
  CHECK(pki[0].remedy == pki::Remedy(pki::Remedy::Kind::name_directories, {}, {base / "ssl", k}));
}

TEST_CASE("the commands of a remedy are those of a shell, whatever the names of the directories") {
  for (const std::string name : {"plain", "with blank", "it's", "$HOME", "a\"b", "semi;colon", "back`quote", "\xff"}) {
    CAPTURE(name);
    const TempDir base;
    const auto k = base / name;
    const pki::Layout layout{k / "pki", k};
    fs::create_directories(k / "pki");
    fs::create_directories(base / "srv" / name);
    fs::create_directory_symlink(base / "srv" / name, k / "pki/etcd");
    for (const auto& path : {k, base / "srv" / name})
      REQUIRE(::chmod(path.c_str(), 0777) == 0);
    const bool root = ::geteuid() == 0;
    if (root) REQUIRE(::chown((k / "pki").c_str(), 997, 0) == 0);
    if (root) REQUIRE(::chmod((k / "pki").c_str(), 0775) == 0);  // two faults of one directory
    const auto findings = find_all(layout);
    REQUIRE(findings.size() == (root ? 4 : 3));
    REQUIRE(run_in_bash(findings.back().remedy.text) == 0);
    CHECK(find_all(layout).empty());
  }
}

TEST_CASE("a file in the place of a directory is found") {
  const TempDir base;
  put(base / "k/pki", "not a directory");
  CHECK_THAT(find_all({base / "k/pki", base / "k"}).at(0).message, contains("is not a directory"));
}
