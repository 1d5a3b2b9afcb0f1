// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <disk/backup.hpp>
#include <disk/journal.hpp>
#include <disk/lock.hpp>
#include <disk/transaction.hpp>
#include <support/catch.hpp>

#include "set.hpp"

using namespace disk_test;
namespace fs = std::filesystem;

namespace {

struct Umask {
  explicit Umask(mode_t mask) : old(::umask(mask)) {}
  ~Umask() { ::umask(old); }
  mode_t old;
};

std::string failure(const Set& set) {
  try {
    (void)write(set);
  } catch (const pki::Error& error) {
    return error.what();
  }
  return "(none)";
}

/// Moment is what readers see, and what the directories say about it.
struct Moment {
  std::string seen;
  std::string stamp;
};
const Set* watched = nullptr;
std::vector<Moment> moments;

int take_down(const char*, const char*) {
  moments.push_back({state(*watched), pki::disk::state_of(watched->layout)});
  return 0;
}

using Paths = std::set<std::string>;

/// Returns the paths of large_set as its keys: "pki/ca.crt".
Paths paths_of(const std::vector<std::filesystem::path>& paths) {
  Paths keys;
  for (const auto& path : paths) {
    const auto parent = path.parent_path().filename().string();
    keys.insert((parent == "kubernetes" ? "kubeconfig" : parent) + "/" + path.filename().string());
  }
  CHECK(keys.size() == paths.size());
  return keys;
}

}  // namespace

TEST_CASE("a transaction replaces, makes and removes files in all directories") {
  const TempDir base;
  const Set set = large_set(base.path());
  const auto written = write(set);
  CHECK(all_new(state(set)));
  CHECK(leftovers(set) == 0);
  CHECK(written.changed == 9);
  CHECK(paths_of(written.written) == Paths{"etcd/peer.crt", "etcd/peer.key", "kubeconfig/admin.conf",
                                           "kubeconfig/pkigen.yaml", "kubeconfig/user.conf", "pki/sa.pub",
                                           "pki/server.crt", "pki/server.key"});
  CHECK(paths_of(written.removed) == Paths{"pki/gone.crt"});
  CHECK(written.backup == "000001-20250615T150640Z-renew");
  CHECK(written.notes.empty());
}

TEST_CASE("a fresh PKI is made with its directories, and has no backup") {
  const TempDir base;
  const Set set = fresh_set(base.path());
  const auto written = write(set);
  CHECK(all_new(state(set)));
  CHECK(leftovers(set) == 0);
  CHECK(written.backup.empty());
  CHECK(mode_of(set.layout.certificates_dir) == 0755);
  CHECK(mode_of(set.layout.certificates_dir / "etcd") == 0755);
  CHECK_FALSE(fs::exists(set.layout.certificates_dir / ".pkigen"));
}

TEST_CASE("whatever of a transaction readers can see, the state of the directories is another then") {
  const TempDir base(memory_dir());
  const Set set = large_set(base.path());
  watched = &set;
  moments.clear();
  const pki::disk::Hooks hooks{.before = take_down};
  (void)write(set, {}, hooks);
  (void)take_down("", "");
  int changes = 0;
  for (std::size_t i = 1; i < moments.size(); ++i) {
    const bool another = moments[i].seen != moments[i - 1].seen;
    CAPTURE(i, moments[i - 1].seen, moments[i].seen);
    if (another) CHECK(moments[i].stamp != moments[i - 1].stamp);
    changes += another ? 1 : 0;
  }
  CHECK(changes == 3);
  CHECK(moments.front().stamp != moments.back().stamp);
  CHECK(pki::disk::state_of(set.layout) == moments.back().stamp);
}

TEST_CASE("modes are exactly those asked for, whatever the umask") {
  for (const mode_t mask : {0000U, 0022U, 0077U, 0777U}) {
    CAPTURE(mask);
    const TempDir base;
    const Set fresh = fresh_set(base / "a");
    const Set change = large_set(base / "b");
    {
      const Umask umask(mask);
      (void)write(fresh);
      (void)write(change);
    }
    for (const Set* set : {&fresh, &change})
      for (const auto& [key, content] : set->after)
        CHECK(mode_of(place(set->layout, key)) == mode_for(key));
    CHECK(mode_of(fresh.layout.certificates_dir) == 0755);
    CHECK(mode_of(change.layout.certificates_dir / ".pkigen/backups") == 0700);
  }
}

