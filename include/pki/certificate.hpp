// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/abi.hpp>
#include <pki/catalog.hpp>

namespace pki::inline PKI_ABI {

/// GeneralName is one subject alternative name (RFC 5280 4.2.1.6).
struct GeneralName {
  /// Kind is the choice of the name; `other` is each one that the remaining kinds do not cover.
  enum class Kind { dns, ip, email, uri, other };
  Kind kind{Kind::dns};  ///< determines how `value` is read
  /// The text of the name, an address in its shortest form; for `other` the raw DER GeneralName.
  std::string value{};

  friend bool operator==(const GeneralName&, const GeneralName&) = default;
  friend auto operator<=>(const GeneralName&, const GeneralName&) = default;
};

/// Returns a name as lists of names show it: in quotes where it has blanks or commas and could be taken for several
/// names; "(another kind of name)" for Kind::other.
PKI_EXPORT [[nodiscard]] std::string to_text(const GeneralName& name);

/// Returns a text as an IP address or a DNS name, which may begin with "*."; of Kind::other where it is neither.
PKI_EXPORT [[nodiscard]] GeneralName parse_general_name(std::string_view text);

/// CertSpec is the content of a certificate that is to be signed.
struct CertSpec {
  Profile profile{Profile::client};          ///< the purpose, with its key usages
  std::string common_name{};                 ///< CN of the subject
  std::vector<std::string> organizations{};  ///< O of the subject: Kubernetes groups
  std::string subject_der{};        ///< if not empty, used byte for byte instead of the two names above (renewal)
  std::vector<GeneralName> sans{};  ///< subject alternative names, in order
  /// If not empty, replaces the usages of the profile (renewal): "serverAuth" or a dotted OID.
  std::vector<std::string> extended_key_usages{};
  std::optional<int> path_length{};       ///< CAs only: pathLenConstraint (RFC 5280 4.2.1.9); empty: none
  std::chrono::sys_seconds not_before{};  ///< inclusive (RFC 5280 4.1.2.5)
  std::chrono::sys_seconds not_after{};   ///< inclusive

  friend bool operator==(const CertSpec&, const CertSpec&) = default;
};

/// Certificate is one X.509 certificate as found: its facts, none of them verified, and its PEM text.
struct Certificate {
  std::string pem{};                               ///< one CERTIFICATE block
  std::string subject{};                           ///< RFC 4514 text, for people
  std::string issuer{};                            ///< the same of the issuer
  std::string subject_der{};                       ///< raw DER of the Name
  std::string issuer_der{};                        ///< the same of the issuer
  std::string common_name{};                       ///< the first CN; empty without one
  std::vector<std::string> organizations{};        ///< every O of the subject, in order
  std::string serial{};                            ///< lower-case hex, no leading zeros
  std::chrono::sys_seconds not_before{};           ///< the first second in which it is valid
  std::chrono::sys_seconds not_after{};            ///< the last second in which it is valid
  bool is_ca{false};                               ///< basicConstraints CA:TRUE
  std::optional<int> path_length{};                ///< pathLenConstraint; empty without one
  bool can_sign{false};                            ///< is_ca, and keyUsage absent or with keyCertSign
  bool self_signed{false};                         ///< subject equals issuer and its own key verifies the signature
  std::vector<std::string> extended_key_usages{};  ///< "serverAuth", "clientAuth", other usages as dotted OID
  std::vector<GeneralName> sans{};                 ///< subject alternative names, in order
  std::string key_algorithm{};                     ///< as PrivateKey::algorithm
  std::string signature_algorithm{};               ///< OpenSSL's long name, "sha256WithRSAEncryption"
  std::string public_key_sha256{};                 ///< as PrivateKey::public_key_sha256
  std::string subject_key_id{};                    ///< lower-case hex; empty without one
  std::string authority_key_id{};                  ///< the same of the issuer's key
  bool subject_key_id_critical{false};             ///< marked critical, which Go refuses
  bool authority_key_id_critical{false};           ///< marked critical, which Go refuses

  friend bool operator==(const Certificate&, const Certificate&) = default;
};

/// Returns the certificate of every CERTIFICATE block of a PEM text, in order; other blocks are ignored. `subject`
/// names the text in errors. Throws Error(malformed) when there is no such block or one does not parse.
PKI_EXPORT [[nodiscard]] std::vector<Certificate> parse_certificates(std::string_view pem, const std::string& subject);

/// Returns the hash by which a node that joins recognises the CA of its cluster, as kubeadm's
/// --discovery-token-ca-cert-hash: "sha256:" and the lower-case hex SHA-256 of the DER SubjectPublicKeyInfo.
PKI_EXPORT [[nodiscard]] std::string discovery_hash(const Certificate& ca);

}  // namespace pki::inline PKI_ABI
