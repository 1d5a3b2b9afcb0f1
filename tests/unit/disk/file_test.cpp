// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>

#include <disk/file.hpp>
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

using namespace pki::disk;
namespace fs = std::filesystem;

namespace {

// Both ways to open must give the same results.
constexpr Hooks before_openat2{.no_openat2 = true};
const Hooks* in_use = &no_hooks;

struct Kernel {
  explicit Kernel(bool old) { in_use = old ? &before_openat2 : &no_hooks; }
  ~Kernel() { in_use = &no_hooks; }
};

Found read(const TempDir& base, const std::string& relative, bool secret = false) {
  const auto directory = Directory::open(base.path(), *in_use);
  REQUIRE(directory);
  return read_file(*directory, relative, {.max_size = 100, .secret = secret});
}

void make_socket(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(fd);
}

}  // namespace

TEST_CASE("a valid file is read with its mode and owner") {
  for (const bool old_kernel : {false, true}) {
    const Kernel kernel(old_kernel);
    const TempDir base;
    put(base / "etcd/ca.key", "key", 0600);
    const auto found = read(base, "etcd/ca.key", true);
    CHECK(found.exists);
    CHECK_FALSE(found.problem);
    CHECK(found.content == "key");
    CHECK(found.mode == 0600);
    CHECK(found.uid == ::geteuid());
    CHECK(found.links == 1);
  }
}

TEST_CASE("a missing file is no problem, and neither is a missing directory") {
  for (const bool old_kernel : {false, true}) {
    const Kernel kernel(old_kernel);
    const TempDir base;
    for (const char* name : {"x", "etcd/x"}) {
      const auto found = read(base, name);
      CHECK_FALSE(found.exists);
      CHECK_FALSE(found.problem);
    }
    CHECK_FALSE(Directory::open(base / "not-there"));
  }
}

