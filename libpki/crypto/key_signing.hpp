// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <pki/key.hpp>

#include "crypto/key_public.hpp"

namespace pki::crypto {

/// SigningKey is the private key of an issuer, decoded once for any number of signatures. Where the key is kept, and
/// how it was decoded, is known here only: its users sign. Immutable, so that threads may share one.
class SigningKey {
 public:
  /// Decodes a private key that is in memory. Throws Error(crypto).
  explicit SigningKey(const PrivateKey& key);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();

  [[nodiscard]] const PublicKey& public_key() const noexcept;

  /// Returns the DER AlgorithmIdentifier of its signatures (RFC 4055, RFC 5758, RFC 8410).
  [[nodiscard]] std::string_view signature_algorithm() const noexcept;

  /// Returns the signature on `octets`, with the digest that fits the key: SHA-384 for P-384, SHA-512 for P-521, that
  /// of Ed25519 itself, else SHA-256. Throws Error(crypto).
  [[nodiscard]] std::string sign(std::string_view octets) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace pki::crypto
