// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include "repacked.hpp"
#include "samples.hpp"
#include "support.hpp"

using pki::parse_private_key;

namespace {

std::string text(const pki::PrivateKey& key) { return {key.pem().data(), key.pem().size()}; }

std::string problem_of(const std::string& pem) {
  const auto error = error_of([&] { (void)parse_private_key(pem, "ca.key"); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::malformed);
  CHECK(error->subject() == "ca.key");
  return error->what();
}

}  // namespace

TEST_CASE("every form of an EC key that openssl writes becomes the same text") {
  const auto expected = parse_private_key(samples::sec1_with_parameters, "ca.key");
  CHECK(expected.algorithm() == "ECDSA-P256");
  CHECK_THAT(text(expected), !contains("PARAMETERS"));
  CHECK(expected.public_key_pem() == samples::public_p256);
  const auto form = GENERATE(samples::pkcs8_p256, samples::sec1_no_public, samples::sec1_compressed);
  CHECK(parse_private_key(form, "ca.key").pem() == expected.pem());
}

TEST_CASE("PKCS#8 and PKCS#1 of an RSA key become PKCS#1") {
  const auto key = parse_private_key(samples::pkcs8_rsa_1024, "sa.key");
  CHECK(key.algorithm() == "RSA-1024");
  CHECK(text(key) == samples::pkcs1_1024);
  CHECK(parse_private_key(samples::pkcs1_1024, "sa.key").pem() == key.pem());
}

TEST_CASE("found keys may be on P-521") {
  CHECK(parse_private_key(samples::sec1_p521, "ca.key").algorithm() == "ECDSA-P521");
}

TEST_CASE("found keys may be Ed25519, which has one form") {
  const auto key = parse_private_key(samples::pkcs8_ed25519, "ca.key");
  CHECK(key.algorithm() == "ED25519");
  CHECK(text(key) == samples::pkcs8_ed25519);
  CHECK(key.public_key_sha256() == pki::parse_public_key_sha256(key.public_key_pem(), "public"));
}

TEST_CASE("the first usable key of a text wins and other blocks are ignored") {
  const auto certificate = make_authority().certificate.pem;
  const auto joined = "notes\n" + certificate + samples::sec1_k256 + samples::sec1_p521 + samples::pkcs1_1024;
  CHECK(parse_private_key(joined, "all.pem").algorithm() == "ECDSA-P521");
  const auto crlf = [](std::string lines) {
    for (std::size_t at = 0; (at = lines.find('\n', at)) != std::string::npos; at += 2)
      lines.insert(at, 1, '\r');
    return lines;
  };
  CHECK(parse_private_key(crlf(samples::sec1_p521), "dos.pem").algorithm() == "ECDSA-P521");
}

TEST_CASE("a text that holds no usable key is refused with the reason") {
  struct Row {
    std::string pem;
    std::string reason;
  };
  const std::string ec = samples::sec1_with_parameters;
  const std::vector<Row> rows{
      {"", "no private key found"},
      {"hello", "no private key found"},
      {a_key().public_key_pem(), "no private key found"},
      {ec.substr(0, ec.size() - 10), "no END line"},
      {samples::pkcs8_encrypted, "encrypted keys are not supported"},
      {samples::sec1_encrypted, "encrypted keys are not supported"},
      {samples::sec1_explicit, "without a named curve"},
      {samples::sec1_p224, "another curve than P-256, P-384 or P-521"},
      {samples::sec1_k256, "another curve"},
      {samples::pkcs8_x25519, "neither RSA, ECDSA nor Ed25519"},
      {samples::pkcs8_ed25519_short, "not of 32 octets"},
      {samples::pkcs1_512, "an RSA key of 512 bits, expected 1024 to 16384"},
      {samples::pkcs1_three_primes, "more than two primes"},
      {"-----BEGIN EC PRIVATE KEY-----\n####\n-----END EC PRIVATE KEY-----\n", "not base64"},
      {"-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n", "no EC private key"},
      {std::string(65 * 1024, 'x'), "expected at most 65536"},
  };
  for (const auto& [pem, reason] : rows)
    CHECK_THAT(problem_of(pem), contains(reason));
  CHECK_THAT(error_of([] { (void)parse_private_key(samples::pkcs8_encrypted, "x"); })->remedy().text,
             contains("openssl pkey"));
}

TEST_CASE("a key cut off anywhere is refused and never crashes") {
  const auto sample =
      GENERATE(samples::pkcs8_p256, samples::pkcs1_1024, samples::sec1_with_parameters, samples::pkcs8_ed25519);
  const auto blocks = pki::crypto::find_pem_blocks(sample, std::string::npos, "test");
  const auto size = pki::crypto::decode_base64(blocks.back().body).value().size();
  for (std::size_t keep = 0; keep < size; ++keep) {
    const auto cut = repacked(sample, [keep](std::string& der) { der.resize(keep); });
    CHECK(error_of([&] { (void)parse_private_key(cut, "x"); }));
  }
}
