#include <disk/backup.hpp>
#include <disk/transaction.hpp>
#include <support/catch.hpp>

#include "set.hpp"

using namespace disk_test;
using namespace pki::disk;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> ids(const pki::Layout& layout) {
  std::vector<std::string> ids;
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
  CHECK(write_transaction(set.layout, restore.files, restore.removals, undo).changed == 9);
  CHECK(all_old(state(set)));
  for (const auto& [key, content] : set.before)
    CHECK(mode_of(place(set.layout, key)) == mode_for(key));

  // And the undoing can be undone.
  const auto again = load_backup(set.layout, "20250615T150640Z-undo");
  (void)write_transaction(set.layout, again.files, again.removals, undo);
  CHECK(all_new(state(set)));
}

TEST_CASE("backups of the same second get names of their own, and only the newest stay") {
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
  CHECK(ids(layout).size() == 3);
  CHECK(ids(layout).back() == "20250615T160640Z-erts-renew-all-2");
  CHECK(pki::disk::list_backups(layout).back().command == "erts-renew-all");
  CHECK(load_backup(layout, ids(layout).back()).files[0].content == "11");
  (void)prune_backups(layout, 1);
  CHECK(ids(layout) == std::vector<std::string>{"20250615T160640Z-erts-renew-all-2"});
  (void)prune_backups(layout, 0);
  CHECK(ids(layout).empty());
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
  const auto id = write(set).backup;
  for (const std::string name :
       {"../../..", "", ".", "/etc", "20250615T150640Z-other", ".new", "20250615T150640Z-../x"}) {
    CAPTURE(name);
    try {
      (void)load_backup(set.layout, name);
      FAIL("found");
    } catch (const pki::Error& error) {
      CHECK(error.code() == pki::Errc::not_found);
      CHECK_THAT(error.hint(), contains(id));
    }
  }
}

TEST_CASE("only names that a backup can have are listed, and nothing else is ever deleted") {
  const TempDir base;
  const Set set = large_set(base.path());
  const auto id = write(set).backup;
  const auto backups = set.layout.certificates_dir / ".pkigen/backups";
  for (const char* name : {"mine", "20251315T150640Z-x", "20250230T150640Z-x", "20250615T250640Z-x",
                           "20250615T150640Z-", "20250615T150640Z-A", "-2250615T150640Z-x", "20250615T150640-x"})
    fs::create_directory(backups / name);
  CHECK(ids(set.layout) == std::vector<std::string>{id});
  (void)prune_backups(set.layout, 0);
  CHECK(std::distance(fs::directory_iterator(backups), {}) == 8);
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
  CHECK(ids(set.layout) == std::vector<std::string>{written.backup});

  // The next writer reports it again and works all the same.
  const auto recovered = recover(set.layout);
  REQUIRE(recovered.size() == 1);
  CHECK(recovered[0].message == written.notes[0].message);
  const auto restore = load_backup(set.layout, written.backup);
  CHECK(write_transaction(set.layout, restore.files, restore.removals, one).notes.empty());
  CHECK(all_old(state(set)));
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
    put(backup / "manifest", std::string(3'000'000, 'x'), 0600);
    check("larger than");
  }
}
