// SPDX-License-Identifier: Apache-2.0
#include "disk/request_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

using namespace pki::disk;
namespace fs = std::filesystem;
using Names = std::vector<std::string>;

namespace {

int countdown = 0;
int fault = 0;

int fail_at_zero(const char*, const char*) { return --countdown == 0 ? fault : 0; }

std::string content_of(const pki::Layout& layout, const std::string& name) {
  const auto content = read_request_file(layout, name);
  return {content.data(), content.size()};
}

/// Umask sets the mask of the process while it exists.
class Umask {
 public:
  explicit Umask(mode_t mask) : before_(::umask(mask)) {}
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;
  ~Umask() { ::umask(before_); }

 private:
  mode_t before_;
};

pki::Finding failure_of(const pki::Layout& layout, const std::string& name) {
  try {
    (void)read_request_file(layout, name);
  } catch (const pki::Error& error) {
    CHECK(error.code() == pki::Errc::io);
    return error.finding();
  }
  FAIL("no error");
  return {};
}

}  // namespace

TEST_CASE("requests are files of their own that only their owner may read, under any umask") {
  for (const mode_t mask : {0000U, 0022U, 0077U, 0777U}) {
    CAPTURE(mask);
    const TempDir base;
    const pki::Layout layout{base / "pki", base.path()};
    CHECK(request_file_names(layout).empty());
    CHECK_FALSE(fs::exists(base / "pki"));
    {
      const Umask umask(mask);
      write_request_file(layout, "scheduler.conf", "a request\n");
      write_request_file(layout, "apiserver", "another one\n");
    }
    CHECK(request_file_names(layout) == Names{"apiserver", "scheduler.conf"});
    CHECK(content_of(layout, "scheduler.conf") == "a request\n");
    CHECK(content_of(layout, "apiserver") == "another one\n");
    CHECK(request_file_path(layout, "apiserver") == base / "pki/.pkigen/requests/apiserver");
    CHECK(mode_of(base / "pki/.pkigen/requests/apiserver") == 0600);
    CHECK(mode_of(base / "pki/.pkigen/requests/scheduler.conf") == 0600);
    CHECK(mode_of(base / "pki/.pkigen/requests") == 0700);
    CHECK(mode_of(base / "pki/.pkigen") == 0700);
  }
}

TEST_CASE("a request is replaced as a whole, and removed once") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  CHECK_FALSE(remove_request_file(layout, "apiserver"));
  CHECK_FALSE(fs::exists(base / "pki"));
  write_request_file(layout, "apiserver", "a long request");
  write_request_file(layout, "apiserver", "short");
  CHECK(content_of(layout, "apiserver") == "short");
  CHECK(request_file_names(layout) == Names{"apiserver"});
  CHECK(remove_request_file(layout, "apiserver"));
  CHECK_FALSE(remove_request_file(layout, "apiserver"));
  CHECK(request_file_names(layout).empty());
  CHECK_FALSE(fs::exists(base / "pki/.pkigen/requests/apiserver"));
}

TEST_CASE("a request that does not exist is an error for its reader") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  for (int i = 0; i < 2; ++i) {
    const auto failure = failure_of(layout, "apiserver");
    CHECK(failure.subject == (base / "pki/.pkigen/requests/apiserver").string());
    CHECK_THAT(failure.message, contains("was removed"));
    write_request_file(layout, "another", "x");
  }
}

TEST_CASE("a request that others may read is refused, and a new one in its place is not") {
  for (const unsigned mode : {0640U, 0604U, 0666U, 0660U, 0610U}) {
    CAPTURE(mode);
    const TempDir base;
    const pki::Layout layout{base / "pki", base.path()};
    write_request_file(layout, "apiserver", "x");
    REQUIRE(::chmod((base / "pki/.pkigen/requests/apiserver").c_str(), mode) == 0);
    const auto failure = failure_of(layout, "apiserver");
    CHECK(failure.rule == pki::Rule::file_open_mode);
    CHECK(failure.subject == (base / "pki/.pkigen/requests/apiserver").string());
    write_request_file(layout, "apiserver", "y");
    CHECK(content_of(layout, "apiserver") == "y");
    CHECK(mode_of(base / "pki/.pkigen/requests/apiserver") == 0600);
  }
}

