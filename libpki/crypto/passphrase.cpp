// SPDX-License-Identifier: Apache-2.0
#include "crypto/passphrase.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

namespace pki::crypto {

PassphrasePrompt::PassphrasePrompt(const Passphrase& passphrase, std::string uri, Asker asker)
    : passphrase_(passphrase),
      uri_(std::move(uri)),
      asker_(asker),
      method_(own(UI_create_method("passphrase of a key"), "ask for a passphrase", uri_)) {
  check(UI_method_set_reader(method_.get(), &read) == 0 ? 1 : 0, "ask for a passphrase", uri_);
}

void PassphrasePrompt::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

int PassphrasePrompt::read(UI* dialog, UI_STRING* question) noexcept {
  if (UI_get_string_type(question) != UIT_PROMPT) return 1;
  auto& self = *static_cast<PassphrasePrompt*>(UI_get0_user_data(dialog));
  std::string_view given;
  try {
    given = self.answer(static_cast<std::size_t>(UI_get_result_maxsize(question)));
  } catch (...) {
    self.failure_ = std::current_exception();
  }
  if (given.empty() && self.asker_ != Asker::pkcs11) return -1;
  return UI_set_result_ex(dialog, question, given.empty() ? "" : given.data(), static_cast<int>(given.size())) == 0
             ? 1
             : -1;
}

// Returns an empty text for no passphrase.
std::string_view PassphrasePrompt::answer(std::size_t most) {
  if (!std::exchange(asked_, true) && passphrase_) answer_ = passphrase_(uri_);
  const bool again = std::exchange(used_, true);
  if (!answer_ || (again && asker_ != Asker::decoders)) return {};
  if (answer_->size() > most)
    throw Error(Errc::invalid_config, uri_,
                fmt::format("a passphrase of more than {} bytes, OpenSSL takes no longer one", most));
  return {answer_->data(), answer_->size()};
}

}  // namespace pki::crypto
