// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <pki/inventory.hpp>
#include <pki/signer.hpp>

#include "crypto/key_signing.hpp"

namespace pki::crypto {

/// SignerMaker is the only way to construct a Signer, and to reach the key in one.
struct SignerMaker {
  [[nodiscard]] static Signer make(SigningKey key, std::string uri);
  [[nodiscard]] static const std::shared_ptr<const SigningKey>& key_of(const Signer& signer) noexcept {
    return signer.key_;
  }
};

/// Opens a key and makes a trial signature, as open_signer does; the arguments and what it throws are those of
/// open_stored_key.
[[nodiscard]] Signer open_key(const std::string& uri, const SecretString& content, const Passphrase& passphrase);

/// Returns the key of a CA: the one of `signers`, else that of the entry, else null. Throws Error(mismatch) for a
/// signer that is not the key of the certificate.
[[nodiscard]] std::shared_ptr<const SigningKey> key_of_ca(const Entry& ca, const Signers& signers);

}  // namespace pki::crypto