TEST_CASE("something else in place of a request is an error for its reader, is not followed, and is replaced") {
  for (const std::string kind : {"link", "hard link", "pipe", "empty", "large"}) {
    CAPTURE(kind);
    const TempDir base;
    const pki::Layout layout{base / "pki", base.path()};
    put(base / "target", "foreign", 0600);
    const auto path = base / "pki/.pkigen/requests/apiserver";
    fs::create_directories(path.parent_path());
    if (kind == "link") fs::create_symlink(base / "target", path);
    if (kind == "hard link") fs::create_hard_link(base / "target", path);
    if (kind == "pipe") REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    if (kind == "empty") put(path, "", 0600);
    if (kind == "large") put(path, std::string(200'000, 'x'), 0600);
    CHECK(request_file_names(layout) == Names{"apiserver"});
    CHECK(failure_of(layout, "apiserver").subject == path.string());
    write_request_file(layout, "apiserver", "mine");
    CHECK(content_of(layout, "apiserver") == "mine");
    CHECK(remove_request_file(layout, "apiserver"));
    CHECK(slurp(base / "target") == "foreign");
  }
}

TEST_CASE("a directory in place of a request is refused by everybody, and stays") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  const auto path = base / "pki/.pkigen/requests/apiserver";
  fs::create_directories(path / "content");
  CHECK(failure_of(layout, "apiserver").subject == path.string());
  CHECK_THROWS_AS(write_request_file(layout, "apiserver", "x"), pki::Error);
  CHECK_THROWS_AS(remove_request_file(layout, "apiserver"), pki::Error);
  CHECK(fs::exists(path / "content"));
  write_request_file(layout, "another", "x");
  CHECK(content_of(layout, "another") == "x");
}

TEST_CASE("a link in place of the directory of requests is refused") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  put(base / "elsewhere/apiserver", "x", 0600);
  put(base / "elsewhere/requests/apiserver", "x", 0600);
  SECTION("the directory of the requests") {
    fs::create_directories(base / "pki/.pkigen");
    fs::create_directory_symlink(base / "elsewhere", base / "pki/.pkigen/requests");
  }
  SECTION("the state directory") {
    fs::create_directories(base / "pki");
    fs::create_directory_symlink(base / "elsewhere", base / "pki/.pkigen");
  }
  CHECK_THROWS_AS(request_file_names(layout), pki::Error);
  CHECK_THROWS_AS(read_request_file(layout, "apiserver"), pki::Error);
  CHECK_THROWS_AS(write_request_file(layout, "apiserver", "y"), pki::Error);
  CHECK_THROWS_AS(remove_request_file(layout, "apiserver"), pki::Error);
  CHECK(slurp(base / "elsewhere/apiserver") == "x");
  CHECK(slurp(base / "elsewhere/requests/apiserver") == "x");
}

TEST_CASE("readers follow a link in place of the certificates directory, and writers do not") {
  const TempDir base;
  const pki::Layout real{base / "real", base.path()};
  write_request_file(real, "apiserver", "x");
  fs::create_directory_symlink(base / "real", base / "pki");
  const pki::Layout layout{base / "pki", base.path()};
  CHECK(request_file_names(layout) == Names{"apiserver"});
  CHECK(content_of(layout, "apiserver") == "x");
  CHECK_THROWS_AS(write_request_file(layout, "apiserver", "y"), pki::Error);
  CHECK_THROWS_AS(remove_request_file(layout, "apiserver"), pki::Error);
  CHECK(content_of(real, "apiserver") == "x");
}

TEST_CASE("what a killed writer left of a draft is no request, and is replaced, not followed") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  put(base / "target", "foreign", 0600);
  const auto draft = base / "pki/.pkigen/requests/apiserver.new";
  fs::create_directories(draft.parent_path());
  fs::create_symlink(base / "target", draft);
  CHECK(request_file_names(layout).empty());
  write_request_file(layout, "apiserver", "mine");
  CHECK(content_of(layout, "apiserver") == "mine");
  CHECK(slurp(base / "target") == "foreign");
  CHECK_FALSE(fs::exists(fs::symlink_status(draft)));
}

TEST_CASE("the key in a draft goes with its request, also where there is nothing else") {
  for (const bool whole : {true, false}) {
    CAPTURE(whole);
    const TempDir base;
    const pki::Layout layout{base / "pki", base.path()};
    write_request_file(layout, "another", "x");
    if (whole) write_request_file(layout, "apiserver", "x");
    const auto draft = base / "pki/.pkigen/requests/apiserver.new";
    put(draft, "half a key", 0600);
    CHECK(remove_request_file(layout, "apiserver") == whole);
    CHECK_FALSE(fs::exists(draft));
    CHECK(request_file_names(layout) == Names{"another"});
  }
}

