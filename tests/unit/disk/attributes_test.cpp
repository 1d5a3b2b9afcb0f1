// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <disk/attributes.hpp>
#include <disk/backup.hpp>
#include <disk/transaction.hpp>
#include <support/catch.hpp>

#include "set.hpp"

using namespace disk_test;
using namespace pki::disk;
namespace fs = std::filesystem;

namespace {

constexpr const char* default_list = "system.posix_acl_default";

void append(std::string& text, std::uint32_t value, int octets) {
  for (int i = 0; i < octets; ++i)
    text.push_back(static_cast<char>(value >> (8 * i) & 0xffU));
}

// An access control list as the kernel stores it (posix_acl_xattr.h): user 1234 may do `user`, the owning group
// nothing.
std::string list_for(unsigned user) {
  std::string text;
  append(text, 2, 4);
  const auto add = [&](std::uint32_t tag, std::uint32_t rights, std::uint32_t id) {
    append(text, tag, 2);
    append(text, rights, 2);
    append(text, id, 4);
  };
  add(0x01, 6, 0xffffffffU);
  add(0x02, user, 1234);
  add(0x04, 0, 0xffffffffU);
  add(0x10, user, 0xffffffffU);
  add(0x20, 0, 0xffffffffU);
  return text;
}

bool set(const fs::path& path, const std::string& name, const std::string& value) {
  return ::setxattr(path.c_str(), name.c_str(), value.data(), value.size(), 0) == 0;
}

Attributes attributes_of(const fs::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return read_attributes(fd.value(), path);
}

std::string value_of(const fs::path& path, const std::string& name) {
  for (const auto& attribute : attributes_of(path))
    if (attribute.name == name) return attribute.value;
  return "(none)";
}

/// Files is a PKI with one key that has `name` set to `value`; `possible` is false where the file system or the kernel
/// does not let this user set it.
struct Files {
  Files(const std::string& name, const std::string& value) {
    put(key, "old", 0640);
    possible = set(key, name, value);
  }
  [[nodiscard]] pki::CommitResult write(const std::string& content, const Hooks& hooks = no_hooks) const {
    const std::vector<pki::File> files{{key, 0600, pki::SecretString(content)}};
    return write_transaction(layout, files, {}, options(), {}, hooks);
  }

  TempDir base;
  pki::Layout layout{base / "pki", base / "conf"};
  fs::path key{base / "pki/x.key"};
  bool possible{false};
};

int refused_with = 0;
int refuse_attributes(const char* call, const char*) { return std::string(call) == "setxattr" ? refused_with : 0; }

}  // namespace

TEST_CASE("what the kernel makes from the content of a file is not kept, everything else is") {
  for (const char* name :
       {"system.posix_acl_access", "security.selinux", "security.SMACK64", "user.x", "trusted.x", "system.nfs4_acl"})
    CHECK(is_kept(name));
  for (const char* name : {"security.ima", "security.evm", "security.capability"})
    CHECK_FALSE(is_kept(name));
}

TEST_CASE("a replaced file keeps its attributes, and undo restores them") {
  struct Case {
    std::string name, value;
  };
  for (const auto& c : {Case{"user.owner", "team a"}, Case{"user.empty", ""},
                        Case{"user.large", std::string(3000, 'x')}, Case{"user.odd", std::string("a\0\n\xff", 4)},
                        Case{"system.posix_acl_access", list_for(4)}, Case{"security.pkigen-test", "label"}}) {
    CAPTURE(c.name);
    const Files files(c.name, c.value);
    if (!files.possible) continue;
    const auto mode = mode_of(files.key);
    const auto written = files.write("new");
    CHECK(written.notes.empty());
    CHECK(slurp(files.key) == "new");
    CHECK(value_of(files.key, c.name) == c.value);
    CHECK(mode_of(files.key) == mode);

    fs::remove(files.key);
    (void)restore_transaction(files.layout, load_backup(files.layout, written.backup), options());
    CHECK(slurp(files.key) == "old");
    CHECK(value_of(files.key, c.name) == c.value);
    CHECK(mode_of(files.key) == mode);
  }
}

