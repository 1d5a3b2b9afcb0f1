// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "crypto/asn1/general_name.hpp"
#include "old_certificate.hpp"
#include "support.hpp"

using pki::CertSpec;
using pki::Profile;
using Kind = pki::GeneralName::Kind;
namespace crypto = pki::crypto;
using namespace std::string_view_literals;

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

TEST_CASE("alternative names of every kind are encoded as their type and come back") {
  auto spec = spec_of(Profile::server, "x");
  spec.sans = {{Kind::dns, "a.example"},
               {Kind::dns, "a,DNS:evil"},
               {Kind::ip, "10.0.0.1"},
               {Kind::ip, "fd00::1"},
               {Kind::email, "a@b"},
               {Kind::uri, "spiffe://x/y"},
               {Kind::other, "\x88\x03\x2a\x03\x04"s}};
  const auto leaf = issue(spec, authority());
  CHECK(leaf.sans == spec.sans);
  CHECK_THAT(hex_of(leaf), contains("0603551d11"
                                    "04"));  // not critical
  CHECK_THAT(hex_of(leaf), contains("87040a000001"));
  CHECK_THAT(hex_of(leaf), contains("820a612c444e533a6576696c"));  // one name, comma and all
  spec.sans = {{Kind::ip, "::ffff:10.0.0.1"}};
  CHECK(issue(spec, authority()).sans == std::vector<pki::GeneralName>{{Kind::ip, "10.0.0.1"}});
}

TEST_CASE("a text that is no name of its kind is refused and named") {
  const std::vector<pki::GeneralName> wrong{{Kind::dns, ""},
                                            {Kind::dns, "bücher"},
                                            {Kind::dns, "a\tb"},
                                            {Kind::dns, "a\0b"s},
                                            {Kind::ip, "010.0.0.1"},
                                            {Kind::ip, "10.0.0"},
                                            {Kind::ip, "1.2.3.4.5"},
                                            {Kind::ip, "256.0.0.1"},
                                            {Kind::ip, "host"},
                                            {Kind::ip, ""},
                                            {Kind::ip, "1::2::3"},
                                            {Kind::ip, ":::"},
                                            {Kind::ip, "1:2:3:4:5:6:7:8:9"},
                                            {Kind::ip, "fe80::1%eth0"},
                                            {Kind::ip, "12345::"},
                                            {Kind::ip, "1:"},
                                            {Kind::email, ""},
                                            {Kind::other, "x"},
                                            {Kind::other, ""},
                                            {Kind::other, "\x82\x05x"}};
  for (const auto& name : wrong) {
    auto spec = spec_of(Profile::server, "x");
    spec.sans = {{Kind::dns, "good"}, name};
    CHECK_THAT(refusal_of(spec), contains("subject alternative name: \""));
  }
}

TEST_CASE("alternative names that their type does not allow are kept as raw DER") {
  OldCertificate old;
  old.extensions =
      extension("\x55\x1d\x11"sv, "\x30\x14\x82\x02\xc3\xa4\x87\x05\x01\x02\x03\x04\x05\x88\x01\x2a\x82\x04\x66_.x"s);
  CHECK(old.parse().sans == std::vector<pki::GeneralName>{{Kind::other, "\x82\x02\xc3\xa4"},
                                                          {Kind::other, "\x87\x05\x01\x02\x03\x04\x05"},
                                                          {Kind::other, "\x88\x01\x2a"},
                                                          {Kind::dns, "f_.x"}});
}

TEST_CASE("a name with blanks is text, and a renewal keeps it") {
  OldCertificate old;
  old.extensions = extension("\x55\x1d\x11"sv, "\x30\x0a\x82\x03\x61 b\x86\x03 x "s);
  const std::vector<pki::GeneralName> names{{Kind::dns, "a b"}, {Kind::uri, " x "}};
  CHECK(old.parse().sans == names);
  auto spec = spec_of(Profile::server, "x");
  spec.sans = names;
  CHECK(issue(spec, authority()).sans == names);
}
