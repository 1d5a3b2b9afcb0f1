#include <openssl/err.h>

#include <support/catch.hpp>

#include "samples.hpp"
#include "support.hpp"

using pki::generate_private_key;
using pki::KeyAlgorithm;
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

/// repacked is a PEM block whose DER was changed by `change`.
std::string repacked(const std::string& pem, const std::function<void(std::string&)>& change) {
  const auto blocks = pki::crypto::find_pem_blocks(pem, std::string::npos, "test");
  const auto& block = blocks.back();
  auto der = pki::crypto::decode_base64(block.body).value();
  change(der);
  return pki::crypto::to_pem(block.label, der);
}

}  // namespace

TEST_CASE("a generated key has its algorithm and comes back from its own text") {
  const auto algorithm = GENERATE(KeyAlgorithm::rsa_2048, KeyAlgorithm::ecdsa_p256, KeyAlgorithm::ecdsa_p384);
  const auto key = generate_private_key(algorithm);
  CHECK(key.algorithm() == to_string(algorithm));
  CHECK_THAT(key.public_key_pem(), contains("-----BEGIN PUBLIC KEY-----\n"));
  CHECK(pki::parse_public_key_sha256(key.public_key_pem(), "sa.pub") == key.public_key_sha256());
  const bool rsa = algorithm == KeyAlgorithm::rsa_2048;
  CHECK(text(key).starts_with(rsa ? "-----BEGIN RSA PRIVATE KEY-----\n" : "-----BEGIN EC PRIVATE KEY-----\n"));
  const auto again = parse_private_key(key.pem(), "ca.key");
  CHECK(again.pem() == key.pem());
  CHECK(again.public_key_pem() == key.public_key_pem());
  CHECK(again.public_key_sha256() == key.public_key_sha256());
}

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

TEST_CASE("found keys may lie on P-521") {
  CHECK(parse_private_key(samples::sec1_p521, "ca.key").algorithm() == "ECDSA-P521");
}

TEST_CASE("the first usable key of a text wins and other blocks are passed over") {
  const auto certificate = make_authority().certificate.pem;
  const auto joined = "notes\n" + certificate + samples::pkcs8_ed25519 + samples::sec1_p521 + samples::pkcs1_1024;
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
      {samples::pkcs8_ed25519, "neither RSA nor ECDSA"},
      {samples::pkcs1_512, "an RSA key of 512 bits, expected 1024 to 16384"},
      {samples::pkcs1_three_primes, "more than two primes"},
      {"-----BEGIN EC PRIVATE KEY-----\n####\n-----END EC PRIVATE KEY-----\n", "not base64"},
      {"-----BEGIN EC PRIVATE KEY-----\n-----END EC PRIVATE KEY-----\n", "no EC private key"},
      {std::string(65 * 1024, 'x'), "expected at most 65536"},
  };
  for (const auto& [pem, reason] : rows)
    CHECK_THAT(problem_of(pem), contains(reason));
  CHECK_THAT(error_of([] { (void)parse_private_key(samples::pkcs8_encrypted, "x"); })->hint(),
             contains("openssl pkey"));
}

TEST_CASE("an EC key whose halves do not belong together is refused") {
  const auto end = repacked(samples::sec1_with_parameters, [](std::string& der) { der.back() ^= 1; });
  CHECK_THAT(problem_of(end), contains("does not belong to its public half"));
  const auto scalar = repacked(samples::sec1_with_parameters, [](std::string& der) { der[20] ^= 1; });
  CHECK_THAT(problem_of(scalar), contains("does not belong to its public half"));
  const auto zero = repacked(samples::sec1_with_parameters, [](std::string& der) { der.replace(7, 32, 32, '\0'); });
  CHECK_THAT(problem_of(zero), contains("out of range"));
  const auto huge = repacked(samples::sec1_with_parameters, [](std::string& der) { der.replace(7, 32, 32, '\xff'); });
  CHECK_THAT(problem_of(huge), contains("out of range"));
}

TEST_CASE("an RSA key with any number changed is refused") {
  const auto der = [] {
    const auto blocks = pki::crypto::find_pem_blocks(samples::pkcs1_1024, std::string::npos, "test");
    return pki::crypto::decode_base64(blocks.at(0).body).value();
  }();
  for (std::size_t at = 20; at < der.size(); at += 23) {
    const auto changed = repacked(samples::pkcs1_1024, [at](std::string& octets) { octets[at] ^= 4; });
    CHECK(error_of([&] { (void)parse_private_key(changed, "sa.key"); }));
  }
}

TEST_CASE("a key cut off anywhere is refused and never crashes") {
  const auto sample = GENERATE(samples::pkcs8_p256, samples::pkcs1_1024, samples::sec1_with_parameters);
  const auto blocks = pki::crypto::find_pem_blocks(sample, std::string::npos, "test");
  const auto size = pki::crypto::decode_base64(blocks.back().body).value().size();
  for (std::size_t keep = 0; keep < size; ++keep) {
    const auto cut = repacked(sample, [keep](std::string& der) { der.resize(keep); });
    CHECK(error_of([&] { (void)parse_private_key(cut, "x"); }));
  }
}

TEST_CASE("a public key is described by its digest and a wrong one is refused") {
  CHECK(pki::parse_public_key_sha256(samples::public_p256, "sa.pub").size() == 64);
  for (const auto* wrong : {"", "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n", samples::pkcs1_1024}) {
    const auto error = error_of([&] { (void)pki::parse_public_key_sha256(wrong, "sa.pub"); });
    REQUIRE(error);
    CHECK(error->code() == pki::Errc::malformed);
  }
}

TEST_CASE("OpenSSL's error queue stays as the application left it") {
  ERR_clear_error();
  CHECK(error_of([] { (void)parse_private_key(samples::sec1_k256, "x"); }));
  CHECK(error_of(
      [] { (void)pki::parse_certificates("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "x"); }));
  CHECK(ERR_peek_error() == 0);
  ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
  const auto mine = ERR_peek_last_error();
  CHECK(error_of([] { (void)parse_private_key(samples::pkcs1_512, "x"); }));
  (void)make_authority();
  CHECK(ERR_peek_last_error() == mine);
  CHECK(ERR_get_error() == mine);
  CHECK(ERR_get_error() == 0);
}
