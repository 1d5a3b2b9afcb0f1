// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <pki/certificate.hpp>

#include "crypto/asn1/name.hpp"
#include "crypto/key_public.hpp"
#include "crypto/key_signing.hpp"

namespace pki::crypto {

/// Returns 20 octets with 159 random bits, never all zero (RFC 5280 4.1.2.2: positive, at most 20 octets). Throws
/// Error(crypto).
[[nodiscard]] std::string random_serial();

/// Returns a CA certificate for `key`, signed with it: X.509 v3, SHA-2, exactly the usages of the spec's profile.
/// `serial` is the number's octets, the highest first. Throws Error(invalid_config) for a spec that no certificate can
/// express, and for a serial number that is not positive or has more than 20 octets.
[[nodiscard]] Certificate self_sign(const CertSpec& spec, const SigningKey& key,
                                    const std::string& serial = random_serial());

/// Returns a certificate for `subject_key`, signed with `issuer_key`. The issuer's name and key identifier are copied
/// from its certificate octet by octet; an issuer without an identifier leads to a certificate without one. The
/// validity period is the spec's: the caller keeps it within the issuer's. Throws Error(mismatch) when `issuer_key` is
/// not the issuer's, Error(invalid_config) as above.
[[nodiscard]] Certificate sign(const CertSpec& spec, const PublicKey& subject_key, const Certificate& issuer,
                               const SigningKey& issuer_key, const std::string& serial = random_serial());

/// Returns the DER of the subject of a spec: its own octets, or a Name of its common name and organizations. Throws
/// Error(invalid_config) for a name that no certificate can express.
[[nodiscard]] std::string subject_of(const CertSpec& spec);
/// Returns whether the DER of a Name has no attributes.
[[nodiscard]] bool is_empty_name(std::string_view name) noexcept;

}  // namespace pki::crypto
