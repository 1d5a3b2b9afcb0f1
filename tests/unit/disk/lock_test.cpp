// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include <disk/lock.hpp>
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

using pki::disk::FileLock;
using namespace std::chrono_literals;

TEST_CASE("the lock file is beside the PKI directory, private, and stays") {
  const TempDir base;
  const pki::Layout layout{base / "etc/kubernetes/pki", base / "etc/kubernetes"};
  const auto path = base / "etc/kubernetes/.pki.pkigen.lock";
  {
    const auto lock = FileLock::acquire(layout, 0ms);
    CHECK(lock.path() == path);
    CHECK(mode_of(path) == 0600);
    CHECK_FALSE(std::filesystem::exists(layout.certificates_dir));
    CHECK(mode_of(base / "etc/kubernetes") == 0755);
  }
  CHECK(std::filesystem::exists(path));
  CHECK_NOTHROW(FileLock::acquire(layout, 0ms));
}

TEST_CASE("a second lock waits for its time and then names the file") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base / "conf"};
  const auto lock = FileLock::acquire(layout, 0ms);
  const auto start = std::chrono::steady_clock::now();
  try {
    (void)FileLock::acquire(layout, 100ms);
    FAIL("two locks");
  } catch (const pki::Error& error) {
    CHECK(error.code() == pki::Errc::locked);
    CHECK_THAT(std::string(error.what()), contains(".pki.pkigen.lock"));
    CHECK_FALSE(error.remedy().text.empty());
  }
  CHECK(std::chrono::steady_clock::now() - start >= 100ms);
}

TEST_CASE("a killed holder frees the lock at once") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base / "conf"};
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = FileLock::acquire(layout, 0ms);
    (void)!::write(ready[1], "x", 1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK_THROWS_AS(FileLock::acquire(layout, 0ms), pki::Error);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK_NOTHROW(FileLock::acquire(layout, 0ms));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("of many processes that start together one at a time has the lock") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base / "conf"};
  const auto counter = base / "counter";
  constexpr int processes = 16;
  for (int i = 0; i < processes; ++i)
    if (::fork() == 0) {
      try {
        for (int round = 0; round < 5; ++round) {
          const auto lock = FileLock::acquire(layout, 60s);
          const int fd = ::open((base / "inside").c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
          if (fd < 0) ::_exit(1);
          ::close(fd);
          ::unlink((base / "inside").c_str());
        }
      } catch (...) {
        ::_exit(2);
      }
      ::_exit(0);
    }
  for (int i = 0; i < processes; ++i) {
    int status = 0;
    REQUIRE(::wait(&status) > 0);
    CHECK(status == 0);
  }
}

TEST_CASE("something else in place of the lock file is refused, never followed") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base / "conf"};
  const auto path = base / ".pki.pkigen.lock";
  SECTION("a link") { std::filesystem::create_symlink(base / "target", path); }
  SECTION("a hard link") {
    put(base / "target", "x");
    std::filesystem::create_hard_link(base / "target", path);
  }
  SECTION("a pipe") { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }
  SECTION("a directory") { std::filesystem::create_directory(path); }
  CHECK_THROWS_AS(FileLock::acquire(layout, 0ms), pki::Error);
}

TEST_CASE("a relative path, and the root directory, are no place for a PKI") {
  for (const char* path : {"pki", "", "/", "/.", "/a/.."}) {
    CAPTURE(path);
    CHECK_THROWS_AS(FileLock::acquire({path, "/tmp"}, 0ms), pki::Error);
  }
}
