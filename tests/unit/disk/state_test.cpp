// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <vector>

#include <disk/state.hpp>
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

using namespace pki::disk;
namespace fs = std::filesystem;
using Entries = std::vector<std::string>;

namespace {

int countdown = 0;
int fault = 0;

int fail_at_zero(const char*, const char*) { return --countdown == 0 ? fault : 0; }

Entries entries_in(const pki::Layout& layout, const std::string& name = "notes") {
  return read_state(layout, name).entries;
}

}  // namespace

TEST_CASE("notes come back in the order in which they were written, in a private file") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  CHECK(entries_in(layout).empty());
  write_state(layout, "notes", Entries{"z", "a b", "m"});
  CHECK(entries_in(layout) == Entries{"z", "a b", "m"});
  CHECK(slurp(base / "pki/.pkigen/notes") == "z\na b\nm\n");
  CHECK(mode_of(base / "pki/.pkigen/notes") == 0600);
  CHECK(mode_of(base / "pki/.pkigen") == 0700);
  write_state(layout, "notes", Entries{"other"});
  CHECK(entries_in(layout) == Entries{"other"});
}

TEST_CASE("notes that are done are removed with their file, and none can be removed twice") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  CHECK_NOTHROW(write_state(layout, "notes", {}));
  CHECK_FALSE(fs::exists(base / "pki"));
  write_state(layout, "notes", Entries{"x"});
  write_state(layout, "notes", {});
  CHECK_FALSE(fs::exists(base / "pki/.pkigen/notes"));
  CHECK_NOTHROW(write_state(layout, "notes", {}));
}

TEST_CASE("a text that is not one line is refused as an entry, and ignored in a file") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  for (const std::string& entry :
       {std::string(), std::string("a\nb"), std::string("a\0b", 3), std::string("\x1b[2J")}) {
    CAPTURE(entry);
    CHECK_THROWS_AS(write_state(layout, "notes", Entries{"good", entry}), pki::Error);
  }
  CHECK_THROWS_WITH(write_state(layout, "notes", Entries(1, std::string(70'000, 'x'))), contains("so many entries"));
  CHECK(entries_in(layout).empty());
  put(base / "pki/.pkigen/notes", "good\n\nba\x1b[2Jd\nlast", 0600);
  CHECK(entries_in(layout) == Entries{"good", "last"});
}

TEST_CASE("something else in place of the file is a problem for readers, is not followed, and is replaced by writers") {
  for (const std::string kind : {"link", "hard link", "pipe", "large"}) {
    CAPTURE(kind);
    const TempDir base;
    const pki::Layout layout{base / "pki", base.path()};
    put(base / "target", "foreign\n", 0600);
    const auto path = base / "pki/.pkigen/notes";
    fs::create_directories(path.parent_path());
    if (kind == "link") fs::create_symlink(base / "target", path);
    if (kind == "hard link") fs::create_hard_link(base / "target", path);
    if (kind == "pipe") REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    if (kind == "large") put(path, std::string(100'000, 'x'), 0600);
    const auto state = read_state(layout, "notes");
    CHECK(state.entries.empty());
    REQUIRE(state.problem);
    CHECK(state.problem->subject == path.string());
    write_state(layout, "notes", Entries{"mine"});
    CHECK(entries_in(layout) == Entries{"mine"});
    CHECK(slurp(base / "target") == "foreign\n");
  }
}

TEST_CASE("a link in place of a directory is refused") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  fs::create_directories(base / "elsewhere");
  put(base / "elsewhere/notes", "x\n", 0600);
  SECTION("the state directory") {
    fs::create_directories(base / "pki");
    fs::create_directory_symlink(base / "elsewhere", base / "pki/.pkigen");
  }
  SECTION("the certificates directory") { fs::create_directory_symlink(base / "elsewhere", base / "pki"); }
  CHECK(entries_in(layout).empty());
  CHECK_THROWS_AS(write_state(layout, "notes", Entries{"y"}), pki::Error);
  CHECK(slurp(base / "elsewhere/notes") == "x\n");
}

TEST_CASE("a system call that fails leaves the old notes or the new ones, and the next writer is not disturbed") {
  for (const int error : {ENOSPC, EIO}) {
    for (int n = 1;; ++n) {
      const TempDir base(memory_dir());
      const pki::Layout layout{base / "pki", base.path()};
      write_state(layout, "notes", Entries{"old"});
      CAPTURE(error, n);
      countdown = n;
      fault = error;
      bool failed = false;
      try {
        write_state(layout, "notes", Entries{"new"}, Hooks{.before = fail_at_zero});
      } catch (const pki::Error& problem) {
        failed = true;
        CHECK(problem.code() == pki::Errc::io);
      }
      const auto seen = entries_in(layout);
      CHECK((seen == Entries{"old"} || seen == Entries{"new"}));
      if (countdown > 0) {
        CHECK_FALSE(failed);
        CHECK(n > 4);
        break;
      }
      CHECK(failed);
      write_state(layout, "notes", Entries{"next"});
      CHECK(entries_in(layout) == Entries{"next"});
    }
  }
}

TEST_CASE("what a killed writer left of a draft is replaced, not followed") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  put(base / "target", "foreign", 0600);
  fs::create_directories(base / "pki/.pkigen");
  fs::create_symlink(base / "target", base / "pki/.pkigen/notes.new");
  write_state(layout, "notes", Entries{"mine"});
  CHECK(entries_in(layout) == Entries{"mine"});
  CHECK(slurp(base / "target") == "foreign");
  CHECK_FALSE(fs::exists(fs::symlink_status(base / "pki/.pkigen/notes.new")));
}
