// SPDX-License-Identifier: Apache-2.0
#include "model/trust_path.hpp"

#include <support/catch.hpp>

#include "inventory_builder.hpp"
#include "model/entry_check.hpp"

using namespace build;
using pki::ChainPlace;
using pki::Rule;
using pki::Severity;
using pki::TrustPath;

namespace {

pki::Entry leaf() { return sound_entry(pki::default_catalog().find_row("apiserver"), config()); }
pki::Entry ca() { return sound_entry(pki::default_catalog().find_row("ca"), config()); }

std::vector<Rule> rules_of(const pki::Entry& entry, const pki::Entry* issuer) {
  std::vector<Rule> rules;
  for (const auto& finding : pki::model::check_entry(entry, issuer, now))
    rules.push_back(finding.rule);
  return rules;
}

}  // namespace

TEST_CASE("the best path is one that is valid, and of these the one that expires last") {
  auto entry = leaf();
  CHECK(pki::model::best_path(entry, now) == nullptr);
  CHECK(pki::model::effective_end(entry, now) == entry.certificates[0].not_after);
  entry.trust_paths = {{now - 9 * day, now - 5 * day, {}},
                       {now - 9 * day, now + 5 * day, {false, 2}},
                       {now - 7 * day, now + 7 * day, {}},
                       {now + 1 * day, now + 9 * day, {}}};
  const std::pair<int, std::size_t> table[] = {{-20, 3}, {-9, 1}, {-6, 2}, {0, 2}, {1, 3}, {9, 3}, {10, 3}};
  for (const auto& [days, best] : table) {
    INFO(days);
    CHECK(pki::model::best_path(entry, now + days * day) == &entry.trust_paths[best]);
  }
  CHECK(pki::model::effective_end(entry, now) == now + 7 * day);
}

TEST_CASE("a place is described by its number, its file and its subject") {
  const auto issuer = ca();
  const auto entry = leaf();
  CHECK(pki::model::describe_place({false, 1}, entry, &issuer) == "certificate 1 of the file (CN=kube-apiserver)");
  CHECK(pki::model::describe_place({true, 1}, entry, &issuer) == "certificate 1 of /k/pki/ca.crt (CN=kubernetes-ca)");
  CHECK(pki::model::describe_place({false, 7}, entry, nullptr) == "certificate 7 of the file (unknown)");
}

TEST_CASE("a path that ends first is a warning, one that has ended an error, the end of the CA as before") {
  const auto issuer = ca();
  auto entry = leaf();
  entry.certificates.push_back(issuer.certificates[0]);
  const auto own = entry.certificates[0].not_after;
  const std::pair<TrustPath, std::vector<Rule>> table[] = {
      {{now - day, own, {}}, {}},
      {{now - day, own - 1s, {false, 2}}, {Rule::chain_expires_first}},
      {{now - day, now, {false, 2}}, {Rule::chain_expires_first}},
      {{now - day, now - 1s, {false, 2}}, {Rule::chain_expired}},
      {{now - day, now - 1s, {true, 2}}, {Rule::chain_expired}},
      {{now - day, now - 1s, {true, 1}}, {Rule::outlives_ca}},
      {{now + 1s, own, {}}, {Rule::not_yet_valid}},
  };
  for (const auto& [path, rules] : table) {
    entry.trust_paths = {path};
    CHECK(rules_of(entry, &issuer) == rules);
  }
}

TEST_CASE("a refusal is reported once, with a remedy that ends it") {
  using Kind = pki::Remedy::Kind;
  struct Case {
    const char* name;
    pki::ChainRefusal refusal;
    bool intermediate;
    void (*damage)(pki::Entry& entry, pki::Entry& issuer);
    std::vector<Rule> rules;
    Kind remedy;
  };
  const auto nothing = [](pki::Entry&, pki::Entry&) {};
  const Case cases[] = {
      {"intermediate", {"reason", {false, 2}, false}, true, nothing, {Rule::chain_refused}, Kind::renew},
      {"leaf", {"reason", {false, 1}, false}, false, nothing, {Rule::chain_refused}, Kind::renew},
      {"names against the intermediate",
       {"reason", {false, 1}, true},
       true,
       nothing,
       {Rule::chain_refused},
       Kind::renew},
      {"names against the CA", {"reason", {false, 1}, true}, false, nothing, {Rule::chain_refused}, Kind::advice},
      {"CA against the intermediate", {"reason", {true, 1}, false}, true, nothing, {Rule::chain_refused}, Kind::renew},
      {"CA against the leaf", {"reason", {true, 1}, false}, false, nothing, {Rule::chain_refused}, Kind::rotate_ca},
      {"external",
       {"reason", {false, 2}, false},
       true,
       [](pki::Entry&, pki::Entry& issuer) { lose_key(issuer); },
       {Rule::chain_refused},
       Kind::supply_ca_key},
      {"known fault of the leaf",
       {"reason", {false, 1}, false},
       false,
       [](pki::Entry& entry, pki::Entry&) { entry.certificates[0].extended_key_usages = {"clientAuth"}; },
       {Rule::extended_key_usage_missing},
       Kind::restore_or_init},
      {"known fault of the CA",
       {"reason", {true, 1}, false},
       false,
       [](pki::Entry&, pki::Entry& issuer) { issuer.certificates[0].can_sign = false; },
       {},
       Kind::none},
      {"refused CA",
       {"reason", {true, 1}, false},
       false,
       [](pki::Entry&, pki::Entry& issuer) { issuer.refusal.emplace().reason = "reason"; },
       {},
       Kind::none},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    auto issuer = ca();
    auto entry = leaf();
    if (each.intermediate) entry.certificates.push_back(issuer.certificates[0]);
    entry.refusal = each.refusal;
    each.damage(entry, issuer);
    CHECK(rules_of(entry, &issuer) == each.rules);
    const auto findings = pki::model::check_entry(entry, &issuer, now);
    if (!findings.empty()) CHECK(findings[0].remedy.kind == each.remedy);
  }
}

TEST_CASE("where the key belongs to a later certificate of the file, only that is said") {
  auto entry = leaf();
  entry.certificates.insert(entry.certificates.begin(), ca().certificates[0]);
  entry.signed_by_issuer = false;
  const auto issuer = ca();
  const auto findings = pki::model::check_entry(entry, &issuer, now);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == Rule::certificate_order);
  CHECK_THAT(findings[0].message, contains("certificate 2 of the file (CN=kube-apiserver)"));
  CHECK(pki::to_text(findings[0].remedy) == "move certificate 2 of /k/pki/apiserver.crt before the others");
}
