// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include <disk/file.hpp>
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

using namespace pki::disk;
namespace fs = std::filesystem;

TEST_CASE("a single file is replaced whole, with its mode, and only where a file may stand") {
  const TempDir base;
  for (const mode_t mask : {0000U, 0077U, 0777U}) {
    const auto old = ::umask(mask);
    write_atomically(base / "report", 0640, "text");
    ::umask(old);
    CHECK(slurp(base / "report") == "text");
    CHECK(mode_of(base / "report") == 0640);
  }
  fs::create_symlink("report", base / "link");
  CHECK_THROWS_WITH(write_atomically(base / "link", 0644, "x"), contains("not a regular file"));
  CHECK_THROWS_AS(write_atomically("/dev/null", 0644, "x"), pki::Error);
  CHECK_THROWS_AS(write_atomically(base / "none/x", 0644, "x"), pki::Error);
  fs::create_directory(base / "open");
  REQUIRE(::chmod((base / "open").c_str(), 0777) == 0);
  CHECK_THROWS_WITH(write_atomically(base / "open/x", 0644, "x"), contains("everybody may write"));
  CHECK(slurp(base / "report") == "text");
  int files = 0;
  for ([[maybe_unused]] const auto& entry : fs::recursive_directory_iterator(base.path()))
    ++files;
  CHECK(files == 3);
}

TEST_CASE("a new file has its mode from the first byte, and does not replace another") {
  const TempDir base;
  const auto directory = Directory::open(base.path());
  const auto old = ::umask(0777);
  write_new(*directory, "x", {.mode = 0640, .uid = {}, .gid = {}}, "text");
  ::umask(old);
  CHECK(slurp(base / "x") == "text");
  CHECK(mode_of(base / "x") == 0640);
  CHECK_THROWS_AS(write_new(*directory, "x", {}, "other"), pki::Error);
  fs::create_symlink("nowhere", base / "link");
  CHECK_THROWS_AS(write_new(*directory, "link", {}, "other"), pki::Error);
  CHECK_FALSE(fs::exists(base / "nowhere"));
  CHECK(slurp(base / "x") == "text");
}

TEST_CASE("a replacement that fails leaves the old file and no draft") {
  static const char* failing = nullptr;
  const Hooks hooks{.before = [](const char* call, const char*) { return std::string(call) == failing ? EIO : 0; }};
  for (const char* call : {"open", "chmod", "write", "fsync", "close", "rename"}) {
    CAPTURE(call);
    failing = call;
    const TempDir base;
    put(base / "x", "old", 0600);
    const auto directory = Directory::open(base.path(), hooks);
    CHECK_THROWS_AS(replace_file(*directory, "x", "x.new", {}, "new"), pki::Error);
    CHECK(slurp(base / "x") == "old");
    CHECK_FALSE(fs::exists(base / "x.new"));
  }
}
