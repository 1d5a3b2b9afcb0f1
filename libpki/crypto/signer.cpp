// SPDX-License-Identifier: Apache-2.0
#include "crypto/signer.hpp"

#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "crypto/asn1/pem.hpp"
#include "crypto/key_store.hpp"
#include "crypto/openssl.hpp"
#include "crypto/verify.hpp"

namespace pki::crypto {

namespace {

/// Returns whether OpenSSL's own provider verifies a signature of the key.
bool verifies(const SigningKey& key, std::string_view message, std::string_view signature) {
  const auto& spki = key.public_key().spki;
  const auto* data = bytes_of(spki);
  const Handle<EVP_PKEY> half(
      d2i_PUBKEY_ex(nullptr, &data, static_cast<long>(spki.size()), library_context(), nullptr));
  const auto verifier = own(EVP_MD_CTX_new(), "verify");
  return half &&
         EVP_DigestVerifyInit_ex(verifier.get(), nullptr, key.digest(), library_context(), nullptr, half.get(),
                                 nullptr) == 1 &&
         EVP_DigestVerify(verifier.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) ==
             1;
}

/// A TPM finds out that a password is wrong when it signs.
void try_out(const SigningKey& key, const std::string& uri) {
  constexpr std::string_view message = "pairwise check";
  std::string signature;
  try {
    signature = key.sign(message);
  } catch (const Error& error) {
    throw Error(error.code(), uri, error.message(),
                "check the token, and the passphrase or PIN, which is not tried again, because tokens lock themselves");
  }
  if (!verifies(key, message, signature))
    throw Error(Errc::crypto, uri, "its signatures do not verify with its own public key");
}

}  // namespace

Signer SignerMaker::make(SigningKey key, std::string uri) {
  Signer made;
  const auto& half = key.public_key();
  made.uri_ = std::move(uri);
  made.algorithm_ = half.algorithm;
  made.public_key_pem_ = to_pem("PUBLIC KEY", half.spki);
  made.public_key_sha256_ = half.sha256;
  made.key_ = std::make_shared<const SigningKey>(std::move(key));
  return made;
}

Signer open_key(const std::string& uri, const SecretString& content, const Passphrase& passphrase) {
  const QuietErrors quiet;
  SigningKey key(open_stored_key(uri, content, passphrase));
  auto shown = shown_key_uri(uri);
  try_out(key, shown);
  return SignerMaker::make(std::move(key), std::move(shown));
}

std::shared_ptr<const SigningKey> key_of_ca(const Entry& ca, const Signers& signers) {
  const auto given = signers.find(ca.row->name);
  if (given == signers.end()) return ca.key ? std::make_shared<const SigningKey>(*ca.key) : nullptr;
  if (const auto* certificate = ca.certificate()) check_pair(given->second, *certificate);
  return SignerMaker::key_of(given->second);
}

}  // namespace pki::crypto

namespace pki::inline PKI_ABI {

Signer to_signer(const PrivateKey& key) { return crypto::SignerMaker::make(crypto::SigningKey(key), {}); }

void check_pair(const Signer& signer, const Certificate& ca) {
  if (signer.public_key_sha256() == ca.public_key_sha256) return;
  throw Error(Errc::mismatch, signer.uri(),
              fmt::format("is not the key of the certificate {}: their public keys differ", ca.subject));
}

}  // namespace pki::inline PKI_ABI