TEST_CASE("a replaced file keeps its mode, whether that is stricter or more open than the usual one") {
  struct Case {
    unsigned before, wanted;
  };
  for (const Case c : {Case{0600, 0644}, Case{0644, 0600}, Case{0640, 0600}, Case{0640, 0644}, Case{0400, 0600},
                       Case{0604, 0600}, Case{0660, 0600}, Case{0444, 0644}, Case{0600, 0600}}) {
    CAPTURE(c.before, c.wanted);
    const TempDir base;
    const pki::Layout layout{base / "pki", base / "conf"};
    put(base / "pki/x", "old", c.before);
    const std::vector<pki::File> files{{base / "pki/x", c.wanted, pki::SecretString("new")}};
    (void)pki::disk::write_transaction(layout, files, {}, options());
    CHECK(slurp(base / "pki/x") == "new");
    CHECK(mode_of(base / "pki/x") == c.before);
  }
}

TEST_CASE("a replaced file keeps its owner when root writes") {
  if (::geteuid() != 0) return;
  const TempDir base;
  const Set set = small_set(base.path());
  const auto path = place(set.layout, "pki/server.key");
  REQUIRE(::chown(path.c_str(), 1234, 2345) == 0);
  (void)write(set);
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  CHECK(status.st_uid == 1234);
  CHECK(status.st_gid == 2345);
}

TEST_CASE("files that are on disk exactly so are left alone") {
  const TempDir base;
  const Set set = large_set(base.path());
  (void)write(set);
  struct stat before {
  }, after{};
  REQUIRE(::stat(place(set.layout, "pki/server.key").c_str(), &before) == 0);
  const auto again = write(set);
  REQUIRE(::stat(place(set.layout, "pki/server.key").c_str(), &after) == 0);
  CHECK(again.changed == 0);
  CHECK(again.backup.empty());
  CHECK(before.st_ino == after.st_ino);
}

TEST_CASE("a mode that is too open is kept, and no reason to write a file again") {
  const TempDir base;
  const Set set = large_set(base.path());
  (void)write(set);
  REQUIRE(::chmod(place(set.layout, "pki/server.key").c_str(), 0644) == 0);
  CHECK(write(set).changed == 0);
  CHECK(mode_of(place(set.layout, "pki/server.key")) == 0644);
}

TEST_CASE("verify sees staged bytes, live files that are not touched, and nothing for what goes away") {
  const TempDir base;
  const Set set = large_set(base.path());
  bool called = false;
  (void)write(set, [&](const pki::disk::ReadBack& read_back) {
    called = true;
    CHECK(*read_back(place(set.layout, "pki/server.key"), false) == "new");
    CHECK(*read_back(place(set.layout, "etcd/peer.crt"), false) == "new");
    CHECK(*read_back(place(set.layout, "pki/ca.crt"), false) == "ca");
    CHECK_FALSE(read_back(place(set.layout, "pki/gone.crt"), false));
    CHECK_FALSE(read_back(place(set.layout, "pki/never.crt"), false));
    CHECK_FALSE(read_back(set.layout.certificates_dir / "never/x", true));
    CHECK(read_back(place(set.layout, "pki/ca.crt"), true));
    std::filesystem::create_hard_link(place(set.layout, "pki/ca.crt"), base / "elsewhere");
    CHECK(read_back(place(set.layout, "pki/ca.crt"), false));
    CHECK_FALSE(read_back(place(set.layout, "pki/ca.crt"), true));
    std::filesystem::create_symlink(place(set.layout, "pki/ca.crt"), set.layout.certificates_dir / "link.crt");
    CHECK_FALSE(read_back(set.layout.certificates_dir / "link.crt", false));
    fs::create_directory_symlink(set.layout.certificates_dir, base / "linked");
    CHECK_FALSE(read_back(base / "linked/ca.crt", false));
    CHECK(all_old(state(set)));
  });
  CHECK(called);
}

