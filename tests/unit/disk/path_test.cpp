// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <string>
#include <vector>

#include <disk/path.hpp>
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

using namespace pki::disk;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> keys_and_paths(const pki::Layout& layout) {
  std::vector<std::string> texts;
  for (const auto& root : roots(layout))
    texts.push_back(root.key + " " + root.path.string());
  return texts;
}

}  // namespace

TEST_CASE("a path is cleaned, and a relative one or one with control characters is refused") {
  CHECK(clean("/a//b/./c/../d/") == "/a/b/d");
  CHECK(clean("/") == "/");
  CHECK(clean("/a/..") == "/");
  for (const std::string& path : {std::string(), std::string("a"), std::string("./a"), std::string("/a\nb"),
                                  std::string("/a\0b", 4), std::string("/\x1b")}) {
    CAPTURE(path);
    CHECK_THROWS_AS(clean(path), pki::Error);
  }
}

TEST_CASE("the roots of a layout are written in order, each directory once") {
  using Texts = std::vector<std::string>;
  CHECK(keys_and_paths({"/k/pki", "/k"}) == Texts{"pki /k/pki", "etcd /k/pki/etcd", "kubeconfig /k"});
  CHECK(keys_and_paths({"/pki/", "/"}) == Texts{"pki /pki", "etcd /pki/etcd", "kubeconfig /"});
  CHECK(keys_and_paths({"/k", "/k/"}) == Texts{"pki /k", "etcd /k/etcd"});
  CHECK(keys_and_paths({"/k", "/k/etcd"}) == Texts{"pki /k", "etcd /k/etcd"});
  CHECK_THROWS_WITH(roots({"/", "/k"}), contains("not a directory for a PKI"));
}

TEST_CASE("the root directory can be opened, for reading and for writing") {
  CHECK(Directory::open("/"));
  struct stat status {};
  REQUIRE(::stat("/", &status) == 0);
  if (status.st_uid == 0 && (status.st_mode & 022U) == 0) CHECK(Directory::open_for_writing("/").path() == "/");
}

TEST_CASE("missing directories are made, outermost first, with mode 0755") {
  const TempDir base;
  std::vector<fs::path> made;
  CHECK(Directory::open_for_writing(base / "a/b/c", &made).path() == base / "a/b/c");
  CHECK(made == std::vector<fs::path>{base / "a", base / "a/b", base / "a/b/c"});
  CHECK(mode_of(base / "a/b") == 0755);
}

TEST_CASE("a tree is removed without following links, and not below a depth") {
  const TempDir base;
  put(base / "keep/file", "x");
  put(base / "tree/a/b/file", "x");
  fs::create_directory_symlink(base / "keep", base / "tree/a/link");
  const auto directory = Directory::open(base.path());
  CHECK_THROWS_WITH(remove_tree(*directory, "tree", 2), contains("deeper than expected"));
  CHECK(remove_tree(*directory, "tree"));
  CHECK_FALSE(remove_tree(*directory, "tree"));
  CHECK(slurp(base / "keep/file") == "x");
  CHECK_FALSE(fs::exists(base / "tree"));
}
