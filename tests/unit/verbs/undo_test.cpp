// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

pki::CommitResult write(const pki::Lock& lock, const std::string& content) {
  pki::Bundle bundle;
  bundle.layout = lock.layout();
  bundle.files.push_back({lock.layout().kubeconfig_dir / "notes.txt", 0600, pki::SecretString(content)});
  return pki::commit(bundle, lock, {.command = "test", .now = now});
}

}  // namespace

TEST_CASE("an undo reports what it restored and what it replaced, and can be undone") {
  const TempDir base;
  const auto lock = pki::lock({base / "pki", base.path()});
  CHECK_THROWS_WITH(pki::undo("", lock, {.now = now}), contains("no backup to restore"));

  const auto first = write(lock, "one");
  CHECK(first.changed == 1);
  CHECK(first.backup.empty());
  const auto second = write(lock, "two");
  CHECK(second.changed == 1);
  CHECK(second.backup == "000001-20261121T000000Z-test");
  CHECK(write(lock, "two").changed == 0);

  const auto undone = pki::undo("", lock, {.command = "undo", .now = now});
  CHECK(undone.restored.id == second.backup);
  CHECK(undone.restored.command == "test");
  CHECK(undone.written.changed == 1);
  CHECK(undone.written.written == std::vector{base / "notes.txt"});
  CHECK(undone.written.backup == "000002-20261121T000000Z-undo");
  CHECK(undone.written.notes.empty());
  CHECK(slurp(base / "notes.txt") == "one");
  const auto json = to_json(undone);
  CHECK_THAT(json, contains("\"replaced\": \"000002-20261121T000000Z-undo\""));
  CHECK_THAT(json, contains("\"changed\": 1"));

  CHECK(pki::undo(undone.written.backup, lock, {.command = "undo", .now = now}).restored.id == undone.written.backup);
  CHECK(slurp(base / "notes.txt") == "two");
}

TEST_CASE("a backup that does not exist is not found, and the remedy is to list those that do") {
  const TempDir base;
  const auto lock = pki::lock({base / "pki", base.path()});
  (void)write(lock, "one");
  (void)write(lock, "two");
  for (const char* wrong : {"none", "20200101T000000Z-test", "../..", "."}) {
    CAPTURE(wrong);
    try {
      (void)pki::undo(wrong, lock, {.now = now});
      FAIL("found");
    } catch (const pki::Error& error) {
      CHECK(error.code() == pki::Errc::not_found);
      CHECK(error.subject() == wrong);
      CHECK((error.remedy().kind == pki::Remedy::Kind::list_backups));
    }
  }
  CHECK(slurp(base / "notes.txt") == "two");
}
