// SPDX-License-Identifier: Apache-2.0
#include "disk/unmanaged_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

using namespace pki::disk;
namespace fs = std::filesystem;

namespace {

/// Returns one line per file: "name: content", or "name! problem".
std::vector<std::string> read_all(const std::vector<fs::path>& paths, const fs::path& base,
                                  UnmanagedLimits limits = {}) {
  std::vector<std::string> lines;
  UnmanagedFiles files(
      [&](const UnmanagedFile& file) {
        const auto name = file.path.lexically_relative(base).string();
        lines.push_back(file.problem.empty() ? name + ": " + std::string(file.content.begin(), file.content.end())
                                             : name + "! " + file.problem);
        return true;
      },
      limits);
  for (const auto& path : paths)
    files.read(path);
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a directory is read whole: sorted, files first, hidden names ignored") {
  const TempDir dir;
  put(dir / "b", "2");
  put(dir / "a", "1");
  put(dir / "below/c", "3");
  put(dir / ".hidden", "no");
  put(dir / "..2026/tls.crt", "no");
  CHECK(read_all({dir.path()}, dir.path()) == Lines{"a: 1", "b: 2", "below/c: 3"});
}

TEST_CASE("a mounted secret is read once, through its links") {
  const TempDir dir;
  put(dir / "..2026/tls.crt", "x");
  fs::create_symlink("..2026", dir / "..data");
  fs::create_symlink("..data/tls.crt", dir / "tls.crt");
  fs::create_symlink("tls.crt", dir / "same");
  fs::create_hard_link(dir / "..2026/tls.crt", dir / "zz");
  CHECK(read_all({dir.path()}, dir.path()) == Lines{"same: x"});
}

TEST_CASE("links to directories are followed only where they were named") {
  const TempDir dir;
  put(dir / "real/a", "1");
  fs::create_directory(dir / "top");
  fs::create_directory_symlink(dir / "real", dir / "top/link");
  fs::create_directory_symlink(dir / "top", dir / "top/loop");
  CHECK(read_all({dir / "top"}, dir.path()).empty());
  CHECK(read_all({dir / "top/link"}, dir.path()) == Lines{"top/link/a: 1"});
}

TEST_CASE("what is named and is no file is a problem, and ignored in a directory") {
  const TempDir dir;
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  CHECK(read_all({dir / "pipe"}, dir.path()) == Lines{"pipe! is a named pipe, expected a file or a directory"});
  CHECK(read_all({"/dev/zero"}, "/dev") == Lines{"zero! is a device, expected a file or a directory"});
  CHECK(read_all({dir / "none"}, dir.path()) == Lines{"none! cannot read: no such file or directory"});
  CHECK(read_all({dir.path()}, dir.path()).empty());
}

TEST_CASE("certificates and kubeconfigs have names by which they are known") {
  for (const auto* name : {"a.crt", "/x/a.pem", "a.cer", "a.der", "admin.conf", "A.CRT", "kubelet-client-current.pem"})
    CHECK(has_certificate_name(name));
  for (const auto* name : {"a", "crt", ".crt", "a.crt.bak", "a.key", "a.txt", "a.csr", "pem/a", "a.", ""})
    CHECK_FALSE(has_certificate_name(name));
}

TEST_CASE("a link to nothing is a problem where it was named, and in a directory where a certificate should be") {
  const TempDir dir;
  for (const auto* name : {"link", "lib.so", "tls.crt", "kubelet-client-current.pem", "admin.conf", "ca.key"})
    fs::create_symlink("gone", dir / name);
  CHECK(read_all({dir.path()}, dir.path()) == Lines{"admin.conf! is a symbolic link to nothing",
                                                    "kubelet-client-current.pem! is a symbolic link to nothing",
                                                    "tls.crt! is a symbolic link to nothing"});
  CHECK(read_all({dir / "link"}, dir.path()) == Lines{"link! is a symbolic link to nothing"});
}

TEST_CASE("a link to itself is no endless loop") {
  const TempDir dir;
  fs::create_symlink("link", dir / "link");
  fs::create_symlink("a.crt", dir / "a.crt");
  REQUIRE(read_all({dir / "link"}, dir.path()).size() == 1);
  const auto found = read_all({dir.path()}, dir.path());
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], contains("a.crt! cannot read: "));
}

