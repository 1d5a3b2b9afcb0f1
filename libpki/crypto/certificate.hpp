#pragma once

#include <pki/certificate.hpp>

#include "crypto/openssl.hpp"

namespace pki::crypto {

/// describe_certificate reads all facts of one DER certificate. Throws der::Malformed.
[[nodiscard]] Certificate describe_certificate(std::string_view octets);

/// to_handle is OpenSSL's form of a certificate, null when OpenSSL does not read it.
[[nodiscard]] Handle<X509> to_handle(const Certificate& certificate);

/// is_signed_with says that the key of `issuer` verifies the signature on `certificate`.
[[nodiscard]] bool is_signed_with(const Certificate& certificate, const Certificate& issuer);

}  // namespace pki::crypto
