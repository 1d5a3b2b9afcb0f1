// SPDX-License-Identifier: Apache-2.0
#include "model/trust_check.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace build;
using pki::ChainPlace;
using pki::Rule;
using pki::Severity;

namespace {

pki::Certificate authority(const std::string& name) {
  auto certificate = build::certificate(pki::default_catalog().find_row("ca"), config());
  certificate.pem = certificate.subject = "CN=" + name;
  certificate.serial = "5e";
  return certificate;
}

pki::Certificate expired_authority() {
  auto certificate = authority("former");
  certificate.not_after = now - day;
  return certificate;
}

pki::Certificate future_authority() {
  auto certificate = authority("next");
  certificate.not_before = now + day;
  return certificate;
}

pki::Certificate negative_authority() {
  auto certificate = authority("negative");
  certificate.serial = "-5e";
  return certificate;
}

/// Returns a kubeconfig that trusts these certificates; the last one is refused with `refused`.
pki::Entry trusting(std::vector<pki::Certificate> trusted, bool refused = false) {
  auto entry = sound_entry(pki::default_catalog().find_row("kubelet.conf"), config());
  entry.kubeconfig->ca_certificates = std::move(trusted);
  if (refused)
    entry.kubeconfig->ca_refusals = {
        {"invalid CA certificate", {false, entry.kubeconfig->ca_certificates.size()}, false}};
  return entry;
}

pki::Entry cluster_ca() { return sound_entry(pki::default_catalog().find_row("ca"), config()); }

}  // namespace

TEST_CASE("a CA that cannot be used is an error where a kubeconfig trusts nothing else, and a warning otherwise") {
  struct Case {
    const char* name;
    pki::Certificate certificate;
    bool refused;
    Rule rule;
    const char* says;
  };
  const Case cases[] = {
      {"expired", expired_authority(), false, Rule::expired, "(CN=former) expired on 2026-11-20"},
      {"not yet valid", future_authority(), false, Rule::not_yet_valid, "(CN=next) is not valid before 2026-11-22"},
      {"no CA", authority("server"), true, Rule::chain_refused, "(CN=server) as the CA of a server: invalid CA"},
      {"negative serial", negative_authority(), false, Rule::serial_negative, "(CN=negative): a negative serial"},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    const auto alone = pki::model::check_trust(trusting({each.certificate}, each.refused), nullptr, now);
    REQUIRE(alone.size() == 1);
    CHECK(alone[0].rule == each.rule);
    CHECK(alone[0].severity == Severity::error);
    CHECK_THAT(alone[0].message, contains("certificate 1 of its certificate-authority-data " + std::string(each.says)));
    CHECK(alone[0].row == "kubelet.conf");

    const auto beside =
        pki::model::check_trust(trusting({authority("x"), each.certificate}, each.refused), nullptr, now);
    REQUIRE(beside.size() == 1);
    CHECK(beside[0].rule == each.rule);
    CHECK(beside[0].severity == Severity::warning);
    CHECK_THAT(beside[0].message, contains("certificate 2 of its certificate-authority-data"));
    CHECK(to_text(beside[0].remedy) == "remove that certificate from certificate-authority-data in /k/kubelet.conf");
  }
}

TEST_CASE("valid CAs, whatever their number, and the last second of one, are no finding") {
  auto last = authority("last");
  last.not_after = now;
  auto weak = authority("intermediate");
  weak.self_signed = false;
  weak.signature_algorithm = "sha1WithRSAEncryption";  // nobody verifies it
  for (const auto& trusted : {std::vector{authority("a")}, std::vector{authority("a"), authority("b")},
                              std::vector{last}, std::vector{weak}, std::vector<pki::Certificate>{}})
    CHECK(pki::model::check_trust(trusting(trusted), nullptr, now).empty());
}

TEST_CASE("the CA of the cluster must be among the trusted ones, and its own faults are reported with it") {
  auto issuer = cluster_ca();
  const auto rules_of = [&](const pki::Entry& entry) {
    std::vector<Rule> rules;
    for (const auto& finding : pki::model::check_trust(entry, &issuer, now))
      rules.push_back(finding.rule);
    return rules;
  };
  CHECK(rules_of(trusting({*issuer.certificate()})).empty());
  CHECK(rules_of(trusting({authority("other")})) == std::vector{Rule::kubeconfig_ca_differs});
  CHECK(rules_of(trusting({expired_authority()})) == std::vector{Rule::kubeconfig_ca_differs, Rule::expired});
  CHECK(rules_of(trusting({})) == std::vector{Rule::kubeconfig_ca_missing});
  CHECK(rules_of(trusting({expired_authority(), *issuer.certificate()})) == std::vector{Rule::expired});
  issuer.certificates.push_back(expired_authority());
  CHECK(rules_of(trusting(issuer.certificates)).empty());
  issuer.certificates[0].not_after = now - 2 * day;
  CHECK(rules_of(trusting(issuer.certificates)).empty());
  issuer.certificates.clear();  // the CA is missing
  CHECK(rules_of(trusting({authority("other")})).empty());
}

TEST_CASE("a CA in another file is named by that file") {
  auto entry = trusting({authority("a"), expired_authority()});
  entry.kubeconfig->ca_file = "/k/trusted.pem";
  const auto findings = pki::model::check_trust(entry, nullptr, now);
  REQUIRE(findings.size() == 1);
  CHECK_THAT(findings[0].message, contains("certificate 2 of /k/trusted.pem (CN=former)"));
  CHECK(to_text(findings[0].remedy) == "remove that certificate from /k/trusted.pem");
}

TEST_CASE("trust ends with the last CA that can be used") {
  auto soon = authority("soon");
  soon.not_after = now + day;
  auto late = authority("late");
  late.not_after = now + 5 * day;
  CHECK(pki::model::end_of_trust(trusting({soon}), now) == now + day);
  CHECK(pki::model::end_of_trust(trusting({soon, late, expired_authority()}), now) == now + 5 * day);
  CHECK(pki::model::end_of_trust(trusting({soon, late}, true), now) == now + day);
  CHECK_FALSE(pki::model::end_of_trust(trusting({expired_authority()}), now));
  CHECK_FALSE(pki::model::end_of_trust(trusting({}), now));
  CHECK_FALSE(pki::model::end_of_trust(cluster_ca(), now));
}

TEST_CASE("a further certificate of a CA's file that has expired is a warning") {
  auto ca = cluster_ca();
  ca.certificates.push_back(authority("other"));
  CHECK(pki::model::check_further_authorities(ca, now).empty());
  ca.certificates.push_back(expired_authority());
  const auto findings = pki::model::check_further_authorities(ca, now);
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].rule == Rule::expired);
  CHECK(findings[0].severity == Severity::warning);
  CHECK_THAT(findings[0].message, contains("certificate 3 of the file (CN=former) expired on 2026-11-20"));
  // The CA needs it: its chain has expired, which is another finding.
  ca.trust_paths = {{now - 9 * day, now - day, {false, 3}}};
  CHECK(pki::model::check_further_authorities(ca, now).empty());
}
