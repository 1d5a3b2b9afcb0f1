// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_signing.hpp"

#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/key.hpp"
#include "crypto/key_ed25519.hpp"
#include "crypto/key_store.hpp"
#include "crypto/openssl.hpp"

namespace pki::crypto {

namespace {

/// Scheme is a digest and the DER AlgorithmIdentifier of signatures with it.
struct Scheme {
  const char* digest;
  std::string_view algorithm;
};

constexpr Scheme rsa_sha256{"SHA256", {"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", 15}};
constexpr Scheme ecdsa_sha256{"SHA256", {"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 12}};
constexpr Scheme ecdsa_sha384{"SHA384", {"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03", 12}};
constexpr Scheme ecdsa_sha512{"SHA512", {"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04", 12}};

constexpr Scheme ed25519{nullptr, {"\x30\x05\x06\x03\x2b\x65\x70", 7}};  // has its own digest (RFC 8410 6)

const Scheme& scheme_for(const PublicKey& key) {
  if (key.algorithm == ed25519_name) return ed25519;
  const auto* curve = try_find_curve_by_algorithm(key.algorithm);
  if (curve == nullptr) return rsa_sha256;
  return curve->size == 32 ? ecdsa_sha256 : curve->size == 48 ? ecdsa_sha384 : ecdsa_sha512;
}

bool is_supported(const std::string& algorithm) {
  return algorithm.starts_with("RSA-") || algorithm == ed25519_name ||
         try_find_curve_by_algorithm(algorithm) != nullptr;
}

/// Returns the public half of a key that a provider keeps, as certificates hold it.
PublicKey public_half(const StoredKey& key) {
  unsigned char* octets = nullptr;
  const auto size = i2d_PUBKEY(key.handle.get(), &octets);
  check(size > 0 ? 1 : 0, "read the public key", key.uri);
  PublicKey half;
  half.spki.assign(reinterpret_cast<const char*>(octets), static_cast<std::size_t>(size));
  OPENSSL_free(octets);
  try {
    half.algorithm = algorithm_of(half.spki);
  } catch (const der::Malformed& problem) {
    throw Error(Errc::crypto, key.uri, fmt::format("its public key does not parse: {}", problem.what()));
  }
  half.sha256 = base::to_hex(sha256(half.spki));
  if (!is_supported(half.algorithm))
    throw Error(
        Errc::crypto, key.uri,
        fmt::format("a key with {}, expected RSA, ECDSA with P-256, P-384 or P-521, or Ed25519", half.algorithm));
  return half;
}

}  // namespace

struct SigningKey::State {
  std::string uri;                           ///< empty: the key is in memory
  std::shared_ptr<ProviderContext> context;  ///< null: the library's; freed after the handle
  Handle<EVP_PKEY> handle;
  PublicKey public_key;
  const Scheme& scheme;
  /// Why the provider refused to sign; empty as long as it signs. Guarded by the mutex of the context.
  mutable std::string refusal{};

  State(Handle<EVP_PKEY> decoded, PublicKey half)
      : handle(std::move(decoded)), public_key(std::move(half)), scheme(scheme_for(public_key)) {}
  State(StoredKey stored, PublicKey half)
      : uri(std::move(stored.uri)),
        context(std::move(stored.context)),
        handle(std::move(stored.handle)),
        public_key(std::move(half)),
        scheme(scheme_for(public_key)) {}

  [[nodiscard]] std::string sign(std::string_view octets) const {
    const auto made = own(EVP_MD_CTX_new(), "sign", uri);
    auto* library = context ? context->context.get() : library_context();
    const auto* properties = context ? context->properties.c_str() : nullptr;
    std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(handle.get())), '\0');
    auto size = signature.size();
    if (EVP_DigestSignInit_ex(made.get(), nullptr, scheme.digest, library, properties, handle.get(), nullptr) != 1 ||
        EVP_DigestSign(made.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(octets),
                       octets.size()) != 1)
      throw Error(Errc::crypto, uri, "cannot sign: " + last_reason_of_provider());
    signature.resize(size);
    return signature;
  }

  // Every certificate of a plan is signed by threads; after the first refusal none of them asks again.
  [[nodiscard]] std::string sign_alone(std::string_view octets) const {
    const std::lock_guard guard(context->mutex);
    if (!refusal.empty()) throw Error(Errc::crypto, uri, refusal);
    try {
      return sign(octets);
    } catch (const Error& error) {
      refusal = error.message();
      throw;
    }
  }
};

SigningKey::SigningKey(const PrivateKey& key) {
  const QuietErrors quiet;
  const CleanStack clean;
  state_ = std::make_unique<const State>(to_handle(key), public_key_of(key));
}

SigningKey::SigningKey(StoredKey key) {
  const QuietErrors quiet;
  auto half = public_half(key);
  state_ = std::make_unique<const State>(std::move(key), std::move(half));
}

SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

const PublicKey& SigningKey::public_key() const noexcept { return state_->public_key; }

const char* SigningKey::digest() const noexcept { return state_->scheme.digest; }

std::string_view SigningKey::signature_algorithm() const noexcept { return state_->scheme.algorithm; }

std::string SigningKey::sign(std::string_view octets) const {
  const QuietErrors quiet;
  const CleanStack clean;
  return state_->context ? state_->sign_alone(octets) : state_->sign(octets);
}

}  // namespace pki::crypto
