// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pki/abi.hpp>
#include <pki/certificate.hpp>
#include <pki/key.hpp>
#include <pki/secret.hpp>

namespace pki::crypto {
class SigningKey;
struct SignerMaker;
}  // namespace pki::crypto

namespace pki::inline PKI_ABI {

/// Signer is the private key of a CA, ready to sign, wherever it is kept: in a token, in a TPM, in an encrypted file,
/// or in memory. The key itself cannot be read from it. Copies share one key, and any thread may sign with it; a token
/// makes one signature at a time. A token that refuses to sign is not asked again.
class Signer {
 public:
  /// Returns where the key is, without secrets; empty for a key in memory.
  [[nodiscard]] const std::string& uri() const noexcept { return uri_; }
  /// Returns a name as PrivateKey::algorithm does.
  [[nodiscard]] const std::string& algorithm() const noexcept { return algorithm_; }
  /// Returns the SubjectPublicKeyInfo as PrivateKey::public_key_pem does.
  [[nodiscard]] const std::string& public_key_pem() const noexcept { return public_key_pem_; }
  /// Returns the digest of the public key as PrivateKey::public_key_sha256 does.
  [[nodiscard]] const std::string& public_key_sha256() const noexcept { return public_key_sha256_; }

 private:
  friend struct crypto::SignerMaker;
  Signer() = default;

  std::string uri_{};
  std::string algorithm_{};
  std::string public_key_pem_{};
  std::string public_key_sha256_{};
  std::shared_ptr<const crypto::SigningKey> key_{};
};

/// Signers are the keys of CAs by the names of their rows.
using Signers = std::map<std::string, Signer, std::less<>>;

/// Passphrase returns the passphrase of a file, the PIN of a token, or the password of a TPM key; empty without one.
/// Called at most once per key, with its URI, by the calling thread, and only if the key needs it. Its exceptions are
/// passed on.
using Passphrase = std::function<std::optional<SecretString>(const std::string& uri)>;

/// open_signer opens the key that a URI names, through a store of OpenSSL (OSSL_STORE), and makes a trial signature:
///
/// - `file:/etc/keys/ca.pem`: a regular file with a private key, PKCS#8 with or without encryption, or one sealed by a
///   TPM (`TSS2 PRIVATE KEY`); symbolic links are followed, and nothing else is opened, so that no pipe blocks;
/// - `pkcs11:token=...;object=...`: a token (RFC 7512), by the provider `pkcs11`;
/// - `handle:0x81000001` and `object:/path`: a persistent key of a TPM 2.0, by the provider `tpm2`; a key with a
/// password
///   has `?pass` after it;
/// - every other scheme that a provider of openssl.cnf has.
///
/// The provider is loaded if openssl.cnf does not load it, into a context of its own: everything but the signatures of
/// this key is done by the usual providers. A passphrase that is refused is not tried again, because tokens lock
/// themselves. Throws Error(invalid_config) for what is no such URI, and for one with a PIN in it; Error(not_found)
/// where the file does not exist, and where the key needs a passphrase and none is known; Error(io) for a file that
/// cannot be read; Error(crypto) for a provider or key that cannot be used, and for a wrong passphrase. No text has a
/// secret.
PKI_EXPORT [[nodiscard]] Signer open_signer(const std::string& uri, const Passphrase& passphrase = {});

/// Returns a signer that has the key in memory.
PKI_EXPORT [[nodiscard]] Signer to_signer(const PrivateKey& key);

/// Throws Error(mismatch) unless the certificate is for the key of the signer.
PKI_EXPORT void check_pair(const Signer& signer, const Certificate& ca);

/// Returns the URI of a key for people: the value of `pin-value` (RFC 7512) is not shown.
PKI_EXPORT [[nodiscard]] std::string shown_key_uri(std::string_view uri);

/// Returns what is wrong with the URI of a key, without secrets; empty if nothing is. Whether there is such a key is
/// not asked.
PKI_EXPORT [[nodiscard]] std::string check_key_uri(std::string_view uri);

}  // namespace pki::inline PKI_ABI