TEST_CASE("hostile objects are problems, are not read, and do not hang") {
  struct Case {
    const char* kind;
    const char* message;
  };
  const auto start = std::chrono::steady_clock::now();
  for (const bool old_kernel : {false, true})
    for (const Case c :
         {Case{"link", "is a symbolic link"}, Case{"dangling", "is a symbolic link"},
          Case{"loop", "is a symbolic link"}, Case{"magic", "is a symbolic link"},
          Case{"other transaction", "is a symbolic link"}, Case{"no transaction", "transaction that is not there"},
          Case{"hard", "hard links"}, Case{"fifo", "is a named pipe"}, Case{"socket", "is a socket"},
          Case{"directory", "is a directory"}, Case{"device", "is a device"}, Case{"large", "larger than 100 bytes"},
          Case{"empty", "is empty"}, Case{"unreadable", "permission denied"}}) {
      CAPTURE(c.kind, old_kernel);
      const Kernel kernel(old_kernel);
      const TempDir base;
      const auto path = base / "x";
      const std::string kind = c.kind;
      put(base / "sentinel", "sentinel", 0600);
      if (kind == "link") fs::create_symlink("sentinel", path);
      if (kind == "dangling") fs::create_symlink("nowhere", path);
      if (kind == "loop") fs::create_symlink("x", path);
      if (kind == "magic") fs::create_symlink("/proc/self/exe", path);
      if (kind == "other transaction") fs::create_symlink(".pkigen-txn/cur/y", path);
      if (kind == "no transaction") fs::create_symlink(".pkigen-txn/cur/x", path);
      if (kind == "hard") fs::create_hard_link(base / "sentinel", path);
      if (kind == "fifo") REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
      if (kind == "socket") make_socket(path);
      if (kind == "directory") fs::create_directory(path);
      if (kind == "device" && ::mknod(path.c_str(), S_IFCHR | 0600, ::makedev(1, 5)) != 0) continue;
      if (kind == "large") put(path, std::string(101, 'x'), 0600);
      if (kind == "empty") put(path, "", 0600);
      if (kind == "unreadable") {
        if (::geteuid() == 0) continue;
        put(path, "x", 0000);
      }
      const auto found = read(base, "x", true);
      CHECK(found.exists);
      CHECK(found.content.empty());
      REQUIRE(found.problem);
      CHECK(found.problem->subject == path.string());
      CHECK_THAT(found.problem->message, contains(c.message));
    }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("a directory on the way that is a link is a problem, and nothing below it is read") {
  for (const bool old_kernel : {false, true}) {
    const Kernel kernel(old_kernel);
    const TempDir base;
    put(base / "real/x", "x");
    fs::create_directory_symlink("real", base / "etcd");
    const auto found = read(base, "etcd/x");
    REQUIRE(found.problem);
    CHECK_THAT(found.problem->message, contains("is a symbolic link, expected a directory"));
    put(base / "plain", "x");
    CHECK(read(base, "plain/x").problem);
    for (const char* name : {"../x", "real/../plain", "/etc/passwd", "", ".", "..", "real/", "real//x"}) {
      CAPTURE(name);
      const auto odd = read(base, name);
      CHECK(odd.content.empty());
      CHECK(odd.problem);
    }
    CHECK_THROWS_WITH(Directory::open(base / "etcd"), contains("is a symbolic link"));
    CHECK_THROWS_WITH(Directory::open(base / "plain"), contains("is not a directory"));
  }
}

TEST_CASE("a file of exactly the limit is read") {
  const TempDir base;
  put(base / "x", std::string(100, 'x'));
  CHECK(read(base, "x").content.size() == 100);
}

TEST_CASE("a file without a size is read up to the limit only") {
  const auto directory = Directory::open("/proc/" + std::to_string(::getpid()));
  if (!directory) return;
  const auto small = read_file(*directory, "status", {.max_size = 10});
  REQUIRE(small.problem);
  CHECK_THAT(small.problem->message, contains("larger than 10 bytes"));
  const auto whole = read_file(*directory, "status", {.max_size = 100'000});
  CHECK_FALSE(whole.problem);
  CHECK(whole.content.find("VmRSS") != pki::SecretString::npos);
}

TEST_CASE("a secret that others may read is a problem, with its content") {
  for (const unsigned mode : {0640U, 0604U, 0644U, 0601U, 0660U}) {
    const TempDir base;
    put(base / "x", "key", mode);
    const auto found = read(base, "x", true);
    REQUIRE(found.problem);
    const bool for_a_group = mode == 0640U;
    const auto command = "chmod 600 " + (base / "x").string();
    CHECK(found.problem->remedy.text ==
          (for_a_group ? "`" + command + "`, unless a process of its group must read it" : command));
    CHECK((found.problem->severity == pki::Severity::warning) == for_a_group);
    CHECK(found.content == "key");
    CHECK_FALSE(read(base, "x", false).problem);
  }
}

TEST_CASE("the command that closes a secret is that of a shell, whatever the name of the file") {
  for (const std::string name : {"with blank", "it's", "$HOME", "a;b"}) {
    CAPTURE(name);
    const TempDir base;
    put(base / name, "key", 0644);
    const auto found = read(base, name, true);
    REQUIRE(found.problem);
    REQUIRE(std::system(found.problem->remedy.text.c_str()) == 0);
    CHECK_FALSE(read(base, name, true).problem);
  }
}

TEST_CASE("the link of an unfinished transaction is followed, on either side, and only exactly that") {
  for (const bool old_kernel : {false, true}) {
    const Kernel kernel(old_kernel);
    const TempDir base;
    put(base / "pki/.pkigen-txn/old/x", "old");
    put(base / "pki/.pkigen-txn/new/x", "new");
    put(base / "pki/.pkigen-txn/new/born", "born");
    fs::create_symlink("old", base / "pki/.pkigen-txn/cur");
    for (const std::string name : {"x", "born"})
      fs::create_symlink(transient_target(name), base / ("pki/" + name));
    CHECK(read(base, "pki/x").content == "old");
    const auto unborn = read(base, "pki/born");
    CHECK_FALSE(unborn.exists);
    CHECK_FALSE(unborn.problem);
    fs::remove(base / "pki/.pkigen-txn/cur");
    fs::create_symlink("new", base / "pki/.pkigen-txn/cur");
    CHECK(read(base, "pki/x").content == "new");
    CHECK(read(base, "pki/born").content == "born");
    for (const char* target : {"..", "../../..", "new/../new", "/"}) {
      fs::remove(base / "pki/.pkigen-txn/cur");
      fs::create_symlink(target, base / "pki/.pkigen-txn/cur");
      CHECK(read(base, "pki/x").problem);
    }
    fs::remove(base / "pki/.pkigen-txn/cur");
    fs::create_symlink("new", base / "pki/.pkigen-txn/cur");
    fs::remove(base / "pki/.pkigen-txn/new/x");
    fs::create_symlink("/etc/passwd", base / "pki/.pkigen-txn/new/x");
    CHECK(read(base, "pki/x").problem);
    CHECK(read(base, "pki/x").content.empty());
  }
}

TEST_CASE("links to regular files are followed where the rules say so, and their targets are named") {
  const TempDir base;
  put(base / "real/x", "key", 0600);
  fs::create_symlink("real/x", base / "to-file");
  fs::create_symlink("to-file", base / "two-levels");
  fs::create_symlink(base / "real/x", base / "absolute");
  fs::create_directory_symlink("real", base / "to-directory");
  fs::create_directory_symlink("to-directory", base / "to-directory-2");
  const auto directory = Directory::open(base.path());
  const auto follow = [&](const std::string& relative) {
    return read_file(*directory, relative, {.max_size = 100, .secret = true, .links = pki::Links::follow});
  };
  for (const char* name : {"to-file", "two-levels", "absolute"}) {
    CAPTURE(name);
    CHECK(follow(name).content == "key");
    CHECK(follow(name).target == base / "real/x");
    CHECK(read(base, name, true).problem);
    CHECK(read(base, name, true).content.empty());
  }
  for (const char* name : {"to-directory/x", "to-directory-2/x", "real/x"}) {
    CAPTURE(name);
    CHECK(follow(name).content == "key");
    CHECK(follow(name).target.empty());  // not the file is a link
  }
  CHECK(read(base, "to-directory/x").problem);
  REQUIRE(::chmod((base / "real/x").c_str(), 0604) == 0);
  CHECK(follow("to-file").problem->rule == pki::Rule::file_open_mode);
}

TEST_CASE("a link that leads to no regular file is a problem that says where, and nothing is opened") {
  const TempDir base;
  REQUIRE(::mkfifo((base / "fifo").c_str(), 0600) == 0);
  fs::create_directory(base / "directory");
  struct Case {
    std::string target, message;
  };
  for (const auto& c : {Case{"nowhere", "is a symbolic link to nowhere, which does not exist"},
                        Case{"fifo", "which is a named pipe, expected a regular file"},
                        Case{"directory", "which is a directory, expected a regular file"},
                        Case{"/dev/zero", "which is a device, expected a regular file"},
                        Case{"x", "cannot read: too many levels of symbolic links"}}) {
    CAPTURE(c.target);
    fs::remove(base / "x");
    fs::create_symlink(c.target, base / "x");
    const auto directory = Directory::open(base.path());
    const auto found = read_file(*directory, "x", {.max_size = 100, .links = pki::Links::follow});
    CHECK(found.exists);
    REQUIRE(found.problem);
    CHECK_THAT(found.problem->message, contains(c.message));
    CHECK(found.content.empty());
  }
}

TEST_CASE(
    "a directory that may be passed but not listed does not stop a user, and a closed one is a problem of its own") {
  if (::geteuid() != 0) return;
  const TempDir base;
  REQUIRE(::chmod(base.path().c_str(), 0711) == 0);
  put(base / "passed/below/x", "text", 0644);
  put(base / "passed/secret", "key", 0600);
  put(base / "closed/x", "text", 0644);
  REQUIRE(::chmod((base / "passed/below").c_str(), 0711) == 0);
  REQUIRE(::chmod((base / "passed").c_str(), 0711) == 0);
  REQUIRE(::chmod((base / "closed").c_str(), 0700) == 0);
  REQUIRE(::seteuid(65534) == 0);
  for (const bool old_kernel : {false, true}) {
    const Kernel kernel(old_kernel);
    const auto passed = Directory::open(base / "passed", *in_use);
    const auto closed = Directory::open(base / "closed", *in_use);
    CHECK((passed && read_file(*passed, "below/x", {.max_size = 100}).content == "text"));
    CHECK_THROWS_WITH(passed->names(), contains("permission denied"));
    CHECK_THROWS_WITH(passed->sync(), contains("permission denied"));
    const auto secret = read_file(*passed, "secret", {.max_size = 100});
    CHECK((secret.exists && secret.problem && secret.problem->rule == pki::Rule::file_unreadable));
    const auto beyond = read_file(*closed, "x", {.max_size = 100});
    CHECK((beyond.problem && beyond.problem->rule == pki::Rule::file_unreadable));
    CHECK(beyond.problem->remedy.text == "run the command as root");
  }
  CHECK_THROWS_AS(Directory::open(base / "closed/below"), pki::Error);
  REQUIRE(::seteuid(0) == 0);
}

TEST_CASE("a file that a transaction is replacing is never reported as a link, and never missing") {
  const TempDir base;
  put(base / ".pkigen-txn/new/ca.crt", "text");
  fs::create_symlink("new", base / ".pkigen-txn/cur");
  put(base / "ca.crt", "text");
  std::atomic<bool> done{false};
  std::thread writer([&] {
    while (!done) {
      fs::create_symlink(transient_target("ca.crt"), base / ".pkigen-txn/link");
      fs::rename(base / ".pkigen-txn/link", base / "ca.crt");
      fs::copy_file(base / ".pkigen-txn/new/ca.crt", base / ".pkigen-txn/file");
      fs::rename(base / ".pkigen-txn/file", base / "ca.crt");
    }
  });
  const auto directory = Directory::open(base.path());
  std::string wrong;
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{2};
       wrong.empty() && std::chrono::steady_clock::now() < end;) {
    const auto found = read_file(*directory, "ca.crt", {.max_size = 100});
    if (found.problem) wrong = found.problem->message;
    if (found.content != "text") wrong += " without its text";
  }
  done = true;
  writer.join();
  CHECK(wrong == "");
}
