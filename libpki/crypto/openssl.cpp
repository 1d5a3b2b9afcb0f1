// SPDX-License-Identifier: Apache-2.0
#include "crypto/openssl.hpp"

#include <array>
#include <system_error>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include <pki/error.hpp>
#include <pki/secret.hpp>
#include <pki/version.hpp>

namespace pki::inline PKI_ABI {

std::string crypto_version() { return OpenSSL_version(OPENSSL_VERSION); }

}  // namespace pki::inline PKI_ABI

namespace pki::crypto {

namespace {

// Separates the application's errors in the queue from ours; its reason is never shown.
constexpr int border = 1;

bool is_border(unsigned long code) { return ERR_GET_LIB(code) == ERR_LIB_USER && ERR_GET_REASON(code) == border; }

bool is_reason(unsigned long code) { return code != 0 && !is_border(code); }

}  // namespace

QuietErrors::QuietErrors() noexcept {
  ERR_set_mark();
  ERR_raise(ERR_LIB_USER, border);
}

QuietErrors::~QuietErrors() { ERR_pop_to_mark(); }

std::string last_reason() {
  const auto code = ERR_peek_last_error();
  if (!is_reason(code)) return "OpenSSL reports no reason";
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  if (const char* text = ERR_reason_error_string(code)) return text;
  std::array<char, 256> text{};
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

std::string last_reason_of_provider() {
  auto reason = last_reason();
  const char* data = nullptr;
  int flags = 0;
  const auto code = ERR_peek_last_error_data(&data, &flags);
  if (!is_reason(code) || data == nullptr || (flags & ERR_TXT_STRING) == 0 || *data == '\0') return reason;
  return fmt::format("{} ({})", reason, data);
}

bool has_reason() { return is_reason(ERR_peek_last_error()); }

void check(int result, std::string_view action, const std::string& subject) {
  if (result == 1) return;
  throw Error(Errc::crypto, subject, fmt::format("cannot {}: {}", action, last_reason()));
}

[[gnu::noinline]] void clear_stack() noexcept {
  // More than OpenSSL's deepest frames need; far less than the smallest thread stack.
  std::array<char, 48UL * 1024> below;
  wipe(below.data(), below.size());
}

}  // namespace pki::crypto
