// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <disk/backup.hpp>
#include <disk/transaction.hpp>
#include <support/catch.hpp>

#include "set.hpp"

using namespace disk_test;
using namespace pki::disk;
namespace fs = std::filesystem;

namespace {

using Ids = std::vector<std::string>;

Ids ids(const pki::Layout& layout) {
  Ids ids;
  for (const auto& backup : pki::disk::list_backups(layout))
    ids.push_back(backup.id);
  return ids;
}

}  // namespace

TEST_CASE("a backup holds copies of what was replaced, private, and puts everything back") {
  const TempDir base;
  Set set = large_set(base.path());
  const auto id = write(set).backup;
  const auto directory = set.layout.certificates_dir / ".pkigen/backups" / id;
  CHECK(slurp(directory / "pki/server.key") == "old");
  CHECK(slurp(directory / "kubeconfig/admin.conf") == "old");
  for (const auto& entry : fs::recursive_directory_iterator(set.layout.certificates_dir / ".pkigen"))
    CHECK(mode_of(entry.path()) == (entry.is_directory() ? 0700U : 0600U));
  REQUIRE(pki::disk::list_backups(set.layout).size() == 1);
  CHECK(pki::disk::list_backups(set.layout)[0].command == "renew");
  CHECK(pki::disk::list_backups(set.layout)[0].made == options().now);

  const auto restore = load_backup(set.layout, id);
  CHECK(restore.removals.size() == 2);
  auto undo = options();
  undo.command = "undo";
  CHECK(restore_transaction(set.layout, restore, undo).changed == 9);
  CHECK(all_old(state(set)));
  for (const auto& [key, content] : set.before)
    CHECK(mode_of(place(set.layout, key)) == mode_for(key));

  // And the undoing can be undone.
  const auto again = load_backup(set.layout, "000002-20250615T150640Z-undo");
  (void)restore_transaction(set.layout, again, undo);
  CHECK(all_new(state(set)));
}

TEST_CASE("backups are numbered, also in one second, and only the last ones stay") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base / "conf"};
  put(base / "pki/x", "0", 0600);
  auto when = options();
  when.keep_backups = 3;
  for (int i = 1; i <= 12; ++i) {
    const std::vector<pki::File> files{{base / "pki/x", 0600, pki::SecretString(std::to_string(i))}};
    (void)write_transaction(layout, files, {}, when);
    if (i == 10) {
      when.now += std::chrono::hours(1);
      when.command = "Certs  renew/../all!";
    }
  }
  CHECK(ids(layout) == Ids{"000010-20250615T150640Z-renew", "000011-20250615T160640Z-erts-renew-all",
                           "000012-20250615T160640Z-erts-renew-all"});
  CHECK(pki::disk::list_backups(layout).back().command == "erts-renew-all");
  CHECK(load_backup(layout, ids(layout).back()).files[0].content == "11");
  (void)prune_backups(layout, 1);
  CHECK(ids(layout) == Ids{"000012-20250615T160640Z-erts-renew-all"});
  (void)prune_backups(layout, 0);
  CHECK(ids(layout).empty());
}

TEST_CASE("backups are in the order in which they were made, whatever the clock said") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base / "conf"};
  put(base / "pki/x", "0", 0600);
  auto when = options();
  when.keep_backups = 3;
  std::string last;
  int content = 0;
  for (const int hours : {2'000, 2'001, 2'002, 0, 2'003, -5}) {
    when.now = options().now + std::chrono::hours(hours);
    const std::vector<pki::File> files{{base / "pki/x", 0600, pki::SecretString(std::to_string(++content))}};
    last = write_transaction(layout, files, {}, when).backup;
    CHECK(ids(layout).back() == last);
    CHECK(load_backup(layout, last).files[0].content == pki::SecretString(std::to_string(content - 1)));
  }
  CHECK(ids(layout).size() == 3);
}

