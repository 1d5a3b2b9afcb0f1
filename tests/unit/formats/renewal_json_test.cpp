// SPDX-License-Identifier: Apache-2.0
#include <pki/renewal.hpp>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>

#include <chrono>

using namespace pki;

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::seconds{1795222095}};  // 2026-11-21T00:48:15Z

/// A renewal of `apiserver`, as planned.
Renewal planned() {
  Step step;
  step.row = &default_catalog().find_row("apiserver");
  step.reason = "due";
  step.found.certificate = Certificate{.serial = "0a", .not_before = now, .not_after = now + std::chrono::hours{1}};
  step.what = Renew{.spec = {.not_before = now, .not_after = now + std::chrono::hours{24}}};
  Renewal renewal;
  renewal.plan.steps = {step};
  renewal.dry_run = true;
  return renewal;
}

nlohmann::json json_of(const Renewal& renewal) { return nlohmann::json::parse(to_json(renewal)); }

}  // namespace

TEST_CASE("a dry run shows the certificate that would be made, without a serial") {
  const auto json = json_of(planned());
  CHECK(json["kind"] == "Renewal");
  CHECK(json["dryRun"] == true);
  CHECK(json["changed"] == true);
  const auto& row = json["rows"].at(0);
  CHECK(row["name"] == "apiserver");
  CHECK(row["action"] == "renewed");
  CHECK(row["old"]["serial"] == "0a");
  CHECK(row["new"]["serial"].is_null());
  CHECK(row["new"]["notAfter"] == "2026-11-22T00:48:15Z");
  CHECK(row["newKey"] == true);
  CHECK(json["backup"].is_null());
  CHECK(json["restart"].size() + json["reload"].size() == 1);
}

TEST_CASE("a renewal shows the certificate that was made, and the backup") {
  auto renewal = planned();
  renewal.dry_run = false;
  renewal.written.backup = "1-renew";
  Issued issued;
  issued.row = renewal.plan.steps[0].row;
  issued.certificate.serial = "0b";
  issued.certificate.not_after = now;
  renewal.issued = {issued};
  const auto json = json_of(renewal);
  CHECK(json["rows"][0]["new"]["serial"] == "0b");
  CHECK(json["rows"][0]["new"]["notAfter"] == "2026-11-21T00:48:15Z");
  CHECK(json["backup"] == "1-renew");
  CHECK(json["dryRun"] == false);
  CHECK(json["changed"] == true);
}

TEST_CASE("with a conflict nothing was renewed, and nothing needs a restart") {
  auto renewal = planned();
  renewal.plan.conflicts = {{Rule::ca_key_missing, Severity::error, "ca.key", "missing"}};
  const auto json = json_of(renewal);
  CHECK(json["rows"][0]["action"] == "kept");
  CHECK(json["rows"][0]["reason"] == "due; not done");
  CHECK(json["rows"][0]["new"].is_null());
  CHECK(json["rows"][0]["newKey"] == false);
  CHECK(json["restart"].size() + json["reload"].size() == 0);
  CHECK(json["conflicts"][0]["subject"] == "ca.key");
  CHECK(json["changed"] == false);
}

TEST_CASE("a renewal of nothing changed nothing") {
  auto renewal = planned();
  renewal.plan.steps[0].what = Keep{};
  for (const bool dry_run : {true, false}) {
    renewal.dry_run = dry_run;
    CHECK(json_of(renewal)["changed"] == false);
  }
}
