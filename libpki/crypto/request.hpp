// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <pki/certificate.hpp>
#include <pki/key.hpp>
#include <pki/request.hpp>

#include "crypto/key_public.hpp"

namespace pki::crypto {

/// Returns a PKCS #10 request (RFC 2986) for `key`, signed with it: the subject, names and usages of the spec, without
/// dates. Throws Error(invalid_config) for a spec that no request can express, Error(crypto).
[[nodiscard]] CertificateRequest make_request(const CertSpec& spec, const PrivateKey& key);

/// Returns the public key of a request. Throws Error(malformed).
[[nodiscard]] PublicKey public_key_of(const CertificateRequest& request);

}  // namespace pki::crypto
