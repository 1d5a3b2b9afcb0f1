#include <support/catch.hpp>

#include "crypto/verify.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace crypto = pki::crypto;
namespace der = pki::crypto::der;
using namespace std::string_view_literals;

namespace {

std::string problem_of(const std::string& pem) {
  const auto error = error_of([&] { (void)pki::parse_certificates(pem, "ca.crt"); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::malformed);
  return error->what();
}

/// Old is a certificate as an old tool could have made it; its signature is nonsense.
struct Old {
  std::string serial = "\x01";
  std::string subject = crypto::to_subject_der("old", {});
  std::string extensions;  // content of the list
  bool version_3 = true;

  [[nodiscard]] std::string octets() const {
    const auto algorithm =
        der::write(der::sequence, {der::write(der::object_id, {"\x2a\x86\x48\xce\x3d\x04\x03\x02"})});
    const auto dates = der::write(
        der::sequence, {der::write(der::utc_time, {"200101000000Z"}), der::write(der::utc_time, {"300101000000Z"})});
    const auto key = crypto::decode_base64(crypto::find_pem_blocks(samples::public_p256, 9999, "x").at(0).body).value();
    const auto version = version_3 ? der::write(der::constructed(0), {der::write_unsigned("\x02")}) : ""s;
    const auto list =
        extensions.empty() ? ""s : der::write(der::constructed(3), {der::write(der::sequence, {extensions})});
    const auto body = der::write(der::sequence, {version, der::write(der::integer, {serial}), algorithm,
                                                 crypto::to_subject_der("ca", {}), dates, subject, key, list});
    return der::write(der::sequence, {body, algorithm, der::write_bits("nonsense")});
  }
  [[nodiscard]] pki::Certificate parse() const {
    return pki::parse_certificates(crypto::to_pem("CERTIFICATE", octets()), "old").at(0);
  }
};

std::string extension(std::string_view id, const std::string& value) {
  return der::write(der::sequence, {der::write(der::object_id, {id}), der::write(der::octet_string, {value})});
}

}  // namespace

TEST_CASE("every certificate of a text is read, in order, and other blocks are passed over") {
  const auto first = make_authority("one").certificate;
  const auto second = make_authority("two").certificate;
  const auto all = pki::parse_certificates("text\n" + first.pem + samples::pkcs1_1024 + second.pem, "ca.crt");
  REQUIRE(all.size() == 2);
  CHECK(all[0] == first);
  CHECK(all[1] == second);
}

TEST_CASE("a text without a sound certificate is refused with the reason") {
  const auto pem = make_authority().certificate.pem;
  CHECK_THAT(problem_of(""), contains("no certificate found"));
  CHECK_THAT(problem_of(samples::pkcs1_1024), contains("no certificate found"));
  CHECK_THAT(problem_of(pem.substr(0, pem.size() / 2)), contains("no END line"));
  CHECK_THAT(problem_of(pem + "-----BEGIN CERTIFICATE-----\n####\n-----END CERTIFICATE-----\n"),
             contains("certificate 2 is not base64"));
  CHECK_THAT(problem_of("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"),
             contains("certificate 1 does not parse"));
  CHECK_THAT(problem_of(std::string(1024 * 1024 + 1, 'x')), contains("expected at most 1048576"));
}

TEST_CASE("a certificate cut off or changed anywhere never crashes") {
  auto spec = spec_of(pki::Profile::server, "x");
  spec.sans = {{pki::GeneralName::Kind::dns, "a.b"}, {pki::GeneralName::Kind::ip, "fd00::1"}};
  const auto ca = make_authority();
  const auto octets = octets_of(crypto::sign(spec, a_key(), ca.certificate, ca.key));
  for (std::size_t at = 0; at < octets.size(); ++at) {
    CHECK(error_of([&] {
      (void)pki::parse_certificates(crypto::to_pem("CERTIFICATE", std::string_view(octets).substr(0, at)), "x");
    }));
    for (const char bits : {'\x01', '\x80', '\xff'}) {
      auto changed = octets;
      changed[at] = static_cast<char>(changed[at] ^ bits);
      (void)error_of([&] { (void)pki::parse_certificates(crypto::to_pem("CERTIFICATE", changed), "x"); });
    }
  }
}

TEST_CASE("serial numbers of any size and sign are read") {
  const std::vector<std::pair<std::string, std::string>> rows{{"\0"s, "0"},
                                                              {"\x01", "1"},
                                                              {"\0\xff"s, "ff"},
                                                              {"\xff", "-1"},
                                                              {"\x80", "-80"},
                                                              {"\xff\0"s, "-100"},
                                                              {std::string(21, '\x11'), std::string(42, '1')}};
  for (const auto& [octets, text] : rows) {
    Old old;
    old.serial = octets;
    CHECK(old.parse().serial == text);
  }
}

TEST_CASE("certificates of version 1 and without extensions are read") {
  Old old;
  old.version_3 = false;
  const auto facts = old.parse();
  CHECK(facts.common_name == "old");
  CHECK_FALSE(facts.is_ca);
  CHECK(facts.subject_key_id.empty());
  CHECK(facts.key_algorithm == "ECDSA-P256");
  CHECK(facts.not_before == std::chrono::sys_days{std::chrono::year{2020} / 1 / 1});
}

TEST_CASE("names that are broken UTF-8 or hold control characters are shown and do no harm") {
  Old old;
  old.subject = der::write(
      der::sequence,
      {der::write(der::set, {der::write(der::sequence, {der::write(der::object_id, {"\x55\x04\x03"}),
                                                        der::write(der::utf8_string, {"a\xff,\x1b[2J"})})})});
  const auto facts = old.parse();
  CHECK(facts.common_name == "a\xef\xbf\xbd,\x1b[2J");
  CHECK(facts.subject == "CN=a\xef\xbf\xbd\\,\\1B[2J");
  CHECK(facts.subject_der == old.subject);
}

TEST_CASE("a CA may sign unless its key usage says otherwise") {
  const auto constraints = extension("\x55\x1d\x13"sv, "\x30\x03\x01\x01\xff"s);
  Old old;
  old.extensions = constraints;
  CHECK(old.parse().is_ca);
  CHECK(old.parse().can_sign);
  old.extensions = constraints + extension("\x55\x1d\x0f"sv, "\x03\x02\x07\x80"s);
  CHECK(old.parse().is_ca);
  CHECK_FALSE(old.parse().can_sign);
  old.extensions = constraints + constraints;
  CHECK(error_of([&] { (void)old.parse(); }));
}

TEST_CASE("alternative names that their type does not allow are kept as raw DER") {
  using Kind = pki::GeneralName::Kind;
  Old old;
  old.extensions =
      extension("\x55\x1d\x11"sv, "\x30\x14\x82\x02\xc3\xa4\x87\x05\x01\x02\x03\x04\x05\x88\x01\x2a\x82\x04\x66_.x"s);
  CHECK(old.parse().sans == std::vector<pki::GeneralName>{{Kind::other, "\x82\x02\xc3\xa4"},
                                                          {Kind::other, "\x87\x05\x01\x02\x03\x04\x05"},
                                                          {Kind::other, "\x88\x01\x2a"},
                                                          {Kind::dns, "f_.x"}});
}

TEST_CASE("what OpenSSL cannot read is described all the same, and verifies nowhere") {
  Old old;  // BMPString has no surrogates, yet tools write them
  old.subject = der::write(
      der::sequence,
      {der::write(der::set, {der::write(der::sequence, {der::write(der::object_id, {"\x55\x04\x03"}),
                                                        der::write(der::bmp_string, {"\xd8\x3d\xdd\x11"})})})});
  const auto facts = old.parse();
  CHECK(facts.common_name == "🔑");
  CHECK_FALSE(facts.self_signed);
  const auto ca = make_authority("ca").certificate;
  CHECK_FALSE(crypto::is_signed_by({&facts, 1}, {&ca, 1}));
  CHECK_FALSE(crypto::verify_chain({&facts, 1}, {&ca, 1}, pki::Profile::client, now).empty());
}