TEST_CASE("when verify throws, everything is as before, also directories that were not there") {
  const TempDir base;
  const Set change = large_set(base / "a");
  const Set fresh = fresh_set(base / "b");
  for (const Set* set : {&change, &fresh}) {
    CHECK_THROWS_AS(write(*set, [](const pki::disk::ReadBack&) { throw std::runtime_error("no"); }),
                    std::runtime_error);
    CHECK(all_old(state(*set)));
    CHECK(leftovers(*set) == 0);
    CHECK(pki::disk::list_backups(set->layout).empty());
  }
  CHECK_FALSE(fs::exists(fresh.layout.certificates_dir));
}

TEST_CASE("unknown files are not touched") {
  const TempDir base;
  const Set set = large_set(base.path());
  put(set.layout.certificates_dir / "mine.key", "mine", 0640);
  put(set.layout.certificates_dir / ".hidden", "mine");
  fs::create_symlink("nowhere", set.layout.certificates_dir / "dangling");
  (void)write(set);
  CHECK(slurp(set.layout.certificates_dir / "mine.key") == "mine");
  CHECK(mode_of(set.layout.certificates_dir / "mine.key") == 0640);
  CHECK(slurp(set.layout.certificates_dir / ".hidden") == "mine");
  CHECK(fs::read_symlink(set.layout.certificates_dir / "dangling") == "nowhere");
}

TEST_CASE("what is not a plain file is never replaced and never written through") {
  struct Case {
    const char* kind;
    const char* message;
  };
  for (const Case c : {Case{"link", "symbolic link"}, Case{"dangling", "symbolic link"}, Case{"hard", "hard links"},
                       Case{"fifo", "named pipe"}, Case{"directory", "is a directory"}}) {
    CAPTURE(c.kind);
    const TempDir base;
    const Set set = large_set(base.path());
    put(base / "sentinel", "sentinel", 0600);
    const auto target = place(set.layout, "pki/server.key");
    fs::remove(target);
    const std::string kind = c.kind;
    if (kind == "link") fs::create_symlink(base / "sentinel", target);
    if (kind == "dangling") fs::create_symlink(base / "not-there", target);
    if (kind == "hard") fs::create_hard_link(base / "sentinel", target);
    if (kind == "fifo") REQUIRE(::mkfifo(target.c_str(), 0600) == 0);
    if (kind == "directory") fs::create_directory(target);
    const auto message = failure(set);
    CHECK_THAT(message, contains(c.message));
    CHECK_THAT(message, contains(target.string()));
    CHECK(slurp(base / "sentinel") == "sentinel");
    CHECK(mode_of(base / "sentinel") == 0600);
    CHECK_FALSE(fs::exists(base / "not-there"));
    CHECK(slurp(place(set.layout, "pki/server.crt")) == "old");
    CHECK(leftovers(set) == (kind == "link" || kind == "dangling" ? 1 : 0));
  }
}

