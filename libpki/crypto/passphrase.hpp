// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <string>

#include <pki/signer.hpp>

#include "crypto/openssl.hpp"

namespace pki::crypto {

/// PassphrasePrompt is how OpenSSL asks for the passphrase of one key. The caller is asked once. Its answer is
/// used as often as `Uses` says: the decoders of a file try it one after the other, a token must not get it twice.
class PassphrasePrompt {
 public:
  enum class Uses { any, one };

  PassphrasePrompt(const Passphrase& passphrase, std::string uri, Uses uses);

  /// Returns the method that OpenSSL's functions take, together with the address of this object.
  [[nodiscard]] const UI_METHOD* method() const noexcept { return method_.get(); }
  /// Returns whether OpenSSL asked.
  [[nodiscard]] bool asked() const noexcept { return asked_; }
  /// Returns whether there was a passphrase.
  [[nodiscard]] bool answered() const noexcept { return answer_.has_value(); }
  /// Throws what the caller's function threw, which cannot pass through OpenSSL.
  void rethrow() const;

 private:
  static int write(char* buffer, int size, int for_encryption, void* prompt) noexcept;
  int answer(char* buffer, std::size_t size);

  const Passphrase& passphrase_;
  std::string uri_;
  Uses uses_;
  Handle<UI_METHOD> method_;
  std::optional<SecretString> answer_;
  std::exception_ptr failure_;
  bool asked_{false};
  bool used_{false};
};

}  // namespace pki::crypto