TEST_CASE("for a user who may not enter the directory there are no requests") {
  if (::geteuid() != 0) return;
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  write_request_file(layout, "apiserver", "x");
  REQUIRE(::chmod(base.path().c_str(), 0711) == 0);
  REQUIRE(::seteuid(65534) == 0);
  Names names{"not read"};
  std::string failure;
  try {
    names = request_file_names(layout);
  } catch (const pki::Error& error) {
    failure = error.what();
  }
  REQUIRE(::seteuid(0) == 0);
  CHECK(failure.empty());
  CHECK(names.empty());
}

TEST_CASE("a system call that fails leaves the old request or the new one, and the next writer is not disturbed") {
  for (const int error : {ENOSPC, EIO}) {
    for (int n = 1;; ++n) {
      const TempDir base(memory_dir());
      const pki::Layout layout{base / "pki", base.path()};
      write_request_file(layout, "apiserver", "old");
      CAPTURE(error, n);
      countdown = n;
      fault = error;
      bool failed = false;
      try {
        write_request_file(layout, "apiserver", "new", Hooks{.before = fail_at_zero});
      } catch (const pki::Error& problem) {
        failed = true;
        CHECK(problem.code() == pki::Errc::io);
      }
      const auto seen = content_of(layout, "apiserver");
      CHECK((seen == "old" || seen == "new"));
      CHECK(request_file_names(layout) == Names{"apiserver"});
      if (countdown > 0) {
        CHECK_FALSE(failed);
        CHECK(seen == "new");
        CHECK(n > 4);
        break;
      }
      CHECK(failed);
      write_request_file(layout, "apiserver", "next");
      CHECK(content_of(layout, "apiserver") == "next");
    }
  }
}

TEST_CASE("a first request of which a system call fails is there as a whole or not at all") {
  for (int n = 1;; ++n) {
    const TempDir base(memory_dir());
    const pki::Layout layout{base / "pki", base.path()};
    CAPTURE(n);
    countdown = n;
    fault = EIO;
    bool failed = false;
    try {
      write_request_file(layout, "apiserver", "new", Hooks{.before = fail_at_zero});
    } catch (const pki::Error&) {
      failed = true;
    }
    for (const auto& name : request_file_names(layout))
      CHECK(content_of(layout, name) == "new");
    if (countdown > 0) {
      CHECK_FALSE(failed);
      CHECK(n > 6);
      break;
    }
    CHECK(failed);
    write_request_file(layout, "apiserver", "next");
    CHECK(content_of(layout, "apiserver") == "next");
    CHECK(mode_of(base / "pki/.pkigen/requests") == 0700);
  }
}

TEST_CASE("a removal of which a system call fails leaves the request or nothing") {
  for (int n = 1;; ++n) {
    const TempDir base(memory_dir());
    const pki::Layout layout{base / "pki", base.path()};
    write_request_file(layout, "apiserver", "old");
    CAPTURE(n);
    countdown = n;
    fault = EIO;
    bool failed = false;
    try {
      const bool removed = remove_request_file(layout, "apiserver", Hooks{.before = fail_at_zero});
      CHECK(removed);
    } catch (const pki::Error& problem) {
      failed = true;
      CHECK(problem.code() == pki::Errc::io);
    }
    const auto names = request_file_names(layout);
    if (!names.empty()) CHECK(content_of(layout, "apiserver") == "old");
    if (countdown > 0) {
      CHECK_FALSE(failed);
      CHECK(names.empty());
      CHECK(n > 2);
      break;
    }
    CHECK(failed);
    (void)remove_request_file(layout, "apiserver");
    CHECK(request_file_names(layout).empty());
  }
}

TEST_CASE("what a killed writer left of a request is removed, and the requests stay") {
  const TempDir base;
  const pki::Layout layout{base / "pki", base.path()};
  fs::create_directories(layout.certificates_dir);
  CHECK_NOTHROW(remove_request_drafts(layout));
  write_request_file(layout, "apiserver", "x");
  const auto directory = request_file_path(layout, "apiserver").parent_path();
  put(directory / "scheduler.conf.new", "half a key", 0600);
  remove_request_drafts(layout);
  CHECK_FALSE(fs::exists(directory / "scheduler.conf.new"));
  CHECK(content_of(layout, "apiserver") == "x");
}
