// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <pki/certificate.hpp>

#include "crypto/openssl.hpp"

namespace pki::crypto {

/// Returns all facts of one DER certificate. Throws der::Malformed.
[[nodiscard]] Certificate describe_certificate(std::string_view octets);

/// Returns whether a DER certificate has a critical extension that its facts do not show. Throws der::Malformed.
[[nodiscard]] bool has_other_critical_extension(std::string_view octets);

/// Returns OpenSSL's form of a certificate, null when OpenSSL cannot read it. OpenSSL decodes the public key with it,
/// which takes longer than to verify a signature: keep the handle of an issuer.
[[nodiscard]] Handle<X509> to_handle(const Certificate& certificate);

/// Returns whether OpenSSL verifies the signature on `certificate` with the public key of `issuer`.
[[nodiscard]] bool verify_signature(X509* certificate, X509* issuer);

}  // namespace pki::crypto