TEST_CASE("a file that is of no interest in a directory is visited again where it is named") {
  const TempDir dir;
  put(dir / "a", "1");
  put(dir / "b", "2");
  std::vector<std::string> visited;
  UnmanagedFiles files([&](const UnmanagedFile& file) {
    visited.push_back(file.path.filename().string());
    return file.path.filename() == "b";
  });
  files.read(dir.path());
  files.read(dir / "a");
  files.read(dir / "b");
  files.read_reference(dir / "a");
  files.read_reference(dir / "b");
  CHECK(visited == Lines{"a", "b", "a", "a"});
  CHECK(files.count() == 4);
}

TEST_CASE("a reference leads to a file, never to a directory or a pipe") {
  const TempDir dir;
  put(dir / "d/a", "1");
  fs::create_symlink("d/a", dir / "link");
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  Lines visited;
  UnmanagedFiles files([&](const UnmanagedFile& file) {
    visited.push_back(file.problem.empty() ? std::string(file.content.begin(), file.content.end()) : file.problem);
    return true;
  });
  for (const auto* name : {"link", "d", "pipe", "none", "d/a/b"})
    files.read_reference(dir / name);
  CHECK(visited == Lines{"1", "is a directory, expected a file", "is a named pipe, expected a file",
                         "cannot read: no such file or directory", "cannot read: not a directory"});
}

TEST_CASE("a file that may be absent is silent when it is") {
  const TempDir dir;
  put(dir / "here", "1");
  int count = 0;
  UnmanagedFiles files([&](const UnmanagedFile& file) {
    count += file.problem.empty() ? 1 : 100;
    return true;
  });
  files.read_optional(dir / "none");
  files.read_optional(dir / "here/none");
  files.read_optional(dir / "here");
  CHECK(count == 1);
}

TEST_CASE("what is too large is a problem where it was named or is PEM") {
  const TempDir dir;
  const UnmanagedLimits limits{.file_size = 10, .entries = 100, .depth = 32};
  put(dir / "a", std::string(10, 'x'));
  put(dir / "b", std::string(11, 'x'));
  put(dir / "c", "-----BEGIN CERTIFICATE-----");
  CHECK(read_all({dir.path()}, dir.path(), limits) == Lines{"a: xxxxxxxxxx", "c! is larger than 0 MiB"});
  CHECK(read_all({dir / "b"}, dir.path(), limits) == Lines{"b! is larger than 0 MiB"});
}

TEST_CASE("a walk ends at its depth and at its number of names, and says so") {
  const TempDir dir;
  put(dir / "1/2/3/a", "deep");
  put(dir / "1/b", "x");
  const auto deep = read_all({dir.path()}, dir.path(), {.file_size = 100, .entries = 100, .depth = 2});
  CHECK(deep == Lines{"1/b: x", "1/2/3! is deeper than 2 directories and was not read"});
  const auto many = read_all({dir.path()}, dir.path(), {.file_size = 100, .entries = 2, .depth = 32});
  CHECK(many == Lines{"1! more than 2 files, the rest was not read"});
}

TEST_CASE("what may not be read is a problem, but for keys in a directory") {
  const TempDir dir;
  REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
  put(dir / "a", "x", 0);
  put(dir / "a.key", "x", 0);
  const bool root = ::geteuid() == 0;
  if (root) REQUIRE(::seteuid(65534) == 0);
  const auto in_directory = read_all({dir.path()}, dir.path());
  const auto named = read_all({dir / "a.key"}, dir.path());
  if (root) REQUIRE(::seteuid(0) == 0);
  CHECK(in_directory == Lines{"a! not readable by this user"});
  CHECK(named == Lines{"a.key! not readable by this user"});
}