TEST_CASE("undo takes away what a file did not have, and a backup of version 1 leaves it") {
  for (const bool version_1 : {false, true}) {
    CAPTURE(version_1);
    const Files files("user.before", "1");
    if (!files.possible) return;
    REQUIRE(::removexattr(files.key.c_str(), "user.before") == 0);
    const auto id = files.write("new").backup;
    const auto manifest = files.base / ("pki/.pkigen/backups/" + id + "/manifest");
    auto text = slurp(manifest);
    if (version_1) put(manifest, text.replace(text.find('2'), 1, "1"), 0600);
    REQUIRE(set(files.key, "user.since", "2"));
    (void)restore_transaction(files.layout, load_backup(files.layout, id), options());
    CHECK(slurp(files.key) == "old");
    CHECK(value_of(files.key, "user.since") == (version_1 ? "2" : "(none)"));
  }
}

TEST_CASE("a list that the directory would add to a new file does not open a replaced one") {
  const Files files("user.x", "1");
  if (!set(files.base / "pki", default_list, list_for(6))) return;
  (void)files.write("new");
  CHECK(slurp(files.key) == "new");
  CHECK(value_of(files.key, std::string(access_list)) == "(none)");
  CHECK(mode_of(files.key) == 0640);
}

TEST_CASE("an attribute that cannot be kept is an error, and nothing has changed") {
  const Files files("user.owner", "team a");
  if (!files.possible) return;
  for (const int error : {EPERM, ENOSPC, EDQUOT, EIO, EOPNOTSUPP}) {
    CAPTURE(error);
    refused_with = error;
    const Hooks hooks{.before = refuse_attributes};
    CHECK_THROWS_WITH(files.write("new", hooks), contains("cannot set user.owner"));
    CHECK(slurp(files.key) == "old");
    CHECK(value_of(files.key, "user.owner") == "team a");
    CHECK_FALSE(fs::exists(files.base / "pki/.pkigen-txn"));
  }
}

TEST_CASE("a security label that the kernel refuses is a warning, and another failure an error") {
  const Files files("security.pkigen-test", "label");
  if (!files.possible) return;
  const Hooks hooks{.before = refuse_attributes};
  refused_with = ENOSPC;
  CHECK_THROWS_WITH(files.write("new", hooks), contains("cannot set security.pkigen-test"));
  CHECK(slurp(files.key) == "old");
  refused_with = EACCES;
  const auto written = files.write("new", hooks);
  CHECK(slurp(files.key) == "new");
  REQUIRE(written.notes.size() == 1);
  CHECK(written.notes[0].rule == pki::Rule::label_refused);
  CHECK(written.notes[0].severity == pki::Severity::warning);
  CHECK(written.notes[0].subject == files.key.string());
}

namespace {

fs::path watched_root;
std::set<std::string> too_open;

// Each staged copy of the key that holds a byte is at most as open as the key was.
int watch_modes(const char*, const char*) {
  std::error_code gone;
  for (const auto& entry : fs::recursive_directory_iterator(watched_root, gone)) {
    if (entry.path().filename() != "x.key" || entry.is_symlink() || fs::file_size(entry.path(), gone) == 0) continue;
    const auto mode = mode_of(entry.path());
    if ((mode & ~0640U) != 0) too_open.insert(entry.path());
    if ((mode & 070U) == 0) continue;  // whatever a list says
    const auto list = value_of(entry.path(), std::string(access_list));
    if (list != "(none)" && list != list_for(4)) too_open.insert(entry.path().string() + " by its list");
  }
  return 0;
}

}  // namespace

TEST_CASE("at no instant is a copy of a key more open than the key") {
  for (const bool listed : {false, true}) {
    const Files files(listed ? std::string(access_list) : "user.x", listed ? list_for(4) : "1");
    if (!files.possible) continue;
    (void)set(files.base / "pki", default_list, list_for(6));
    watched_root = files.base / "pki";
    too_open.clear();
    (void)files.write("new", {.before = watch_modes});
    CHECK(slurp(files.key) == "new");
    CHECK(too_open == std::set<std::string>{});
  }
}

TEST_CASE("a file system without attributes has none") {
  const Fd fd(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  CHECK(read_attributes(fd.value(), "/proc/self/status").empty());
}
