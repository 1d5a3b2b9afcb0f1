// SPDX-License-Identifier: Apache-2.0
// Private and public keys: DER, or a PEM text. Promises: a typed error or a valid key; its own text yields the same
// key; OpenSSL reads that text as the same key and finds nothing wrong with it; an error says nothing of the key.

#include <pki/key.hpp>

#include <array>

#include <openssl/pem.h>

#include "crypto/asn1/pem.hpp"
#include "crypto/key.hpp"
#include "crypto/openssl.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

namespace crypto = pki::crypto;

void compare_with_openssl(const pki::PrivateKey& key) {
  const crypto::Handle<BIO> bio(BIO_new_mem_buf(key.pem().data(), static_cast<int>(key.pem().size())));
  const crypto::Handle<EVP_PKEY> theirs(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  require(theirs != nullptr, "OpenSSL reads what we write");
  const auto ours = crypto::to_handle(key);
  require(EVP_PKEY_eq(theirs.get(), ours.get()) == 1, "OpenSSL reads the same key");
  const crypto::Handle<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new(theirs.get(), nullptr));
  require(EVP_PKEY_public_check_quick(context.get()) == 1, "OpenSSL accepts the public half");
  require(EVP_PKEY_pairwise_check(context.get()) == 1, "OpenSSL accepts the pair");
}

void check_public(const std::string& pem) {
  const auto digest = value_of([&] { return pki::parse_public_key_sha256(pem, "input"); });
  require(!digest || digest->size() == 64, "a digest has 64 digits");
}

void check_private(const std::string& pem) {
  const auto key = value_of([&] { return pki::parse_private_key(pem, "input"); });
  if (!key) return;
  const auto& name = key->algorithm();
  require(name.starts_with("RSA-") || name.starts_with("ECDSA-P") || name == "ED25519",
          "a key is RSA, ECDSA or Ed25519");
  const auto again = pki::parse_private_key(key->pem(), "again");
  require(again.pem() == key->pem() && again.public_key_pem() == key->public_key_pem() &&
              again.public_key_sha256() == key->public_key_sha256() && again.algorithm() == key->algorithm(),
          "its own text gives the same key");
  require(pki::parse_public_key_sha256(key->public_key_pem(), "public") == key->public_key_sha256(),
          "the public text is that of the key");
  compare_with_openssl(*key);
}

}  // namespace

void key(std::string_view input) {
  const crypto::QuietErrors quiet;
  if (input.starts_with("-----BEGIN")) {
    check_private(std::string(input));
    return check_public(std::string(input));
  }
  for (const auto label : {crypto::rsa_label, crypto::ec_label, crypto::pkcs8_label})
    check_private(crypto::to_pem(label, input));
  check_public(crypto::to_pem("PUBLIC KEY", input));
}

}  // namespace fuzz
