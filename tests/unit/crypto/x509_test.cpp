#include <array>
#include <set>

#include <support/catch.hpp>

#include "crypto/openssl.hpp"
#include "crypto/verify.hpp"
#include "samples.hpp"
#include "support.hpp"

using pki::CertSpec;
using pki::Profile;
using Kind = pki::GeneralName::Kind;
namespace crypto = pki::crypto;

namespace {

pki::Certificate issue(const CertSpec& spec, const Authority& authority) {
  return crypto::sign(spec, a_key(), authority.certificate, authority.key);
}

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

TEST_CASE("serial numbers hold 159 random bits, each as often set as not, and never repeat") {
  constexpr int drawn = 20000;
  std::set<std::string> seen;
  std::array<int, 160> ones{};
  for (int i = 0; i < drawn; ++i) {
    const auto serial = crypto::random_serial();
    REQUIRE(serial.size() == 20);
    for (std::size_t bit = 0; bit < 160; ++bit)
      ones[bit] += static_cast<unsigned char>(serial[bit / 8]) >> (7 - bit % 8) & 1;
    seen.insert(serial);
  }
  CHECK(seen.size() == drawn);
  CHECK(ones[0] == 0);
  constexpr double five_sigma = 5 * 70.711;  // of 20000 fair draws
  for (std::size_t bit = 1; bit < 160; ++bit)
    CHECK(std::abs(ones[bit] - drawn / 2) < five_sigma);
}

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
  const auto leaf = crypto::sign(spec_of(Profile::server, "x"), rsa, authority().certificate, authority().key);
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

TEST_CASE("extensions stand in the order of Go") {
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

TEST_CASE("the digest of a signature belongs to the issuer's key") {
  struct Row {
    pki::PrivateKey key;
    std::string name;
  };
  const std::vector<Row> rows{
      {a_key(), "ecdsa-with-SHA256"},
      {pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p384), "ecdsa-with-SHA384"},
      {pki::parse_private_key(samples::sec1_p521, "x"), "ecdsa-with-SHA512"},
      {pki::parse_private_key(samples::pkcs1_1024, "x"), "sha256WithRSAEncryption"},
  };
  for (const auto& [key, name] : rows) {
    const auto ca = crypto::self_sign(spec_of(Profile::ca, "ca"), key);
    CHECK(ca.signature_algorithm == name);
    CHECK(ca.self_signed);
  }
}

TEST_CASE("a subject holds all organizations in one RDN, sorted, then the common name") {
  using crypto::der::to_hex;
  CHECK(to_hex(crypto::to_subject_der("", {})) == "3000");
  CHECK(to_hex(crypto::to_subject_der("a", {})) ==
        "300c310a300806035504031301"
        "61");
  CHECK(to_hex(crypto::to_subject_der("a*", {})) ==
        "300d310b300906035504030c02"
        "612a");  // UTF8String for *
  CHECK(crypto::describe_name(crypto::to_subject_der("n", {"b", "a", "b"})).text == "CN=n,O=a+O=b");
  CHECK(crypto::describe_name(crypto::to_subject_der("Jörg 🔑", {})).text == "CN=Jörg 🔑");
  for (const auto& wrong : {"a\nb"s, "\xff"s, "\xc0\x80"s, "\xed\xa0\x80"s, "a\0b"s, "\xc2\x9b"s})
    CHECK(error_of([&] { (void)crypto::to_subject_der(wrong, {}); }));
}

TEST_CASE("common names of 1 to 253 characters are written and verify") {
  for (const std::size_t length : {1U, 63U, 64U, 65U, 100U, 127U, 128U, 200U, 253U}) {
    const auto name = "system:node:" + std::string(length, 'n');
    const auto leaf = issue(spec_of(Profile::client, name), authority());
    CHECK(leaf.common_name == name);
    CHECK(leaf.subject_der == crypto::to_subject_der(name, {}));
    CHECK(crypto::verify_chain({&leaf, 1}, {&authority().certificate, 1}, Profile::client, now, crypto::Rules::issued)
              .empty());
  }
}

TEST_CASE("the issuer's name is copied octet by octet whatever its string types") {
  namespace der = crypto::der;
  const auto name = [](unsigned char tag, const std::string& value) {
    const auto attribute =
        der::write(der::sequence, {der::write(der::object_id, {"\x55\x04\x03"}), der::write(tag, {value})});
    return der::write(der::sequence, {der::write(der::set, {attribute})});
  };
  struct Row {
    std::string subject;
    std::string common_name;
  };
  const std::vector<Row> rows{{name(0x13, "printable"), "printable"},
                              {name(0x0c, "emoji 🔑"), "emoji 🔑"},
                              {name(0x14, "caf\xe9"), "café"},
                              {name(0x1e, "\0c\0a\x26\x3a"s), "ca☺"},
                              {name(0x16, "ia5@x"), "ia5@x"},
                              {crypto::to_subject_der("ca", {"z", "y"}), "ca"},
                              {name(0x0c, ""), ""}};
  for (const auto& [subject, common_name] : rows) {
    auto spec = spec_of(Profile::ca, "");
    spec.subject_der = subject;
    const auto ca = crypto::self_sign(spec, a_key());
    CHECK(ca.subject_der == subject);
    CHECK(ca.common_name == common_name);
    const auto leaf = crypto::sign(spec_of(Profile::client, "x"), a_key(), ca, a_key());
    CHECK(leaf.issuer_der == subject);
    CHECK(crypto::is_signed_by({&leaf, 1}, {&ca, 1}));
  }
}

TEST_CASE("the authority key identifier is the issuer's of any size, and absent where that has none") {
  for (const std::size_t size : {0U, 8U, 20U, 32U}) {
    auto ca = authority().certificate;
    ca.subject_key_id = std::string(size * 2, 'a');
    const auto leaf = crypto::sign(spec_of(Profile::client, "x"), a_key(), ca, authority().key);
    CHECK(leaf.authority_key_id == ca.subject_key_id);
    CHECK((hex_of(leaf).find("0603551d23") == std::string::npos) == (size == 0));
  }
}

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

TEST_CASE("alternative names are critical when the subject is empty") {
  auto spec = spec_of(Profile::server, "");
  spec.sans = {{Kind::dns, "a"}};
  CHECK_THAT(hex_of(issue(spec, authority())), contains("0603551d110101ff"));
}

TEST_CASE("a text that is no name of its kind is refused and named") {
  const std::vector<pki::GeneralName> wrong{{Kind::dns, ""},
                                            {Kind::dns, "bücher"},
                                            {Kind::dns, "a b"},
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

TEST_CASE("dates are UTCTime through 2049 and GeneralizedTime from 2050") {
  using namespace std::chrono;
  struct Row {
    sys_seconds at;
    std::string hex;
  };
  const std::vector<Row> rows{
      {sys_days{year{2038} / 1 / 19} + 3h + 14min + 8s, "170d3338303131393033313430385a"},
      {sys_days{year{2049} / 12 / 31} + 23h + 59min + 59s, "170d3439313233313233353935395a"},
      {sys_days{year{2050} / 1 / 1}, "180f32303530303130313030303030305a"},
      {sys_days{year{9999} / 12 / 31} + 23h + 59min + 59s, "180f39393939313233313233353935395a"}};
  for (const auto& [at, hex] : rows) {
    auto spec = spec_of(Profile::client, "x");
    spec.not_after = at;
    const auto leaf = issue(spec, authority());
    CHECK(leaf.not_after == at);
    CHECK_THAT(hex_of(leaf), contains(hex));
  }
  auto spec = spec_of(Profile::client, "x");
  spec.not_after = sys_days{year{10000} / 1 / 1};
  CHECK_THAT(refusal_of(spec), contains("year 10000"));
  spec.not_after = spec.not_before - 1s;
  CHECK_THAT(refusal_of(spec), contains("ends before it begins"));
}

TEST_CASE("a key that is not the issuer's does not sign") {
  const auto error =
      error_of([] { (void)crypto::sign(spec_of(Profile::client, "x"), a_key(), authority().certificate, a_key()); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::mismatch);
}
