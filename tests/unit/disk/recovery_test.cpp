// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <disk/lock.hpp>
#include <disk/transaction.hpp>
#include <support/catch.hpp>

#include "set.hpp"

// Recovery after a kill at every system call: crash_test.cpp.

using namespace disk_test;
namespace fs = std::filesystem;

namespace {

std::string failure(const Set& set) {
  try {
    (void)write(set);
  } catch (const pki::Error& error) {
    return error.what();
  }
  return "(none)";
}

}  // namespace

TEST_CASE("an unfinished write is found, and keeps a writer that did not recover away") {
  const TempDir base;
  const Set set = large_set(base.path());
  CHECK(pki::disk::find_unfinished(set.layout).empty());
  fs::create_directory(set.layout.certificates_dir / ".pkigen-txn");
  const auto found = pki::disk::find_unfinished(set.layout);
  REQUIRE(found.size() == 1);
  CHECK(found[0].subject == set.layout.certificates_dir.string());
  CHECK_THAT(failure(set), contains("holds an unfinished write"));
  CHECK(fs::exists(set.layout.certificates_dir / ".pkigen-txn"));
  const auto notes = pki::disk::recover(set.layout);
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0].message, contains("remains of an interrupted write were removed"));
  CHECK(failure(set) == "(none)");
}

TEST_CASE("a damaged or hostile journal is refused, not followed") {
  const std::string sha(64, 'a');
  const std::string head = "pkigen-transaction 1\nid " + sha + "\n";
  for (const std::string& text :
       {std::string(), std::string("pkigen-transaction 2\n"), head, head + sha + " " + sha + " ../x\nend\n",
        head + sha + " " + sha + " /etc/passwd\nend\n", head + sha + " x y\nend\n", head + sha + "\nend\n",
        head + sha + " " + sha + " x\n" + sha + " " + sha + " x\nend\n", head + "end\nmore\n",
        head + sha + " - " + std::string("a\0b", 3) + "\nend\n", std::string(2'000'000, 'x')}) {
    CAPTURE(text.substr(0, 200));
    const TempDir base;
    const Set set = large_set(base.path());
    const auto journal = set.layout.certificates_dir / ".pkigen-txn";
    put(journal / "manifest", text);
    fs::create_symlink("new", journal / "cur");
    CHECK_THROWS_WITH(pki::disk::recover(set.layout), contains("is damaged"));
    CHECK(all_old(state(set)));
    CHECK(fs::exists(journal / "manifest"));
  }
}

TEST_CASE("there is nothing to recover in a PKI that is whole, and in one that does not exist") {
  const TempDir base;
  const Set set = large_set(base.path());
  CHECK(pki::disk::recover(set.layout).empty());
  CHECK(pki::disk::recover({base / "none/pki", base / "none"}).empty());
  CHECK(pki::disk::find_unfinished(set.layout).empty());
  CHECK(pki::disk::find_unfinished({"relative", "relative"}).empty());
  CHECK_FALSE(fs::exists(base / "none"));
}
