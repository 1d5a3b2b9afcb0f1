// SPDX-License-Identifier: Apache-2.0
#include "crypto/passphrase.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

namespace pki::crypto {

PassphrasePrompt::PassphrasePrompt(const Passphrase& passphrase, std::string uri, Uses uses)
    : passphrase_(passphrase),
      uri_(std::move(uri)),
      uses_(uses),
      method_(own(UI_UTIL_wrap_read_pem_callback(&write, 0), "ask for a passphrase", uri_)) {}

void PassphrasePrompt::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

int PassphrasePrompt::write(char* buffer, int size, int /*for_encryption*/, void* prompt) noexcept {
  auto& self = *static_cast<PassphrasePrompt*>(prompt);
  try {
    return self.answer(buffer, static_cast<std::size_t>(size));
  } catch (...) {
    self.failure_ = std::current_exception();
    return -1;
  }
}

// Returns the number of bytes written, -1 for no passphrase.
int PassphrasePrompt::answer(char* buffer, std::size_t size) {
  if (!std::exchange(asked_, true) && passphrase_) answer_ = passphrase_(uri_);
  if (!answer_ || (uses_ == Uses::one && std::exchange(used_, true))) return -1;
  if (answer_->size() > size)
    throw Error(Errc::invalid_config, uri_,
                fmt::format("a passphrase of more than {} bytes, OpenSSL takes no longer one", size));
  std::memcpy(buffer, answer_->data(), answer_->size());
  return static_cast<int>(answer_->size());
}

}  // namespace pki::crypto
