// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <chrono>

#include <pki/backup.hpp>

using namespace pki;

namespace {

constexpr std::chrono::sys_seconds made{std::chrono::seconds{1795222095}};  // 2026-11-21T00:48:15Z

}  // namespace

TEST_CASE("backups are a list in the order that is given") {
  CHECK(to_json(std::vector<Backup>{{"1-renew", "renew", made}}) == R"({
  "kind": "BackupList",
  "apiVersion": "pkigen/v1",
  "backups": [
    {
      "id": "1-renew",
      "command": "renew",
      "made": "2026-11-21T00:48:15Z"
    }
  ]
}
)");
  CHECK_THAT(to_json(std::vector<Backup>{}), contains("\"backups\": []"));
}

TEST_CASE("an undo reports what it restored, and null where nothing was replaced") {
  UndoResult result{{"1-renew", "renew", made}, {}};
  CHECK(to_json(result) == R"({
  "kind": "Backup",
  "apiVersion": "pkigen/v1",
  "id": "1-renew",
  "command": "renew",
  "made": "2026-11-21T00:48:15Z",
  "replaced": null,
  "changed": 0,
  "notes": []
}
)");
  result.written.backup = "2-undo";
  CHECK_THAT(to_json(result), contains("\"replaced\": \"2-undo\""));
}

TEST_CASE("a recovery lists what it found unfinished") {
  CHECK(recovered_to_json({}) ==
        "{\n  \"kind\": \"Recovery\",\n  \"apiVersion\": \"pkigen/v1\",\n"
        "  \"recovered\": []\n}\n");
}
