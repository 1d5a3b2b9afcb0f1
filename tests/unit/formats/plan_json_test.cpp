// SPDX-License-Identifier: Apache-2.0
#include <pki/creation.hpp>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>

#include <chrono>
#include <string>

using namespace pki;
using std::chrono::seconds;
using std::chrono::sys_seconds;

TEST_CASE("a plan is one JSON object in a stable order") {
  Plan plan;
  Step step;
  step.row = &default_catalog().find_row("apiserver");
  step.reason = "missing";
  step.path = "/etc/kubernetes/pki/apiserver.crt";
  step.key_path = "/etc/kubernetes/pki/apiserver.key";
  step.what = Create{
      .spec = {.common_name = "kube-apiserver",
               .organizations = {"a", "b"},
               .sans = {{GeneralName::Kind::dns, "cp-1"}, {GeneralName::Kind::other, std::string("\x88\x01\xff")}},
               .not_before = sys_seconds{seconds{1795222095}},
               .not_after = sys_seconds{}},
      .algorithm = "RSA-2048"};
  plan.steps.push_back(step);
  plan.conflicts.push_back({Rule::malformed, Severity::error, "ca.crt", "bad", {}, "do"});
  CHECK(to_json(plan) == R"({
  "kind": "Plan",
  "apiVersion": "pkigen/v1",
  "certificatesDir": "/etc/kubernetes/pki",
  "kubeconfigDir": "/etc/kubernetes",
  "steps": [
    {
      "name": "apiserver",
      "action": "create",
      "reason": "missing",
      "path": "/etc/kubernetes/pki/apiserver.crt",
      "keyPath": "/etc/kubernetes/pki/apiserver.key",
      "algorithm": "RSA-2048",
      "subject": {
        "commonName": "kube-apiserver",
        "organizations": [
          "a",
          "b"
        ]
      },
      "sans": [
        {
          "type": "DNS",
          "value": "cp-1"
        },
        {
          "type": "other",
          "value": "8801ff"
        }
      ],
      "notBefore": "2026-11-21T00:48:15Z",
      "notAfter": "1970-01-01T00:00:00Z",
      "serial": null,
      "cluster": "",
      "server": ""
    }
  ],
  "conflicts": [
    {
      "code": "malformed",
      "severity": "error",
      "subject": "ca.crt",
      "message": "bad",
      "hint": "do"
    }
  ],
  "failures": [],
  "warnings": [],
  "savedConfig": null,
  "rememberedConfig": null
}
)");
}

TEST_CASE("JSON replaces bytes that are not UTF-8 instead of failing") {
  Plan plan;
  plan.warnings.push_back({Rule::malformed, Severity::warning,
                           "a\xff"
                           "b",
                           "\x7f"});
  CHECK_THAT(to_json(plan), contains("\"a\xef\xbf\xbd"
                                     "b\""));
  CHECK_THAT(to_json(plan), contains("\"\\u007f\""));
}

TEST_CASE("JSON says where the configuration will be kept") {
  Plan plan;
  plan.config_to_save.emplace();
  CHECK_THAT(to_json(plan), contains("\"savedConfig\": \"/etc/kubernetes/pkigen.yaml\""));
}

namespace {

/// Returns a CA that is kept, and a leaf that is made.
Creation half_made() {
  Creation creation;
  Step kept;
  kept.row = &default_catalog().find_row("ca");
  kept.found.certificate = Certificate{.serial = "0a"};
  kept.what = Keep{};
  Step made;
  made.row = &default_catalog().find_row("apiserver");
  made.what = Create{};
  creation.plan.steps = {kept, made};
  return creation;
}

nlohmann::json json_of(const Creation& creation) { return nlohmann::json::parse(to_json(creation)); }

}  // namespace

TEST_CASE("a creation is its plan with the serials of what was made") {
  auto creation = half_made();
  Issued issued;
  issued.row = creation.plan.steps[1].row;
  issued.certificate.serial = "0b";
  creation.issued = {issued};
  creation.written.changed = 2;
  creation.written.backup = "1-init";
  creation.written.notes = {{Rule::io, Severity::warning, "b", "stays"}};
  const auto json = json_of(creation);
  CHECK(json["kind"] == "Plan");
  CHECK(json["steps"][0]["serial"] == "0a");
  CHECK(json["steps"][1]["serial"] == "0b");
  CHECK(json["dryRun"] == false);
  CHECK(json["changed"] == true);
  CHECK(json["backup"] == "1-init");
  CHECK(json["notes"][0]["subject"] == "b");
}

TEST_CASE("a dry run has no new serials, and says whether something would change") {
  auto creation = half_made();
  creation.dry_run = true;
  auto json = json_of(creation);
  CHECK(json["steps"][0]["serial"] == "0a");
  CHECK(json["steps"][1]["serial"].is_null());
  CHECK(json["dryRun"] == true);
  CHECK(json["changed"] == true);
  CHECK(json["backup"].is_null());
  creation.plan.steps.pop_back();
  CHECK(json_of(creation)["changed"] == false);
  creation.plan.config_to_save.emplace();
  CHECK(json_of(creation)["changed"] == true);
}

TEST_CASE("a creation that wrote nothing changed nothing") {
  auto creation = half_made();
  creation.plan.steps.pop_back();
  CHECK(json_of(creation)["changed"] == false);
}

TEST_CASE("a step without a certificate has no dates") {
  Plan plan;
  plan.steps.push_back({});
  const auto json = to_json(plan);
  CHECK_THAT(json, contains("\"notBefore\": null") && contains("\"notAfter\": null"));
}
