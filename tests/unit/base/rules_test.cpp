// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <support/catch.hpp>

#include <pki/error.hpp>

namespace {

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("each rule has an id and a description of one line, and is found by its enumerator") {
  std::set<std::string_view> ids;
  for (const auto& info : pki::rules()) {
    CAPTURE(std::string(info.id));
    CHECK(to_string(info.rule) == info.id);
    CHECK(ids.insert(info.id).second);
    CHECK_FALSE(info.description.empty());
    CHECK(info.description.find_first_of("\n|") == std::string_view::npos);
    CHECK_FALSE(info.description.ends_with('.'));
  }
  CHECK(to_string(pki::Rule::ca_key_missing) == "ca-key-missing");
}

TEST_CASE("the rules are documented, each one and no other") {
  std::string table = "|---|---|---|\n";
  for (const auto& info : pki::rules())
    table.append("| ")
        .append(info.id)
        .append(" | ")
        .append(info.description)
        .append(" | ")
        .append(info.reference)
        .append(" |\n");
  const auto text = read(PKI_SOURCE_DIR "/doc/rules.md");
  const auto at = text.find("|---");
  REQUIRE(at != std::string::npos);
  CHECK(text.substr(at) == table);
}

TEST_CASE("each reason of an error has a rule of its own") {
  using pki::Errc;
  std::set<pki::Rule> rules;
  const auto all = {Errc::invalid_config, Errc::unknown_name,   Errc::not_found, Errc::malformed,
                    Errc::mismatch,       Errc::ca_key_missing, Errc::locked,    Errc::io,
                    Errc::crypto,         Errc::cancelled,      Errc::api};
  for (const auto code : all) {
    const auto finding = pki::Error(code, "s", "m").finding();
    CHECK(finding.severity == pki::Severity::error);
    CHECK(finding.rule != pki::Rule::unexpected);
    rules.insert(finding.rule);
  }
  CHECK(rules.size() == all.size());
}

TEST_CASE("an error that is made of a finding keeps its rule, its row and its remedy") {
  const pki::Finding finding{pki::Rule::key_mismatch, pki::Severity::error, "/k/a.key",
                             "does not match",        "apiserver",          {pki::Remedy::Kind::renew, {"apiserver"}}};
  const pki::Error error(pki::Errc::mismatch, finding);
  CHECK((error.finding() == finding));
  CHECK(std::string(error.what()) == "/k/a.key: does not match");
  CHECK(error.code() == pki::Errc::mismatch);
}

TEST_CASE("no text of a finding reaches its reader with control characters") {
  std::vector<pki::Finding> findings{{pki::Rule::expired,
                                      pki::Severity::error,
                                      "a\n",
                                      "b\x1b",
                                      "c\t",
                                      {pki::Remedy::Kind::restore_or_init, {"d\r"}, {"/e\n"}, {"/g\xff"}}}};
  findings.front().remedy.text = "f\x7f";
  make_plain(findings);
  const auto& plain = findings.front();
  CHECK(plain.subject == "a\\x0a");
  CHECK(plain.message == "b\\x1b");
  CHECK(plain.row == "c\\x09");
  CHECK(plain.remedy.rows.front() == "d\\x0d");
  CHECK(plain.remedy.text == "f\\x7f");
  CHECK(plain.remedy.paths.front() == "/e\n");  // the file has this name
  CHECK(plain.remedy.away.front() == "/g\xff");
  CHECK(to_text(plain.remedy) == "restore $'/e\\012' from a backup, or move $'/g\\377' away and create d\\x0d");
}

TEST_CASE("a list has errors where one of its findings is one") {
  using pki::Severity;
  const pki::Finding info{pki::Rule::write_recovered, Severity::info, "", ""};
  const pki::Finding warning{pki::Rule::outlives_ca, Severity::warning, "", ""};
  const pki::Finding error{pki::Rule::expired, Severity::error, "", ""};
  CHECK_FALSE(pki::has_errors({}));
  CHECK_FALSE(pki::has_errors(std::vector{info, warning}));
  CHECK(pki::has_errors(std::vector{warning, error, info}));
  CHECK(to_string(Severity::info) == "info");
  CHECK(to_string(Severity::warning) == "warning");
  CHECK(to_string(Severity::error) == "error");
}
