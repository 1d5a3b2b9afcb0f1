// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/pem.h>

#include <pki/signer.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

#include "crypto/key.hpp"
#include "crypto/signer.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace crypto = pki::crypto;

namespace {

const pki::SecretString right = "correct horse";

/// Returns the key as PKCS#8 with encryption, or without it for a null cipher.
std::string to_pkcs8(const pki::PrivateKey& key, const EVP_CIPHER* cipher = EVP_aes_256_cbc()) {
  const auto handle = crypto::to_handle(key);
  const crypto::Handle<BIO> out(BIO_new(BIO_s_mem()));
  REQUIRE(PEM_write_bio_PKCS8PrivateKey(out.get(), handle.get(), cipher, right.data(), static_cast<int>(right.size()),
                                        nullptr, nullptr) == 1);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

const std::string file_uri = "file:/keys/ca.pem";

/// Opens the key in the text of a file.
pki::Signer open(std::string_view text, const pki::Passphrase& passphrase = {}) {
  return crypto::open_key(file_uri, pki::SecretString(text), passphrase);
}

/// Counted answers with one passphrase, and counts how often it is asked.
struct Counted {
  std::optional<pki::SecretString> answer;
  int asked{0};

  pki::Passphrase callback() {
    return [this](const std::string&) {
      ++asked;
      return answer;
    };
  }
};

}  // namespace

TEST_CASE("an encrypted file signs with the right passphrase, which is asked for once") {
  for (const auto algorithm :
       {pki::KeyAlgorithm::ecdsa_p256, pki::KeyAlgorithm::ecdsa_p384, pki::KeyAlgorithm::rsa_2048}) {
    const auto key = pki::generate_private_key(algorithm);
    Counted passphrase{right};
    const auto signer = open(to_pkcs8(key), passphrase.callback());
    CHECK(passphrase.asked == 1);
    CHECK(signer.uri() == file_uri);
    CHECK(signer.algorithm() == key.algorithm());
    CHECK(signer.public_key_pem() == key.public_key_pem());
    CHECK(signer.public_key_sha256() == key.public_key_sha256());
    const auto ca = self_sign(spec_of(pki::Profile::ca, "ca"), key);
    pki::check_pair(signer, ca);
    const auto leaf = crypto::sign(spec_of(pki::Profile::client, "leaf"), crypto::public_key_of(a_key()), ca,
                                   *crypto::SignerMaker::key_of(signer));
    CHECK(is_signed_by({leaf}, {ca}));
  }
}

TEST_CASE("files of every form sign, and those without encryption ask for no passphrase") {
  struct Row {
    std::string text;
    std::string algorithm;
    bool encrypted;
  };
  const auto p256 = to_pkcs8(a_key(), nullptr);
  const std::vector<Row> rows{
      {p256, "ECDSA-P256", false},
      {std::string(samples::pkcs8_ed25519), "ED25519", false},
      {std::string(samples::sec1_p521), "ECDSA-P521", false},
      {std::string(samples::pkcs1_1024), "RSA-1024", false},
      {"text before it\n" + make_authority().certificate.pem + p256, "ECDSA-P256", false},
      {to_pkcs8(pki::parse_private_key(samples::pkcs8_ed25519, "x")), "ED25519", true},
      {to_pkcs8(a_key(), EVP_aes_128_cbc()), "ECDSA-P256", true},
  };
  for (const auto& [text, algorithm, encrypted] : rows) {
    Counted passphrase{right};
    CHECK(open(text, passphrase.callback()).algorithm() == algorithm);
    CHECK(passphrase.asked == (encrypted ? 1 : 0));
  }
}

TEST_CASE("a file that has no key for the caller is an error that names its URI and no passphrase") {
  struct Row {
    std::string text;
    std::optional<pki::SecretString> passphrase;
    pki::Errc code;
    std::string message;
    int asked;
  };
  const auto encrypted = to_pkcs8(a_key());
  const std::vector<Row> rows{
      {encrypted, "wrong horse", pki::Errc::crypto, "cannot be opened with this passphrase", 1},
      {encrypted, "", pki::Errc::crypto, "cannot be opened with this passphrase", 1},
      {encrypted, std::nullopt, pki::Errc::not_found, "needs a passphrase or PIN, and there is none", 1},
      {encrypted, pki::SecretString(5000, 'x'), pki::Errc::invalid_config, "a passphrase of more than", 1},
      {"this is no key\n", right, pki::Errc::crypto, "has no private key", 0},
      {"", right, pki::Errc::malformed, "is empty, expected a file with a private key", 0},
      {make_authority().certificate.pem, right, pki::Errc::crypto, "has no private key", 0},
      {encrypted.substr(0, 150), right, pki::Errc::crypto, "has no private key", 0},
      {std::string(65UL * 1024, '\n') + to_pkcs8(a_key(), nullptr), right, pki::Errc::malformed, "larger than 64 KiB",
       0},
  };
  for (const auto& [text, answer, code, message, asked] : rows) {
    CAPTURE(message);
    Counted passphrase{answer};
    const auto error = error_of([&, &content = text] { (void)open(content, passphrase.callback()); });
    REQUIRE(error);
    CHECK(error->code() == code);
    CHECK(error->subject() == file_uri);
    CHECK_THAT(error->message(), Catch::Contains(message));
    CHECK(passphrase.asked == asked);
    CHECK(std::string(error->what()).find("horse") == std::string::npos);
  }
  CHECK(error_of([&] { (void)open(encrypted); })->code() == pki::Errc::not_found);
}

TEST_CASE("a scheme that no provider has is an error, and the file that it might name is not used") {
  const pki::SecretString content(to_pkcs8(a_key(), nullptr));
  const auto error = error_of([&] { (void)crypto::open_key("unheard-of:key", content, {}); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::crypto);
  CHECK_THAT(error->message(), Catch::Contains("cannot be opened"));
}

TEST_CASE("a provider that is not installed is named, and what it needs") {
  const TempDir without_modules;
  REQUIRE(::setenv("OPENSSL_MODULES", without_modules.path().c_str(), 1) == 0);
  struct Row {
    std::string uri;
    std::string provider;
    std::string package;
  };
  for (const auto& [uri, provider, package] :
       {Row{"pkcs11:token=none;object=none", "provider pkcs11", "pkcs11-provider"},
        Row{"handle:0x81000001", "provider tpm2", "tpm2-openssl"},
        Row{"object:/none", "provider tpm2", "tpm2-openssl"}}) {
    const auto error = error_of([&, &where = uri] { (void)crypto::open_key(where, {}, {}); });
    REQUIRE(error);
    CHECK(error->code() == pki::Errc::crypto);
    CHECK(error->subject() == uri);
    CHECK_THAT(error->message(), Catch::Contains(provider));
    CHECK_THAT(error->remedy().text, Catch::Contains(package));
  }
  ::unsetenv("OPENSSL_MODULES");
}

TEST_CASE("what the function for the passphrase throws is passed on, and no second key is tried") {
  int asked = 0;
  CHECK_THROWS_AS(open(to_pkcs8(a_key()),
                       [&](const std::string&) -> std::optional<pki::SecretString> {
                         ++asked;
                         throw std::length_error("from the caller");
                       }),
                  std::length_error);
  CHECK(asked == 1);
}

TEST_CASE("the certificate of another key is refused, with both named") {
  const auto signer = open(to_pkcs8(a_key(), nullptr));
  const auto ca = make_authority("kubernetes").certificate;
  const auto error = error_of([&] { pki::check_pair(signer, ca); });
  REQUIRE(error);
  CHECK(error->code() == pki::Errc::mismatch);
  CHECK(error->subject() == file_uri);
  CHECK_THAT(error->message(), Catch::Contains("CN=kubernetes"));
}

TEST_CASE("a key in memory is a signer without a URI, and threads share its copies") {
  const auto ca = make_authority();
  const auto signer = pki::to_signer(ca.key);
  CHECK(signer.uri().empty());
  pki::check_pair(signer, ca.certificate);
  std::vector<std::string> signatures(4);
  {
    std::vector<std::jthread> threads;
    for (auto& signature : signatures)
      threads.emplace_back(
          [&signature, copy = signer] { signature = crypto::SignerMaker::key_of(copy)->sign("text"); });
  }
  for (const auto& signature : signatures)
    CHECK_FALSE(signature.empty());
}
