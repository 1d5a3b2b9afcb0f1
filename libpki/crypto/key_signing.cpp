// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_signing.hpp"

#include "crypto/key.hpp"
#include "crypto/key_ed25519.hpp"
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

}  // namespace

struct SigningKey::State {
  Handle<EVP_PKEY> handle;
  PublicKey public_key;
  const Scheme& scheme;

  State(Handle<EVP_PKEY> decoded, PublicKey half)
      : handle(std::move(decoded)), public_key(std::move(half)), scheme(scheme_for(public_key)) {}
};

SigningKey::SigningKey(const PrivateKey& key) {
  const QuietErrors quiet;
  const CleanStack clean;
  state_ = std::make_unique<const State>(to_handle(key), public_key_of(key));
}
SigningKey::SigningKey(SigningKey&&) noexcept = default;
SigningKey& SigningKey::operator=(SigningKey&&) noexcept = default;
SigningKey::~SigningKey() = default;

const PublicKey& SigningKey::public_key() const noexcept { return state_->public_key; }

std::string_view SigningKey::signature_algorithm() const noexcept { return state_->scheme.algorithm; }

std::string SigningKey::sign(std::string_view octets) const {
  const QuietErrors quiet;
  const CleanStack clean;
  auto* key = state_->handle.get();
  const auto context = own(EVP_MD_CTX_new(), "sign");
  check(EVP_DigestSignInit_ex(context.get(), nullptr, state_->scheme.digest, library_context(), nullptr, key, nullptr),
        "sign");
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)), '\0');
  auto size = signature.size();
  check(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(octets),
                       octets.size()),
        "sign");
  signature.resize(size);
  return signature;
}

}  // namespace pki::crypto
