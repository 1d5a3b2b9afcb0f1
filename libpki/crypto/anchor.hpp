// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <pki/certificate.hpp>

#include "crypto/openssl.hpp"
#include "crypto/verify.hpp"

// One question to OpenSSL's verification: a certificate, intermediates, one trust anchor.
namespace pki::crypto {

/// most_signatures limits what is verified for one chain, whatever a file holds; Go has the same limit.
inline constexpr std::size_t most_signatures = 100;

/// Anchor is a trusted certificate, which threads may share.
struct Anchor {
  Handle<X509> handle;
  Handle<X509_STORE> store;  // which holds nothing else
  Certificate facts;
  std::size_t number;  // position among the trusted certificates, from 1
};

/// Returns the anchors of certificates, without those that OpenSSL cannot read.
[[nodiscard]] std::vector<Anchor> anchors_of(std::span<const Certificate> trusted);

/// Verification is the input of one run of OpenSSL's verification.
struct Verification {
  X509* certificate;
  const Anchor& anchor;
  STACK_OF(X509) * intermediates;
  std::optional<std::chrono::sys_seconds> at;  ///< empty: dates are ignored
  Strictness strictness;
};

/// Outcome is X509_V_OK or OpenSSL's reason, and the certificate that it is about; null if unknown.
struct Outcome {
  int reason;
  const X509* at;
};

/// Returns the purposes of a certificate of this profile, in OpenSSL's numbers.
[[nodiscard]] std::vector<int> purposes_of(Profile profile);

/// Verifies a certificate for every purpose of the profile.
[[nodiscard]] Outcome verify_for_all(const Verification& input, Profile profile);

/// Returns whether an anchor was just not the right one. Any other reason is worth more to the reader.
[[nodiscard]] bool is_no_issuer(int reason);

}  // namespace pki::crypto