TEST_CASE("a directory that is a link, or that others may write to, is refused") {
  const TempDir base;
  const Set set = large_set(base.path());
  const auto pki = set.layout.certificates_dir;
  SECTION("the PKI directory is a link") {
    fs::rename(pki, base / "real");
    fs::create_directory_symlink(base / "real", pki);
    CHECK_THAT(failure(set), contains("is a symbolic link, expected a directory"));
    CHECK(slurp(base / "real/server.key") == "old");
  }
  SECTION("etcd is a link") {
    fs::rename(pki / "etcd", base / "real");
    fs::create_directory_symlink(base / "real", pki / "etcd");
    CHECK_THAT(failure(set), contains("is a symbolic link, expected a directory"));
    CHECK(slurp(pki / "server.key") == "old");
    CHECK(leftovers(set) == 1);  // the link itself
  }
  SECTION("a link in whose directory nothing changes is in nobody's way") {
    fs::rename(pki / "etcd", base / "real");
    fs::create_directory_symlink(base / "real", pki / "etcd");
    const std::vector<pki::File> files{{pki / "server.crt", 0644, pki::SecretString("new")},
                                       {set.layout.kubeconfig_dir / "admin.conf", 0600, pki::SecretString("new")}};
    CHECK(pki::disk::write_transaction(set.layout, files, {}, options()).changed == 2);
    CHECK(slurp(pki / "server.crt") == "new");
    CHECK(slurp(base / "real/peer.crt") == "old");
    CHECK(fs::is_symlink(pki / "etcd"));
    CHECK_FALSE(fs::exists(base / "real/.pkigen-txn"));
    CHECK(pki::disk::recover(set.layout).empty());
  }
  SECTION("a directory above is open to all") {
    REQUIRE(::chmod(pki.parent_path().c_str(), 0777) == 0);
    CHECK_THAT(failure(set), contains("others may write to it (mode 0777)"));
    CHECK(all_old(state(set)));
    REQUIRE(::chmod(pki.parent_path().c_str(), 01777) == 0);
    CHECK(failure(set) == "(none)");
  }
  SECTION("a directory above belongs to somebody else") {
    if (::geteuid() != 0) return;
    REQUIRE(::chown(pki.c_str(), 4711, 0) == 0);
    CHECK_THAT(failure(set), contains("belongs to user 4711"));
    CHECK(all_old(state(set)));
    CHECK_FALSE(fs::exists(pki / ".pkigen"));
  }
  SECTION("a link among the parents is followed, and the real parents are looked at") {
    fs::create_directory_symlink(base.path(), base / "alias");
    const pki::Layout layout{base / "alias/kubernetes/pki", base / "alias/kubernetes"};
    const std::vector<pki::File> files{{layout.certificates_dir / "x", 0644, pki::SecretString("x")}};
    CHECK(pki::disk::write_transaction(layout, files, {}, options()).changed == 1);
    REQUIRE(::chmod((base / "kubernetes").c_str(), 0770) == 0);
    const std::vector<pki::File> more{{layout.certificates_dir / "y", 0644, pki::SecretString("y")}};
    CHECK_THROWS_AS(pki::disk::write_transaction(layout, more, {}, options()), pki::Error);
  }
}

TEST_CASE("paths that are not directly in a directory of the PKI are refused before anything is written") {
  for (const std::string name : {"../x", "a/b", "etcd/a/b", "..", ".", "", ".pkigen-txn", ".pkigen", "a\nb"}) {
    CAPTURE(name);
    const TempDir base;
    const pki::Layout layout{base / "kubernetes/pki", base / "conf"};
    const std::vector<pki::File> files{{layout.certificates_dir / name, 0600, pki::SecretString("x")}};
    CHECK_THROWS_AS(pki::disk::write_transaction(layout, files, {}, options()), pki::Error);
    CHECK(fs::is_empty(base.path()));
  }
  const TempDir base;
  const pki::Layout layout{base / "pki", base / "conf"};
  const std::vector<pki::File> twice{{base / "pki/x", 0600, pki::SecretString("1")},
                                     {base / "pki/./x", 0600, pki::SecretString("2")}};
  CHECK_THROWS_WITH(pki::disk::write_transaction(layout, twice, {}, options()), contains("written twice"));
}

TEST_CASE("one directory for certificates and kubeconfigs works too") {
  const TempDir base;
  const pki::Layout layout{base / "all", base / "all"};
  const std::vector<pki::File> files{{base / "all/ca.key", 0600, pki::SecretString("k")},
                                     {base / "all/admin.conf", 0600, pki::SecretString("c")},
                                     {base / "all/etcd/ca.key", 0600, pki::SecretString("e")}};
  CHECK(pki::disk::write_transaction(layout, files, {}, options()).changed == 3);
  CHECK(slurp(base / "all/admin.conf") == "c");
  CHECK(slurp(base / "all/etcd/ca.key") == "e");
}

TEST_CASE("a directory that may not be written gives the path and the reason") {
  if (::geteuid() == 0) return;
  const TempDir base;
  const Set set = large_set(base.path());
  REQUIRE(::chmod(set.layout.certificates_dir.c_str(), 0555) == 0);
  CHECK_THAT(failure(set), contains("permission denied"));
  REQUIRE(::chmod(set.layout.certificates_dir.c_str(), 0755) == 0);
  CHECK(all_old(state(set)));
}

TEST_CASE("two PKIs that share a kubeconfig directory do not end each other's transactions") {
  const TempDir base;
  const Set set = large_set(base.path());
  (void)write(set, [&](const pki::disk::ReadBack&) {
    CHECK_THROWS_AS(pki::disk::FileLock::acquire_file(pki::disk::guard_path(set.layout.kubeconfig_dir),
                                                      std::chrono::milliseconds(0)),
                    pki::Error);
  });
  CHECK(all_new(state(set)));
}
