#pragma once

#include <pki/certificate.hpp>
#include <pki/key.hpp>

#include "crypto/asn1/name.hpp"

namespace pki::crypto {

/// self_sign makes a CA certificate for `key`. The profile is that of DESIGN.md: v3, random serial, SHA-2, exactly the
/// usages of the spec's profile. Throws Error(invalid_config) for a spec that no certificate can say.
[[nodiscard]] Certificate self_sign(const CertSpec& spec, const PrivateKey& key);

/// sign makes a certificate for `subject_key`, signed by `issuer_key`. The issuer's name and key identifier are
/// copied from its certificate octet by octet; an issuer without one gives a certificate without one. Dates are the
/// spec's: that they lie within the issuer's is for the caller. Throws Error(mismatch) when `issuer_key` is not the
/// issuer's, Error(invalid_config) as above.
[[nodiscard]] Certificate sign(const CertSpec& spec, const PrivateKey& subject_key, const Certificate& issuer,
                               const PrivateKey& issuer_key);

/// random_serial gives 20 octets that hold 159 random bits, never all zero (RFC 5280 4.1.2.2: positive and no longer
/// than 20 octets). Throws Error(crypto).
[[nodiscard]] std::string random_serial();

}  // namespace pki::crypto
