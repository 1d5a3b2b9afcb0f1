// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <pki/certificate.hpp>
#include <pki/error.hpp>
#include <pki/key.hpp>

#include "base/digest.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/certificate.hpp"
#include "crypto/verify.hpp"
#include "crypto/x509.hpp"

using namespace std::string_literals;

inline constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};
inline constexpr std::chrono::hours a_year{8760};

inline pki::CertSpec spec_of(pki::Profile profile, const std::string& common_name) {
  pki::CertSpec spec;
  spec.profile = profile;
  spec.common_name = common_name;
  spec.not_before = now;
  spec.not_after = now + a_year;
  return spec;
}

inline pki::Certificate self_sign(const pki::CertSpec& spec, const pki::PrivateKey& key) {
  return pki::crypto::self_sign(spec, pki::crypto::SigningKey(key));
}

/// Authority is a CA with its key.
struct Authority {
  pki::PrivateKey key;
  pki::Certificate certificate;
};

inline Authority make_authority(const std::string& name = "kubernetes",
                                pki::KeyAlgorithm algorithm = pki::KeyAlgorithm::ecdsa_p256) {
  auto key = pki::generate_private_key(algorithm);
  auto certificate = self_sign(spec_of(pki::Profile::ca, name), key);
  return {std::move(key), std::move(certificate)};
}

inline pki::Certificate sign(const pki::CertSpec& spec, const pki::PrivateKey& subject_key, const Authority& issuer) {
  return pki::crypto::sign(spec, pki::crypto::public_key_of(subject_key), issuer.certificate,
                           pki::crypto::SigningKey(issuer.key));
}

inline bool is_signed_by(const std::vector<pki::Certificate>& chain, const std::vector<pki::Certificate>& trusted) {
  return pki::crypto::TrustAnchors(trusted).have_signed(chain);
}

inline const pki::PrivateKey& a_key() {
  static const auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  return key;
}

inline std::string octets_of(const pki::Certificate& certificate) {
  const auto blocks = pki::crypto::find_pem_blocks(certificate.pem, std::string::npos, "test");
  return pki::crypto::decode_base64(blocks.at(0).body).value();
}

inline std::string hex_of(const pki::Certificate& certificate) { return pki::base::to_hex(octets_of(certificate)); }

/// Returns the pki::Error that `run` throws.
inline std::optional<pki::Error> error_of(const std::function<void()>& run) {
  try {
    run();
  } catch (const pki::Error& error) {
    return error;
  }
  return std::nullopt;
}
