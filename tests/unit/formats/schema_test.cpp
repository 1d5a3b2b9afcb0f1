// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>

#include <pki/finding.hpp>
#include <pki/plan.hpp>
#include <pki/report.hpp>

namespace {

nlohmann::json schema(const std::string& name) {
  std::ifstream file(PKI_SOURCE_DIR "/doc/schema/" + name);
  return nlohmann::json::parse(file);
}

/// words_until returns the words of the enumerators up to the last one.
template <class Enum>
std::vector<std::string> words_until(Enum last) {
  std::vector<std::string> words;
  for (int i = 0; i <= static_cast<int>(last); ++i)
    words.emplace_back(to_string(static_cast<Enum>(i)));
  return words;
}

}  // namespace

TEST_CASE("the schemas list each rule, severity and state, and no other") {
  std::vector<std::string> codes;
  for (const auto& info : pki::rules())
    codes.emplace_back(info.id);
  for (const auto* name : {"plan.json", "renewal.json", "certificate-expiration-info.json", "backup.json",
                           "recovery.json", "error.json"}) {
    INFO(name << ": tests/json/update_codes.py writes the codes of doc/rules.md into the schemas");
    const auto shared = schema(name)["$defs"];
    CHECK(shared["code"]["enum"] == nlohmann::json(codes));
    CHECK(shared["severity"]["enum"] == nlohmann::json(words_until(pki::Severity::error)));
  }
  const auto report = schema("certificate-expiration-info.json");
  CHECK(report["$defs"]["state"]["enum"] == nlohmann::json(words_until(pki::State::invalid)));
}

TEST_CASE("the schema of a plan lists each action") {
  const auto plan = schema("plan.json");
  const auto& step = plan["properties"]["steps"]["items"]["properties"];
  CHECK(step["action"]["enum"] == nlohmann::json(words_until(pki::Action::skip)));
}
