// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "crypto/verify.hpp"
#include "old_certificate.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace crypto = pki::crypto;
namespace der = pki::crypto::der;

namespace {

std::string problem_of(const std::string& pem) {
  const auto error = error_of([&] { (void)pki::parse_certificates(pem, "ca.crt"); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::malformed);
  return error->what();
}

}  // namespace

TEST_CASE("every certificate of a text is read, in order, and other blocks are ignored") {
  const auto first = make_authority("one").certificate;
  const auto second = make_authority("two").certificate;
  const auto all = pki::parse_certificates("text\n" + first.pem + samples::pkcs1_1024 + second.pem, "ca.crt");
  REQUIRE(all.size() == 2);
  CHECK(all[0] == first);
  CHECK(all[1] == second);
}

TEST_CASE("a text without a valid certificate is refused with the reason") {
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
  const auto octets = octets_of(sign(spec, a_key(), ca));
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

TEST_CASE("the discovery hash of a CA is that of its public key, as openssl and kubeadm compute it") {
  const auto ca = pki::parse_certificates(R"(-----BEGIN CERTIFICATE-----
MIIBgDCCASegAwIBAgIUPjvf6JbGLDK6alGyDhyUjIBHYGwwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKa3ViZXJuZXRlczAgFw0yNjExMjYwOTA5MzhaGA8yMTI2MTEw
MjA5MDkzOFowFTETMBEGA1UEAwwKa3ViZXJuZXRlczBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABAh7KfpGQsyp6u1/fbSVNs/IUXTn6UN3hawNprmeclSx8YkNGzfz
OlL04i8Rd5EJBVxz0Tqn0JGxX1T/yds4Gx2jUzBRMB0GA1UdDgQWBBRELG1VwZ1W
bD0UfgYERuP2REuqBDAfBgNVHSMEGDAWgBRELG1VwZ1WbD0UfgYERuP2REuqBDAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIGOVnsW/AuXPrNKDqy9N
hSQ7NmpjO4PK6bmm9rJjAaS4AiAfr8ZW0lFp3bA+jHBw8KxF7Kdi4YAWOsTk2xo+
P+J1lw==
-----END CERTIFICATE-----
)",
                                          "ca.crt");
  // openssl x509 -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256
  CHECK(pki::discovery_hash(ca.front()) == "sha256:6e5078632a1371efdba0b789a8f163a9e0062e475b926a7648eeab5ec4475f7f");
  CHECK(pki::discovery_hash(make_authority().certificate) != pki::discovery_hash(ca.front()));
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
    OldCertificate old;
    old.serial = octets;
    CHECK(old.parse().serial == text);
  }
}

TEST_CASE("certificates of version 1 and without extensions are read") {
  OldCertificate old;
  old.version_3 = false;
  const auto facts = old.parse();
  CHECK(facts.common_name == "old");
  CHECK_FALSE(facts.is_ca);
  CHECK(facts.subject_key_id.empty());
  CHECK(facts.key_algorithm == "ECDSA-P256");
  CHECK(facts.not_before == std::chrono::sys_days{std::chrono::year{2020} / 1 / 1});
}

TEST_CASE("a certificate that OpenSSL cannot read is described all the same, and verifies nowhere") {
  OldCertificate old;  // BMPString has no surrogates, yet tools write them
  old.subject = der::write(
      der::sequence,
      {der::write(der::set, {der::write(der::sequence, {der::write(der::object_id, {"\x55\x04\x03"}),
                                                        der::write(der::bmp_string, {"\xd8\x3d\xdd\x11"})})})});
  const auto facts = old.parse();
  CHECK(facts.common_name == "🔑");
  CHECK_FALSE(facts.self_signed);
  const auto ca = make_authority("ca").certificate;
  CHECK_FALSE(is_signed_by({facts}, {ca}));
  CHECK_FALSE(crypto::TrustAnchors({&ca, 1}).verify({&facts, 1}, pki::Profile::client, now).empty());
}