TEST_CASE("backups of older versions come first, in the order of their times, and go first") {
  const TempDir base;
  const Set set = large_set(base.path());
  const auto backups = set.layout.certificates_dir / ".pkigen/backups";
  const Ids older{"20240101T000000Z-renew", "20240101T000000Z-renew-2", "20240101T000000Z-renew-10",
                  "20330101T000000Z-undo"};
  for (const auto& id : older)
    put(backups / id / "manifest", "pkigen-backup 1\nend\n", 0600);
  auto many = options();
  many.keep_backups = 5;
  const auto made = write_transaction(set.layout, set.files, set.removals, many).backup;
  CHECK(ids(set.layout) == Ids{older[0], older[1], older[2], older[3], made});
  CHECK(pki::disk::list_backups(set.layout)[2].command == "renew");
  CHECK(prune_backups(set.layout, 2).empty());
  CHECK(ids(set.layout) == Ids{older[3], made});
}

TEST_CASE("a number that no backup may follow is an error before anything is changed") {
  const TempDir base;
  const Set set = large_set(base.path());
  put(set.layout.certificates_dir / ".pkigen/backups/999999999999999999-20240101T000000Z-renew/manifest", "x", 0600);
  CHECK_THROWS_WITH(write(set), contains("has the last number that a backup can have"));
  CHECK(all_old(state(set)));
}

TEST_CASE("keep_backups of 0 makes none and removes none") {
  const TempDir base;
  const Set set = large_set(base.path());
  auto none = options();
  none.keep_backups = 0;
  CHECK(write_transaction(set.layout, set.files, set.removals, none).backup.empty());
  CHECK(pki::disk::list_backups(set.layout).empty());
}

TEST_CASE("there are no backups of a PKI that does not exist, and asking for one lists those there are") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base / "conf"};
  CHECK(pki::disk::list_backups(layout).empty());
  CHECK_NOTHROW(prune_backups(layout, 0));
  CHECK_NOTHROW(sweep_backups(layout));
  const Set set = large_set(base.path());
  (void)write(set);
  for (const std::string name :
       {"../../..", "", ".", "/etc", "20250615T150640Z-other", ".new", "20250615T150640Z-../x"}) {
    CAPTURE(name);
    try {
      (void)load_backup(set.layout, name);
      FAIL("found");
    } catch (const pki::Error& error) {
      CHECK(error.code() == pki::Errc::not_found);
      CHECK((error.remedy().kind == pki::Remedy::Kind::list_backups));
    }
  }
}

TEST_CASE("only names that a backup can have are listed, and nothing else is ever deleted") {
  const TempDir base;
  const Set set = large_set(base.path());
  const auto id = write(set).backup;
  const auto backups = set.layout.certificates_dir / ".pkigen/backups";
  for (const char* name :
       {"mine", "20251315T150640Z-x", "20250230T150640Z-x", "20250615T250640Z-x", "20250615T150640Z-",
        "20250615T150640Z-A", "-2250615T150640Z-x", "20250615T150640-x", "7-20250615T150640Z-x",
        "0000007-20250615T150640Z-x", "000000-20250615T150640Z-x", "000007-x", "000007-20250615T150640Z-",
        "000007-000008-20250615T150640Z-x", "99999999999999999999-20250615T150640Z-x", "00000a-20250615T150640Z-x"})
    fs::create_directory(backups / name);
  CHECK(ids(set.layout) == Ids{id});
  (void)prune_backups(set.layout, 0);
  CHECK(std::distance(fs::directory_iterator(backups), {}) == 16);
}

TEST_CASE("what a killed writer left of a backup is swept away") {
  const TempDir base;
  const Set set = large_set(base.path());
  const auto backups = set.layout.certificates_dir / ".pkigen/backups";
  put(backups / ".new/pki/ca.key", "key", 0600);
  put(backups / ".gone/manifest", "x", 0600);
  put(backups / ".gone-20240101T000000Z-renew/manifest", "x", 0600);
  CHECK(pki::disk::list_backups(set.layout).empty());
  CHECK(recover(set.layout).empty());
  CHECK(fs::is_empty(backups));
}

