// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "crypto/asn1/extension.hpp"
#include "samples.hpp"
#include "support.hpp"

using pki::CertSpec;
using pki::Profile;
using Kind = pki::GeneralName::Kind;
namespace crypto = pki::crypto;

namespace {

pki::Certificate issue(const CertSpec& spec, const Authority& authority) { return sign(spec, a_key(), authority); }

const Authority& authority() {
  static const auto made = make_authority();
  return made;
}

std::string refusal_of(const CertSpec& spec) {
  const auto error = error_of([&] { (void)issue(spec, authority()); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::invalid_config);
  return error->what();
}

}  // namespace

TEST_CASE("a CA certificate says what a CA may do, and no more") {
  const auto& ca = authority().certificate;
  CHECK(ca.is_ca);
  CHECK(ca.can_sign);
  CHECK(ca.self_signed);
  CHECK(ca.subject == "CN=kubernetes");
  CHECK(ca.issuer_der == ca.subject_der);
  CHECK(ca.subject_key_id.size() == 40);
  CHECK(ca.authority_key_id.empty());
  CHECK(ca.extended_key_usages.empty());
  const auto hex = hex_of(ca);
  CHECK_THAT(hex, contains("0603551d0f0101ff040403020186"));    // keyUsage, critical
  CHECK_THAT(hex, contains("0603551d130101ff040530030101ff"));  // basicConstraints, critical, no length
  CHECK_THAT(hex, contains("a003020102"));                      // version 3
}

TEST_CASE("a CA has the path length that it is given, and a leaf none") {
  const struct {
    int length;
    const char* hex;
  } cases[] = {{0, "30060101ff020100"}, {1, "30060101ff020101"}, {127, "30060101ff02017f"}};
  for (const auto& [length, hex] : cases) {
    CAPTURE(length);
    CertSpec spec{.profile = Profile::ca, .common_name = "ca", .path_length = length};
    spec.not_before = authority().certificate.not_before;
    spec.not_after = authority().certificate.not_after;
    const auto ca = issue(spec, authority());
    CHECK(ca.path_length == length);
    CHECK_THAT(hex_of(ca), contains(hex));
    spec.profile = Profile::client;
    CHECK_FALSE(issue(spec, authority()).path_length);
  }
  for (const int length : {-1, 128}) {
    CAPTURE(length);
    CHECK_THAT(refusal_of({.profile = Profile::ca, .common_name = "ca", .path_length = length}),
               contains("path length"));
  }
}

TEST_CASE("a leaf has the usages of its profile and of its kind of key, in order") {
  struct Row {
    Profile profile;
    std::vector<std::string> usages;
  };
  const std::vector<Row> rows{{Profile::server, {"serverAuth"}},
                              {Profile::client, {"clientAuth"}},
                              {Profile::peer, {"serverAuth", "clientAuth"}}};
  for (const auto& [profile, usages] : rows) {
    const auto leaf = issue(spec_of(profile, "x"), authority());
    CHECK(leaf.extended_key_usages == usages);
    CHECK_FALSE(leaf.is_ca);
    CHECK_FALSE(leaf.self_signed);
    CHECK(leaf.authority_key_id == authority().certificate.subject_key_id);
    CHECK_THAT(hex_of(leaf), contains("0603551d0f0101ff040403020780"));  // digitalSignature alone
    CHECK_THAT(hex_of(leaf), contains("0603551d130101ff04023000"));
  }
  const auto rsa = pki::parse_private_key(samples::pkcs1_1024, "x");
  const auto leaf = sign(spec_of(Profile::server, "x"), rsa, authority());
  CHECK_THAT(hex_of(leaf), contains("0603551d0f0101ff0404030205a0"));
}

TEST_CASE("extended key usages of a spec replace those of its profile") {
  auto spec = spec_of(Profile::server, "x");
  spec.extended_key_usages = {"clientAuth", "codeSigning", "1.3.6.1.4.1.311.20.2.2"};
  CHECK(issue(spec, authority()).extended_key_usages ==
        std::vector<std::string>{"clientAuth", "1.3.6.1.5.5.7.3.3", "1.3.6.1.4.1.311.20.2.2"});
  spec.extended_key_usages = {"serverauth"};
  CHECK_THAT(refusal_of(spec), contains("\"serverauth\" is no known usage"));
}

TEST_CASE("extensions are in the order of Go") {
  auto spec = spec_of(Profile::server, "x");
  spec.sans = {{Kind::dns, "x"}};
  const auto hex = hex_of(issue(spec, authority()));
  std::size_t last = 0;
  for (const auto* id : {"0603551d0f", "0603551d25", "0603551d13", "0603551d0e", "0603551d23", "0603551d11"}) {
    const auto at = hex.find(id);
    REQUIRE(at != std::string::npos);
    CHECK(at > last);
    last = at;
  }
}

TEST_CASE("the authority key identifier is the issuer's of any size, and absent where that has none") {
  for (const std::size_t size : {0U, 8U, 20U, 32U}) {
    auto ca = authority().certificate;
    ca.subject_key_id = std::string(size * 2, 'a');
    const auto leaf = sign(spec_of(Profile::client, "x"), a_key(), {authority().key, ca});
    CHECK(leaf.authority_key_id == ca.subject_key_id);
    CHECK((hex_of(leaf).find("0603551d23") == std::string::npos) == (size == 0));
  }
}

TEST_CASE("alternative names are critical when the subject is empty") {
  auto spec = spec_of(Profile::server, "");
  spec.sans = {{Kind::dns, "a"}};
  CHECK_THAT(hex_of(issue(spec, authority())), contains("0603551d110101ff"));
}
