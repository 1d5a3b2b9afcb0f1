// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <pki/key.hpp>

#include "crypto/key_public.hpp"

namespace pki::crypto {

struct StoredKey;

/// SigningKey is the private key of an issuer, decoded once for any number of signatures. Where the key is kept, and
/// how it was decoded, is known here only: its users sign. Threads may share one.
class SigningKey {
 public:
  /// Decodes a private key that is in memory. Throws Error(crypto).
  explicit SigningKey(const PrivateKey& key);
  /// Takes a key that a provider keeps, and its public half from the provider. Throws Error(crypto) for a key that is
  /// neither RSA, ECDSA on a NIST curve, nor Ed25519.
  explicit SigningKey(StoredKey key);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  [[nodiscard]] const PublicKey& public_key() const noexcept;

  /// Returns OpenSSL's name of the digest of its signatures; null for Ed25519, which has its own.
  [[nodiscard]] const char* digest() const noexcept;

  /// Returns the DER AlgorithmIdentifier of its signatures (RFC 4055, RFC 5758, RFC 8410).
  [[nodiscard]] std::string_view signature_algorithm() const noexcept;

  /// Returns the signature on `octets`, with the digest that fits the key: SHA-384 for P-384, SHA-512 for P-521, that
  /// of Ed25519 itself, else SHA-256. Throws Error(crypto). A provider that refused once is not asked again: a token
  /// counts wrong PINs, and locks itself.
  [[nodiscard]] std::string sign(std::string_view octets) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace pki::crypto
