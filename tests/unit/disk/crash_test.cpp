// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include <disk/backup.hpp>
#include <disk/transaction.hpp>
#include <support/catch.hpp>

#include "set.hpp"

using namespace disk_test;
using pki::disk::Hooks;

namespace {

int countdown = 0;
int fault = 0;
bool sticky = false;

int kill_at_zero(const char*, const char*) {
  if (--countdown == 0) ::_exit(77);
  return 0;
}

int fail_at_zero(const char*, const char*) {
  --countdown;
  return countdown == 0 || (sticky && countdown < 0) ? fault : 0;
}

// killed runs `work` in a child that dies before its n-th change to the disk. False: it came to its end.
template <class Work>
bool killed(int n, const Work& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    countdown = n;
    try {
      work(Hooks{.before = kill_at_zero});
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE((WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77));
  return WEXITSTATUS(status) == 77;
}

// stopped lets nothing happen on the disk from the n-th change on: for the disk the same as a kill, without the cost of
// a process. False: it came to its end.
template <class Work>
bool stopped(int n, const Work& work) {
  fault = EIO;
  sticky = true;
  countdown = n;
  try {
    work(Hooks{.before = fail_at_zero});
  } catch (const pki::Error&) {
  }
  return countdown <= 0;
}

using MakeSet = Set (*)(const std::filesystem::path&);

}  // namespace

TEST_CASE("a writer killed before any of its system calls leaves every root whole, and recovery ends it") {
  for (const MakeSet make : {MakeSet(large_set), MakeSet(fresh_set)}) {
    bool seen_old = false;
    bool seen_new = false;
    for (int n = 1;; ++n) {
      const TempDir base(memory_dir());
      const Set set = make(base.path());
      CAPTURE(n);
      if (!killed(n, [&](const Hooks& hooks) { (void)write(set, {}, hooks); })) {
        REQUIRE(all_new(state(set)));
        REQUIRE(n > 100);
        break;
      }
      const auto torn = state(set);
      CAPTURE(torn);
      REQUIRE(whole(torn));
      (void)pki::disk::recover(set.layout);
      const auto ended = state(set);
      REQUIRE((all_old(ended) || all_new(ended)));
      // Once a root shows the new files, the way back is closed.
      if (!all_old(torn)) REQUIRE(all_new(ended));
      REQUIRE(leftovers(set) == 0);
      REQUIRE(pki::disk::find_unfinished(set.layout).empty());
      REQUIRE(pki::disk::recover(set.layout).empty());
      (all_old(ended) ? seen_old : seen_new) = true;
      (void)write(set);
      REQUIRE(all_new(state(set)));
      REQUIRE(leftovers(set) == 0);
    }
    CHECK(seen_old);
    CHECK(seen_new);
  }
}

TEST_CASE("a recovery that is killed too, at any point, leaves every root whole and can be repeated") {
  bool more = true;
  for (int n = 1; more; ++n) {
    for (int m = 1;; ++m) {
      const TempDir base(memory_dir());
      const Set set = small_set(base.path());
      CAPTURE(n, m);
      more = stopped(n, [&](const Hooks& hooks) { (void)write(set, {}, hooks); });
      const auto torn = state(set);
      const bool again = more && stopped(m, [&](const Hooks& hooks) { (void)pki::disk::recover(set.layout, hooks); });
      CAPTURE(torn, state(set));
      REQUIRE(whole(state(set)));
      (void)pki::disk::recover(set.layout);
      const auto ended = state(set);
      REQUIRE((all_old(ended) || all_new(ended)));
      if (!all_old(torn)) REQUIRE(all_new(ended));
      REQUIRE(leftovers(set) == 0);
      if (!again) break;
    }
  }
}

TEST_CASE("a system call that fails gives an error, and the old files or the new ones, never a mixture") {
  for (const int error : {ENOSPC, EIO, EINTR, EROFS})
    for (const bool stay : {false, true}) {
      for (int n = 1;; ++n) {
        const TempDir base(memory_dir());
        const Set set = error == ENOSPC ? large_set(base.path()) : small_set(base.path());
        fault = error;
        sticky = stay;
        CAPTURE(error, stay, n);
        std::string message;
        try {
          countdown = n;
          (void)write(set, {}, Hooks{.before = fail_at_zero});
        } catch (const pki::Error& failure) {
          REQUIRE(failure.code() == pki::Errc::io);
          message = failure.what();
        }
        if (countdown > 0) break;
        const auto torn = state(set);
        CAPTURE(message, torn);
        REQUIRE(whole(torn));
        // Only the removal of old backups may fail and yet be no failure; there are none here.
        REQUIRE_THAT(message, contains(pki::disk::reason(error)));
        if (!stay) REQUIRE((all_old(torn) || all_new(torn)));
        // What fails once before the commit is undone at once, to the last trace.
        if (!stay && all_old(torn)) {
          REQUIRE(leftovers(set) == 0);
          REQUIRE(pki::disk::list_backups(set.layout).empty());
        }
        (void)pki::disk::recover(set.layout);
        const auto ended = state(set);
        REQUIRE((all_old(ended) || all_new(ended)));
        if (!all_old(torn)) REQUIRE(all_new(ended));
        REQUIRE(leftovers(set) == 0);
        (void)write(set);
        REQUIRE(all_new(state(set)));
      }
    }
}

TEST_CASE("short writes are continued") {
  const TempDir base(memory_dir());
  const Set set = large_set(base.path());
  (void)write(set, {}, Hooks{.largest_write = 1});
  CHECK(all_new(state(set)));
}

namespace {

std::string trace;

int record(const char* call, const char* name) {
  trace += std::string(call) + " " + name + "\n";
  return 0;
}

}  // namespace

TEST_CASE("the sequence of system calls is the same each time") {
  std::array<std::string, 2> traces;
  for (auto& one : traces) {
    const TempDir base(memory_dir());
    const Set set = large_set(base.path());
    trace.clear();
    (void)write(set, {}, Hooks{.before = record});
    one = trace;
  }
  CHECK(traces[0] == traces[1]);
  CHECK_THAT(traces[0], contains("fsync"));
}
