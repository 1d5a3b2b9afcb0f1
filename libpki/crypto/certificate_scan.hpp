// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/certificate.hpp>

namespace pki::crypto {

/// ScannedCertificate is one certificate of a file that other programs maintain, or the reason why it cannot be read.
struct ScannedCertificate {
  std::optional<Certificate> certificate{};
  std::string problem{};  ///< empty with a certificate
  std::size_t number{1};  ///< its position among the certificates of the file
  /// It has a critical extension that its facts do not show, so that a verifier may refuse it whatever its chain is.
  bool other_critical{false};
};

/// Claim is what a file is said to be, by its name for example.
enum class Claim {
  certificates,  ///< each block that does not parse is invalid
  text,          ///< a block that is no certificate may be an example, a template or a test of a program
};

/// Returns whether the first line of a text begins a block with a certificate.
[[nodiscard]] bool begins_with_certificate(std::string_view text);

/// Returns the certificates of all PEM blocks CERTIFICATE, X509 CERTIFICATE and TRUSTED CERTIFICATE, which may be
/// indented, as in YAML. Each is read separately, so that an invalid one does not hide the others. All invalid ones
/// together are one result, because a text of ten thousand BEGIN lines is one thing that is wrong. Empty without
/// blocks.
[[nodiscard]] std::vector<ScannedCertificate> scan_pem(std::string_view text, Claim claim);

/// Returns the certificates of PEM blocks that begin anywhere in a line, with line breaks written as \n where they are
/// in a JSON string, for example. What does not parse is ignored.
[[nodiscard]] std::vector<ScannedCertificate> scan_quoted_pem(std::string_view text);

/// Returns the certificate of a file that is DER as a whole, or the reason why it cannot be read where it begins like a
/// certificate. Nothing for any other file.
[[nodiscard]] std::optional<ScannedCertificate> scan_der(std::string_view octets);

/// Returns whether a text holds a PEM block of a private key, encrypted or not, whatever else is in it.
[[nodiscard]] bool holds_private_key(std::string_view text);

/// Returns what a file without certificates is, by its first octets or the labels of its PEM blocks: "is a PKCS#12
/// file". Nothing where neither shows it.
[[nodiscard]] std::optional<std::string> describe_content(std::string_view octets);

}  // namespace pki::crypto
