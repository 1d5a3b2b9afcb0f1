#include <pki/error_report.hpp>

#include <support/catch.hpp>

using namespace pki;

TEST_CASE("Every code has a name in kebab case") {
  struct Case {
    Errc code;
    const char* name;
  };
  for (const auto& [code, name] : {Case{Errc::invalid_config, "invalid-config"},
                                   Case{Errc::unknown_name, "unknown-name"}, Case{Errc::not_found, "not-found"},
                                   Case{Errc::already_exists, "already-exists"}, Case{Errc::malformed, "malformed"},
                                   Case{Errc::mismatch, "mismatch"}, Case{Errc::ca_key_missing, "ca-key-missing"},
                                   Case{Errc::locked, "locked"}, Case{Errc::io, "io"}, Case{Errc::crypto, "crypto"}})
    CHECK(to_string(code) == name);
}

TEST_CASE("A failure is one JSON object that begins with its first problem") {
  CHECK(error_to_json("invalid-config", {{"--a", "is \"bad\"", "do"}, {"--b", "too", {}}}) == R"({
  "kind": "Error",
  "apiVersion": "pkigen/v1",
  "code": "invalid-config",
  "subject": "--a",
  "message": "is \"bad\"",
  "hint": "do",
  "problems": [
    {
      "subject": "--a",
      "message": "is \"bad\"",
      "hint": "do"
    },
    {
      "subject": "--b",
      "message": "too",
      "hint": ""
    }
  ]
}
)");
}

TEST_CASE("A failure without a problem still has all members") {
  CHECK(error_to_json("io", {}) == R"({
  "kind": "Error",
  "apiVersion": "pkigen/v1",
  "code": "io",
  "subject": "",
  "message": "",
  "hint": "",
  "problems": []
}
)");
}
