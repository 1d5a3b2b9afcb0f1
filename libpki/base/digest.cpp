#include "base/digest.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <openssl/evp.h>

#include <pki/error.hpp>

namespace pki::base {

namespace {

void check(bool done, const char* action) {
  if (!done) throw Error(Errc::crypto, {}, fmt::format("cannot {} with OpenSSL", action));
}

EVP_MD* fetch_sha256() {
  auto* algorithm = EVP_MD_fetch(library_context(), "SHA256", nullptr);
  check(algorithm != nullptr, "find SHA-256");
  return algorithm;
}

}  // namespace

OSSL_LIB_CTX* library_context() {
  // Never freed: threads may still use it while the process ends, after OpenSSL's own clean-up at exit.
  static OSSL_LIB_CTX* const context = [] {
    auto* created = OSSL_LIB_CTX_new();
    check(created != nullptr, "create a context");
    return created;
  }();
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

std::string sha256_hex(std::string_view content) {
  std::string hex;
  for (const char c : sha256(content)) {
    hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return hex;
}

bool is_sha256_hex(std::string_view text) noexcept {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace pki::base
