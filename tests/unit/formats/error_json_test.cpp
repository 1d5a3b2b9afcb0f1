// SPDX-License-Identifier: Apache-2.0
#include <pki/error_report.hpp>

#include <support/catch.hpp>

using namespace pki;

TEST_CASE("A failure is one JSON object that begins with its first problem") {
  CHECK(error_to_json({{Rule::value_missing, Severity::error, "--a", "is \"bad\"", {}, "do"},
                       {Rule::usage, Severity::error, "--b", "too"}}) == R"({
  "kind": "Error",
  "apiVersion": "pkigen/v1",
  "code": "value-missing",
  "severity": "error",
  "subject": "--a",
  "message": "is \"bad\"",
  "hint": "do",
  "problems": [
    {
      "code": "value-missing",
      "severity": "error",
      "subject": "--a",
      "message": "is \"bad\"",
      "hint": "do"
    },
    {
      "code": "usage",
      "severity": "error",
      "subject": "--b",
      "message": "too",
      "hint": ""
    }
  ]
}
)");
}

TEST_CASE("A failure without a problem still has all members") {
  CHECK(error_to_json({}) == R"({
  "kind": "Error",
  "apiVersion": "pkigen/v1",
  "code": "unexpected",
  "severity": "error",
  "subject": "",
  "message": "",
  "hint": "",
  "problems": []
}
)");
}

TEST_CASE("an error in YAML has the members of the one in JSON") {
  CHECK(error_to_yaml({{Rule::io, Severity::error, "a: b", "is\xff bad"}}) == R"(apiVersion: pkigen/v1
code: io
hint: ""
kind: Error
message: "is� bad"
problems:
- code: io
  hint: ""
  message: "is� bad"
  severity: error
  subject: "a: b"
severity: error
subject: "a: b"
)");
}
