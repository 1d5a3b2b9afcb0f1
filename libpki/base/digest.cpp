// SPDX-License-Identifier: Apache-2.0
#include "base/digest.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <openssl/conf.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <pki/error.hpp>

namespace pki::base {

namespace {

constexpr auto configuration_hint =
    "OpenSSL's configuration, openssl.cnf or the file that OPENSSL_CONF names, decides which "
    "providers and algorithms may be used";

void check(bool done, const char* action) {
  if (!done) throw Error(Errc::crypto, {}, fmt::format("cannot {} with OpenSSL", action), configuration_hint);
}

struct Free {
  void operator()(CONF* configuration) const noexcept { NCONF_free(configuration); }
  void operator()(char* text) const noexcept { OPENSSL_free(text); }
  void operator()(OSSL_LIB_CTX* context) const noexcept { OSSL_LIB_CTX_free(context); }
};
using Configuration = std::unique_ptr<CONF, Free>;

/// Keeps the errors of reading a configuration out of the application's error queue.
struct OwnErrors {
  OwnErrors() noexcept { ERR_set_mark(); }
  ~OwnErrors() { ERR_pop_to_mark(); }
  OwnErrors(const OwnErrors&) = delete;
  OwnErrors& operator=(const OwnErrors&) = delete;
};

[[noreturn]] void refuse(std::string_view path) {
  const auto* reason = ERR_reason_error_string(ERR_peek_last_error());
  throw Error(Errc::crypto, std::string(path),
              fmt::format("cannot apply OpenSSL's configuration: {}", reason != nullptr ? reason : "unknown reason"),
              configuration_hint);
}

/// Returns the parsed file, null when it does not exist.
Configuration read_configuration(OSSL_LIB_CTX* context, const char* path) {
  Configuration configuration(NCONF_new_ex(context, nullptr));
  if (!configuration) refuse(path);
  if (NCONF_load(configuration.get(), path, nullptr) > 0) return configuration;
  const auto error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) == ERR_LIB_CONF && ERR_GET_REASON(error) == CONF_R_NO_SUCH_FILE) return {};
  refuse(path);
}

/// Returns whether a module of openssl.cnf configures one context. The others (engines, ssl_conf, oid_section, ...)
/// would change the whole process, which belongs to the application.
bool is_for_context(std::string_view module) {
  constexpr std::array<std::string_view, 3> names{"providers", "alg_section", "random"};
  return std::ranges::find(names, module.substr(0, module.find('.'))) != names.end();
}

/// Applies the modules in the section that `openssl_conf` names: providers, default properties, random generator.
bool apply(CONF* configuration) {
  const auto* section = NCONF_get_string(configuration, nullptr, "openssl_conf");
  if (section == nullptr) return true;
  auto* modules = NCONF_get_section(configuration, section);
  if (modules == nullptr) return false;
  std::vector<CONF_VALUE*> others;
  for (int i = sk_CONF_VALUE_num(modules); i-- > 0;) {
    if (!is_for_context(sk_CONF_VALUE_value(modules, i)->name)) others.push_back(sk_CONF_VALUE_delete(modules, i));
  }
  const bool applied = sk_CONF_VALUE_num(modules) == 0 || CONF_modules_load(configuration, nullptr, 0) > 0;
  for (auto* module : others) {
    sk_CONF_VALUE_push(modules, module);  // the configuration frees what its sections hold
  }
  return applied;
}

/// Applies openssl.cnf to `context` as OpenSSL does to the default context, but strictly: OpenSSL ignores a file that
/// it cannot apply and goes on with its default provider, also where the file asks for FIPS.
void configure(OSSL_LIB_CTX* context) {
  const OwnErrors errors;
  const std::unique_ptr<char, Free> path(CONF_get1_default_config_file());
  check(path != nullptr, "find the configuration");
  const auto configuration = read_configuration(context, path.get());
  if (configuration && !apply(configuration.get())) refuse(path.get());
}

EVP_MD* fetch_sha256() {
  auto* algorithm = EVP_MD_fetch(library_context(), "SHA256", nullptr);
  check(algorithm != nullptr, "find SHA-256");
  return algorithm;
}

}  // namespace

OSSL_LIB_CTX* make_context() {
  std::unique_ptr<OSSL_LIB_CTX, Free> created(OSSL_LIB_CTX_new());
  check(created != nullptr, "create a context");
  configure(created.get());
  return created.release();
}

OSSL_LIB_CTX* library_context() {
  // Never freed: threads may still use it while the process ends, after OpenSSL's own clean-up at exit.
  static OSSL_LIB_CTX* const context = make_context();
  return context;
}

std::string sha256(std::string_view content) {
  // Fetched once and never freed, like the context: OpenSSL would search its providers at every use.
  static const EVP_MD* const algorithm = fetch_sha256();
  std::string digest(32, '\0');
  check(EVP_Digest(content.data(), content.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, algorithm,
                   nullptr) == 1,
        "compute a SHA-256 digest");
  return digest;
}

std::string to_hex(std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * 2);
  for (const char c : octets) {
    text.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
    text.push_back(digits[static_cast<unsigned char>(c) & 0xfU]);
  }
  return text;
}

std::string sha256_hex(std::string_view content) { return to_hex(sha256(content)); }

bool is_sha256_hex(std::string_view text) noexcept {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace pki::base
