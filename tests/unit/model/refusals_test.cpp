// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "model/refusals.hpp"

using namespace pki;
using Kind = GeneralName::Kind;

namespace {

Certificate server() {
  Certificate certificate;
  certificate.serial = "1a";
  certificate.signature_algorithm = "ecdsa-with-SHA256";
  certificate.sans = {{Kind::dns, "cp-1"}, {Kind::ip, "192.0.2.1"}};
  return certificate;
}

std::vector<Rule> rules_of(const Certificate& certificate, Profile profile = Profile::server) {
  std::vector<Rule> rules;
  for (const auto& refusal : model::refusals(certificate, profile)) {
    rules.push_back(refusal.rule);
    CHECK(model::is_refusal(refusal.rule));
    CHECK_THAT(refusal.message, contains("Go "));
  }
  return rules;
}

}  // namespace

TEST_CASE("a usual certificate is refused by nobody") {
  for (const auto profile : {Profile::server, Profile::client, Profile::peer, Profile::ca})
    CHECK(rules_of(server(), profile).empty());
}

TEST_CASE("a negative serial number is refused for every purpose") {
  auto certificate = server();
  for (const auto* serial : {"-1", "-63"}) {
    certificate.serial = serial;
    for (const auto profile : {Profile::server, Profile::client, Profile::ca})
      CHECK(rules_of(certificate, profile) == std::vector{Rule::serial_negative});
  }
  certificate.serial = "0";
  CHECK(rules_of(certificate).empty());
}

TEST_CASE("a signature with SHA-1 or MD5 is refused, but of a root") {
  const std::pair<const char*, bool> cases[] = {
      {"sha1WithRSAEncryption", true},    {"ecdsa-with-SHA1", true},    {"md5WithRSAEncryption", true},
      {"sha256WithRSAEncryption", false}, {"ecdsa-with-SHA384", false}, {"rsassaPss", false},
  };
  for (const auto& [algorithm, refused] : cases) {
    INFO(algorithm);
    auto certificate = server();
    certificate.signature_algorithm = algorithm;
    CHECK(rules_of(certificate).empty() != refused);
    certificate.self_signed = true;
    CHECK(rules_of(certificate).empty());
  }
}

TEST_CASE("a server needs alternative names, a client and a CA do not") {
  auto certificate = server();
  certificate.sans.clear();
  CHECK(rules_of(certificate) == std::vector{Rule::server_without_names});
  CHECK(rules_of(certificate, Profile::peer) == std::vector{Rule::server_without_names});
  CHECK(rules_of(certificate, Profile::client).empty());
  CHECK(rules_of(certificate, Profile::ca).empty());
}

TEST_CASE("DNS names that end with a dot or are not ASCII are refused") {
  const std::pair<GeneralName, bool> cases[] = {
      {{Kind::dns, "vm-1.example."}, true},
      {{Kind::dns, "."}, true},
      {{Kind::dns, "m\xc3\xbcller.example"}, true},
      {{Kind::other, "\x82\x02\xc3\xa4"}, true},
      {{Kind::other, "\x82\x01\x07"}, false},
      {{Kind::other, "\x82\x03m\xc3\xbc"}, true},
      {{Kind::other, "\x81\x02\xc3\xbc"}, true},
      {{Kind::other, "\x86\x81\x02\xc3\xbc"}, true},
      {{Kind::other, "\x87\x03\x01\x02\x03"}, true},
      {{Kind::other,
        "\x82\x03"
        "a b"},
       false},
      {{Kind::other, "\x88\x01\xaa"}, false},
      {{Kind::other, "\x82"}, false},
      {{Kind::dns, "*.example"}, false},
      {{Kind::dns, "cp_1"}, false},
      {{Kind::uri, "spiffe://example./"}, false},
  };
  for (const auto& [name, refused] : cases) {
    INFO(name.value);
    auto certificate = server();
    certificate.sans.push_back(name);
    CHECK(rules_of(certificate).empty() != refused);
  }
}

TEST_CASE("a critical key identifier is refused for every purpose") {
  for (const auto field : {&Certificate::subject_key_id_critical, &Certificate::authority_key_id_critical}) {
    auto certificate = server();
    certificate.*field = true;
    for (const auto profile : {Profile::server, Profile::client, Profile::ca})
      CHECK(rules_of(certificate, profile) == std::vector{Rule::key_identifier_critical});
  }
}

TEST_CASE("a renewal keeps names, and makes serial number, signature and extensions anew") {
  for (const auto rule : {Rule::name_refused, Rule::server_without_names, Rule::values_conflict})
    CHECK(model::is_kept_by_renewal(rule));
  for (const auto rule : {Rule::serial_negative, Rule::signature_weak, Rule::key_identifier_critical, Rule::malformed,
                          Rule::expired, Rule::key_mismatch, Rule::chain_refused})
    CHECK_FALSE(model::is_kept_by_renewal(rule));
}

TEST_CASE("a refusal names the versions that refuse, and none where every version does") {
  struct Case {
    void (*damage)(Certificate&);
    const char* message;
  };
  const Case cases[] = {
      {[](Certificate& c) { c.serial = "-63"; }, "refuses since 1.23, Kubernetes since 1.32"},
      {[](Certificate& c) { c.signature_algorithm = "ecdsa-with-SHA1"; }, "refuses since 1.18, Kubernetes since 1.24"},
      {[](Certificate& c) { c.signature_algorithm = "md5WithRSAEncryption"; },
       "md5WithRSAEncryption, which Go refuses"},
      {[](Certificate& c) { c.sans.clear(); }, "since 1.15, Kubernetes since 1.19"},
      {[](Certificate& c) {
         c.sans.push_back({Kind::dns, "a."});
       },
       "since 1.15, and Go 1.25.2 refuses the certificate"},
      {[](Certificate& c) {
         c.sans.push_back({Kind::dns, "\xc3\xa4"});
       },
       "refuses since 1.16, Kubernetes since 1.21"},
      {[](Certificate& c) {
         c.sans.push_back({Kind::other, "\x87\x01\x01"});
       },
       "4 nor 16 octets, which Go refuses"},
      {[](Certificate& c) {
         c.sans.push_back({Kind::other, "\x86\x02\xc3\xa4"});
       },
       "4.2.1.6), which Go refuses"},
      {[](Certificate& c) { c.subject_key_id_critical = true; }, "refuses since 1.23, Kubernetes since 1.32"},
  };
  for (const auto& [damage, message] : cases) {
    auto certificate = server();
    damage(certificate);
    const auto found = model::refusals(certificate, Profile::server);
    REQUIRE(found.size() == 1);
    CAPTURE(found[0].message);
    CHECK(found[0].message.ends_with(message));
  }
}
