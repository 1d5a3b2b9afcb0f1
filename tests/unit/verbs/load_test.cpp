// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/pki.hpp>

#include <disk/sys.hpp>
#include <support/catch.hpp>
#include <support/small_cluster.hpp>
#include <support/temp_dir.hpp>
#include <verbs/load.hpp>

namespace {

std::chrono::sys_seconds this_second() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void put_in_place(const pki::Bundle& bundle, const pki::Lock& lock) {
  (void)pki::commit(bundle, lock, {.command = "test", .now = this_second(), .keep_backups = 0});
}

/// Versions are two sets of files of one PKI, so that a writer can put the second in place of the first.
struct Versions {
  explicit Versions(const pki::ClusterConfig& config) {
    const auto valid = pki::validate(config).value();
    const auto lock = pki::lock(config.layout);
    const auto nothing = pki::load(config.layout);
    first = pki::issue(pki::plan_init(valid, nothing, this_second()), nothing);
    put_in_place(first, lock);
    const auto made = pki::load(config.layout);
    second = pki::issue(pki::plan_renew(&valid, made, this_second()), made);
  }
  pki::Bundle first;
  pki::Bundle second;
};

void check_valid(const pki::Inventory& inventory) {
  for (const auto& row : pki::inspect(inventory, {}, this_second()).certificates) {
    CAPTURE(row.path, row.reason);
    CHECK(row.state == pki::State::valid);
  }
}

/// Intruder works between the API server's certificate and its key, each time that they are read.
class Intruder {
 public:
  explicit Intruder(std::function<void()> work) { work_ = std::move(work); }

  [[nodiscard]] static pki::Inventory load(const pki::Layout& layout) {
    const pki::disk::Hooks hooks{.reading = come};
    return pki::verbs::load(layout, {pki::KeyCheck::consistency, pki::default_catalog(), nullptr, hooks});
  }

 private:
  static void come(const char* name) {
    if (std::string_view(name) == "apiserver.key") work_();
  }

  inline static std::function<void()> work_;
};

}  // namespace

TEST_CASE("what is read while another process renews belongs together") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const Versions versions(config);
  int times = 0;
  const Intruder writer([&] {
    if (times++ == 0) put_in_place(versions.second, pki::lock(config.layout));
  });
  const auto inventory = writer.load(config.layout);
  CHECK(times > 0);
  check_valid(inventory);
}

TEST_CASE("a writer that never pauses is not waited for") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const Versions versions(config);
  int times = 0;
  const Intruder writer([&] {
    if (++times > 300) return;  // load would not end otherwise where it is wrong
    const TempDir changed(config.layout.certificates_dir);
  });
  const auto inventory = writer.load(config.layout);
  CHECK(times > 1);
  CHECK(times <= 101);
  check_valid(inventory);
}

namespace {

/// linked_notes lists the links that a load has followed.
std::vector<std::string> linked_notes(const pki::Inventory& inventory) {
  std::vector<std::string> texts;
  for (const auto& note : inventory.notes)
    if (note.rule == pki::Rule::file_linked) texts.push_back(note.subject + " " + note.message);
  return texts;
}

pki::Inventory follow(const pki::Layout& layout) {
  return pki::load(layout, pki::KeyCheck::consistency, pki::default_catalog(), nullptr, pki::Links::follow);
}

}  // namespace

TEST_CASE("links in place of directories and files are followed to report, each with one note, and refused to write") {
  namespace fs = std::filesystem;
  const TempDir base;
  const auto config = config_in(base / "k");
  const Versions versions(config);
  const auto pki = base / "k/pki";
  const auto make_link = [](const fs::path& from, const fs::path& to) {
    fs::rename(from, to);
    fs::create_symlink(to, from);
  };
  CHECK(linked_notes(follow(config.layout)).empty());
  make_link(pki / "apiserver.crt", base / "apiserver.crt");
  make_link(base / "k/admin.conf", base / "admin.conf");
  CHECK(linked_notes(follow(config.layout)).size() == 2);
  CHECK_THAT(linked_notes(follow(config.layout)).at(1),
             contains(pki.string() + "/apiserver.crt is a symbolic link to " + (base / "apiserver.crt").string()));
  check_valid(follow(config.layout));
  CHECK(pki::load(config.layout).find("apiserver").problems.at(0).rule == pki::Rule::file_irregular);

  make_link(pki / "etcd", base / "etcd");
  make_link(pki, base / "ssl");
  make_link(base / "k", base / "real");
  const auto notes = linked_notes(follow(config.layout));
  CHECK(notes.size() == 5);
  CHECK_THAT(notes.at(0), contains(pki.string() + " is a symbolic link to " + (base / "ssl").string()));
  check_valid(follow(config.layout));
  CHECK_THROWS_WITH(pki::load(config.layout), contains("is a symbolic link, expected a directory"));
  CHECK_THROWS_AS(pki::lock(config.layout), pki::Error);
  fs::remove_all(base / "ssl");
  CHECK(has_errors(follow(config.layout).notes));
}

TEST_CASE("what the user who reports may not read is a problem of each file, and no exception") {
  if (::geteuid() != 0) return;
  const TempDir base;
  const auto config = config_in(base / "k");
  const Versions versions(config);
  for (const auto& [mode, readable] : {std::pair{0711U, true}, std::pair{0700U, false}}) {
    CAPTURE(mode);
    REQUIRE(::chmod(base.path().c_str(), static_cast<mode_t>(mode)) == 0);
    REQUIRE(::seteuid(65534) == 0);
    const auto inventory = follow(config.layout);
    REQUIRE(::seteuid(0) == 0);
    CHECK((inventory.find("apiserver").certificate() != nullptr) == readable);
    const auto report = pki::inspect(inventory, {}, this_second());
    CHECK(std::ranges::count(report.notes, pki::Rule::file_unreadable, &pki::Finding::rule) == 1);
    CHECK(report.worst() == pki::State::invalid);
  }
}

TEST_CASE("in a directory that does not exist everything is missing, also below the root directory") {
  for (const char* path : {"/no-such-directory", "/no-such-directory/pki"}) {
    CAPTURE(path);
    const auto inventory = pki::load({path, std::filesystem::path(path).parent_path()});
    CHECK(inventory.notes.empty());
    CHECK_FALSE(inventory.certificates_dir_exists);
    for (const auto& entry : inventory.entries)
      CHECK(entry.absent());
  }
}

TEST_CASE("a private key in a file that everybody may read is a fault of that file, which is read all the same") {
  const TempDir base;
  const auto config = config_in(base.path());
  const Versions versions(config);
  const auto key = slurp(base / "pki/apiserver.key");
  for (const auto* name : {"ca.crt", "apiserver.crt", "sa.pub"}) {
    CAPTURE(name);
    const auto file = base / "pki" / name;
    const auto before = slurp(file);
    put(file, before + key);
    const auto found = [&] {
      const auto inventory = pki::load(config.layout);
      const auto& entry = inventory.find(std::filesystem::path(name).stem().string());
      CHECK((entry.certificate() != nullptr || !entry.public_key_sha256.empty()));
      return std::ranges::count(entry.problems, pki::Rule::file_open_mode, &pki::Finding::rule);
    };
    CHECK(found() == 1);
    std::filesystem::permissions(file, std::filesystem::perms{0600});
    CHECK(found() == 0);
    std::filesystem::permissions(file, std::filesystem::perms{0644});
    put(file, before);
    CHECK(found() == 0);
  }
}
