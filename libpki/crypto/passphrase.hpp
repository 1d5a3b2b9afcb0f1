// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <pki/signer.hpp>

#include "crypto/openssl.hpp"

namespace pki::crypto {

/// PassphrasePrompt is how OpenSSL asks for the passphrase of one key. The caller is asked once. The decoders of a file
/// try its answer one after the other, a token must not get it twice.
class PassphrasePrompt {
 public:
  /// Asker is the part of OpenSSL that asks. After a prompt that fails the provider pkcs11 asks at the terminal by
  /// itself; an empty PIN makes it give up, while other tokens would try to log in with one.
  enum class Asker { decoders, token, pkcs11 };

  PassphrasePrompt(const Passphrase& passphrase, std::string uri, Asker asker);

  /// Returns the method that OpenSSL's functions take, together with the address of this object.
  [[nodiscard]] const UI_METHOD* method() const noexcept { return method_.get(); }
  /// Returns whether OpenSSL asked.
  [[nodiscard]] bool asked() const noexcept { return asked_; }
  /// Returns whether there was a passphrase.
  [[nodiscard]] bool answered() const noexcept { return answer_.has_value(); }
  /// Throws what the caller's function threw, which cannot pass through OpenSSL.
  void rethrow() const;

 private:
  static int read(UI* dialog, UI_STRING* question) noexcept;
  std::string_view answer(std::size_t most);

  const Passphrase& passphrase_;
  std::string uri_;
  Asker asker_;
  Handle<UI_METHOD> method_;
  std::optional<SecretString> answer_;
  std::exception_ptr failure_;
  bool asked_{false};
  bool used_{false};
};

}  // namespace pki::crypto