TEST_CASE("a backup that cannot be removed is reported, and neither the others nor the next commit wait for it") {
  const TempDir base;
  const Set set = large_set(base.path());
  const auto backups = set.layout.certificates_dir / ".pkigen/backups";
  for (const char* id : {"20240101T000000Z-renew", "20240102T000000Z-renew"})
    put(backups / id / "manifest", "x", 0600);
  put(backups / "20240101T000000Z-renew/1/2/3/4/5/deep", "x", 0600);

  auto one = options();
  one.keep_backups = 1;
  const auto written = write_transaction(set.layout, set.files, set.removals, one);
  CHECK(all_new(state(set)));
  REQUIRE(written.notes.size() == 1);
  CHECK_THAT(written.notes[0].subject, contains(".gone-20240101T000000Z-renew"));
  CHECK_THAT(written.notes[0].message, contains("an old backup was not removed"));
  CHECK(ids(set.layout) == Ids{written.backup});

  // The next writer reports it again and works all the same.
  const auto recovered = recover(set.layout);
  REQUIRE(recovered.size() == 1);
  CHECK(recovered[0].message == written.notes[0].message);
  const auto restore = load_backup(set.layout, written.backup);
  CHECK(restore_transaction(set.layout, restore, one).notes.empty());
  CHECK(all_old(state(set)));
}

TEST_CASE("a restored file gets the mode and the owner that it had, also where it is missing now") {
  for (const bool missing : {false, true}) {
    CAPTURE(missing);
    const TempDir base;
    const pki::Layout layout{base / "pki", base / "conf"};
    const auto path = base / "pki/x";
    put(path, "old", 0640);
    const bool root = ::geteuid() == 0;
    if (root) REQUIRE(::chown(path.c_str(), 990, 991) == 0);
    const std::vector<pki::File> files{{path, 0600, pki::SecretString("new")}};
    const auto id = write_transaction(layout, files, {}, options()).backup;
    if (root) REQUIRE(::chown(path.c_str(), 0, 0) == 0);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    if (missing) fs::remove(path);
    (void)restore_transaction(layout, load_backup(layout, id), options());
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    CHECK(slurp(path) == "old");
    CHECK(mode_of(path) == 0640);
    if (root) CHECK((status.st_uid == 990 && status.st_gid == 991));
  }
}

TEST_CASE("a file whose owner or mode alone has changed since is restored, too") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base / "conf"};
  put(base / "pki/x", "old", 0640);
  put(base / "pki/y", "old", 0600);
  const std::vector<pki::File> files{{base / "pki/x", 0600, pki::SecretString("new")},
                                     {base / "pki/y", 0600, pki::SecretString("new")}};
  const auto id = write_transaction(layout, files, {}, options()).backup;
  put(base / "pki/x", "old", 0600);
  put(base / "pki/y", "old", 0600);
  CHECK(restore_transaction(layout, load_backup(layout, id), options()).changed == 1);
  CHECK(mode_of(base / "pki/x") == 0640);
}

TEST_CASE("a backup whose files do not match its manifest is refused") {
  const TempDir base;
  const Set set = large_set(base.path());
  const auto id = write(set).backup;
  const auto backup = set.layout.certificates_dir / ".pkigen/backups" / id;
  const auto check = [&](const std::string& text) {
    try {
      (void)load_backup(set.layout, id);
      FAIL("loaded");
    } catch (const pki::Error& error) {
      CHECK(error.code() == pki::Errc::malformed);
      CHECK_THAT(std::string(error.what()), contains(text));
    }
  };
  SECTION("changed") {
    put(backup / "pki/server.key", "evil", 0600);
    check("does not match the digest");
  }
  SECTION("missing") {
    fs::remove(backup / "pki/server.key");
    check("does not exist");
  }
  SECTION("a link") {
    fs::remove(backup / "pki/server.key");
    fs::create_symlink("/etc/passwd", backup / "pki/server.key");
    check("is a symbolic link");
  }
  SECTION("a second name of a file elsewhere") {
    put(base / "elsewhere", slurp(backup / "pki/server.key"), 0600);
    fs::remove(backup / "pki/server.key");
    fs::create_hard_link(base / "elsewhere", backup / "pki/server.key");
    check("has 2 names");
  }
  SECTION("a manifest with a second name") {
    fs::create_hard_link(backup / "manifest", base / "elsewhere");
    check("has 2 names");
  }
  SECTION("no manifest") {
    fs::remove(backup / "manifest");
    check("does not exist");
  }
  SECTION("a manifest without end") {
    put(backup / "manifest", std::string(9'000'000, 'x'), 0600);
    check("larger than");
  }
}
