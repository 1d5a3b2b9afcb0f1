#include <support/catch.hpp>

#include <chrono>
#include <string>
#include <utility>

#include <pki/plan.hpp>

#include "formats/report/json.hpp"

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

TEST_CASE("a name has a type, and one of an unknown type is hex") {
  const std::pair<GeneralName, const char*> cases[] = {
      {{GeneralName::Kind::dns, "a"}, R"({"type":"DNS","value":"a"})"},
      {{GeneralName::Kind::ip, "::1"}, R"({"type":"IP","value":"::1"})"},
      {{GeneralName::Kind::email, "a@b"}, R"({"type":"email","value":"a@b"})"},
      {{GeneralName::Kind::uri, "u:x"}, R"({"type":"URI","value":"u:x"})"},
      {{GeneralName::Kind::other, "\x01\xff"}, R"({"type":"other","value":"01ff"})"},
  };
  for (const auto& [name, expected] : cases)
    CHECK(formats::json_of(name).dump() == expected);
}

TEST_CASE("a time is text, at and before the epoch and in the last second, too") {
  const std::pair<long long, const char*> cases[] = {
      {1795222095, "\"2026-11-21T00:48:15Z\""},
      {0, "\"1970-01-01T00:00:00Z\""},
      {-1, "\"1969-12-31T23:59:59Z\""},
      {-631'152'000, "\"1950-01-01T00:00:00Z\""},
      {253'402'300'799, "\"9999-12-31T23:59:59Z\""},
  };
  for (const auto& [time, expected] : cases)
    CHECK(formats::json_of(sys_seconds{seconds{time}}).dump() == expected);
}

TEST_CASE("a step without a certificate has no dates") {
  Plan plan;
  plan.steps.push_back({});
  const auto json = to_json(plan);
  CHECK_THAT(json, contains("\"notBefore\": null") && contains("\"notAfter\": null"));
}
