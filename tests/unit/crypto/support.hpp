#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <pki/certificate.hpp>
#include <pki/error.hpp>
#include <pki/key.hpp>

#include "crypto/asn1/der.hpp"
#include "crypto/asn1/pem.hpp"
#include "crypto/certificate.hpp"
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

/// Authority is a CA with its key.
struct Authority {
  pki::PrivateKey key;
  pki::Certificate certificate;
};

inline Authority make_authority(const std::string& name = "kubernetes",
                                pki::KeyAlgorithm algorithm = pki::KeyAlgorithm::ecdsa_p256) {
  auto key = pki::generate_private_key(algorithm);
  auto certificate = pki::crypto::self_sign(spec_of(pki::Profile::ca, name), key);
  return {std::move(key), std::move(certificate)};
}

inline const pki::PrivateKey& a_key() {
  static const auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256);
  return key;
}

inline std::string octets_of(const pki::Certificate& certificate) {
  const auto blocks = pki::crypto::find_pem_blocks(certificate.pem, std::string::npos, "test");
  return pki::crypto::decode_base64(blocks.at(0).body).value();
}

inline std::string hex_of(const pki::Certificate& certificate) {
  return pki::crypto::der::to_hex(octets_of(certificate));
}

/// error_of runs something that must throw pki::Error, and gives that.
inline std::optional<pki::Error> error_of(const std::function<void()>& run) {
  try {
    run();
  } catch (const pki::Error& error) {
    return error;
  }
  return std::nullopt;
}
