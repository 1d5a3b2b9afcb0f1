// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/abi.hpp>
#include <pki/secret.hpp>

namespace pki::crypto {
struct PrivateKeyMaker;
}

namespace pki::inline PKI_ABI {

struct IssueOptions;

/// KeyAlgorithm is what new keys are made with; the names are those of kubeadm's `encryptionAlgorithm`.
enum class KeyAlgorithm { rsa_2048, rsa_3072, rsa_4096, ecdsa_p256, ecdsa_p384 };

/// Returns kubeadm's name: "RSA-2048", "ECDSA-P256", …
PKI_EXPORT [[nodiscard]] std::string_view to_string(KeyAlgorithm algorithm) noexcept;
/// parse_key_algorithm reads kubeadm's name, letter for letter. Throws Error(invalid_config) that lists the names.
PKI_EXPORT [[nodiscard]] KeyAlgorithm parse_key_algorithm(std::string_view name);
/// Like parse_key_algorithm, but returns empty for any other name, "RSA-1024" or "ECDSA-P521" of a found key for
/// example.
PKI_EXPORT [[nodiscard]] std::optional<KeyAlgorithm> try_parse_key_algorithm(std::string_view name) noexcept;

/// PrivateKey is a private key that passed its checks: its PEM text and the facts about it. `parse_private_key` and
/// `generate_private_key` return it. It cannot be printed, and its PEM text is wiped with the object.
class PrivateKey {
 public:
  /// pem is the secret: PKCS#1 for RSA, SEC 1 for EC, as kubeadm writes them; PKCS#8 for Ed25519.
  [[nodiscard]] const SecretString& pem() const noexcept { return pem_; }
  /// algorithm is a name like those of KeyAlgorithm; found keys may have others ("RSA-8192", "ECDSA-P521", "ED25519").
  [[nodiscard]] const std::string& algorithm() const noexcept { return algorithm_; }
  /// public_key_pem is the SubjectPublicKeyInfo as `PUBLIC KEY` (RFC 5480, RFC 8017, RFC 8410).
  [[nodiscard]] const std::string& public_key_pem() const noexcept { return public_key_pem_; }
  /// public_key_sha256 is the lower-case hex SHA-256 of the DER SubjectPublicKeyInfo; equal means same key.
  [[nodiscard]] const std::string& public_key_sha256() const noexcept { return public_key_sha256_; }

 private:
  friend struct crypto::PrivateKeyMaker;
  PrivateKey(SecretString pem, std::string algorithm, std::string public_key_pem, std::string public_key_sha256)
      : pem_(std::move(pem)),
        algorithm_(std::move(algorithm)),
        public_key_pem_(std::move(public_key_pem)),
        public_key_sha256_(std::move(public_key_sha256)) {}

  SecretString pem_;
  std::string algorithm_;
  std::string public_key_pem_;
  std::string public_key_sha256_;
};

/// Generates a key on the calling thread and checks it with a trial signature. Throws Error(crypto).
PKI_EXPORT [[nodiscard]] PrivateKey generate_private_key(KeyAlgorithm algorithm);

/// Progress is called after each key, with the number of keys done and the total. It may be called from any thread, one
/// call at a time; it must not throw.
using Progress = std::function<void(std::size_t done, std::size_t total)>;

/// KeyOptions are the options of generating several keys.
struct KeyOptions {
  unsigned threads{0};  ///< how many work at a time, including the caller's; 0: one per core
  Progress progress{};  ///< may be empty
  /// Once a stop is requested no further key, candidate for a prime or signature is begun, and Error(cancelled) is
  /// thrown within milliseconds. By default it never is.
  std::stop_token stop{};

  /// Returns the same for functions that sign as well. Defined with IssueOptions, in <pki/bundle.hpp>.
  [[nodiscard]] operator IssueOptions() const;
};

/// Generates one key per algorithm and returns them in that order. Even a single RSA key is divided among all threads.
/// After a failure the other threads stop; then it is thrown: Error(crypto). Throws Error(cancelled) after
/// `options.stop`.
PKI_EXPORT [[nodiscard]] std::vector<PrivateKey> generate_private_keys(std::span<const KeyAlgorithm> algorithms,
                                                                       const KeyOptions& options = {});

/// KeyCheck is how thoroughly a parsed key is checked. `consistency`: the numbers belong together, private to public
/// half and factors to modulus; for reports, ten times as fast. `sign_and_verify`: additionally a trial signature with
/// an RSA key, which also shows that the factors are prime; for keys that will sign.
enum class KeyCheck { sign_and_verify, consistency };

/// Reads the first usable private key of a PEM text: PKCS#1, SEC 1 or unencrypted PKCS#8; other blocks are ignored.
/// `subject` names the text in errors. The key must be RSA (1024 to 16384 bits), on a NIST curve, or Ed25519, and pass
/// the check. A key whose trial signature does not verify is refused, and no later one is looked at. Throws
/// Error(malformed).
PKI_EXPORT [[nodiscard]] PrivateKey parse_private_key(std::string_view pem, const std::string& subject,
                                                      KeyCheck check = KeyCheck::sign_and_verify);

/// Reads a `PUBLIC KEY` PEM text and returns its digest, as PrivateKey::public_key_sha256. Throws Error(malformed).
PKI_EXPORT [[nodiscard]] std::string parse_public_key_sha256(std::string_view pem, const std::string& subject);

}  // namespace pki::inline PKI_ABI
