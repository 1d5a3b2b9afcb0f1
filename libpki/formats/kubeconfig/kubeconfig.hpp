// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <pki/error.hpp>
#include <pki/secret.hpp>

namespace pki::formats {

/// KubeconfigContent is the content of a kubeconfig with embedded credentials: a certificate with its key, or a token.
struct KubeconfigContent {
  std::string cluster;  ///< name of the cluster entry
  std::string server;   ///< URL
  std::string ca_pem;
  std::string user;  ///< name of the user entry
  std::string certificate_pem{};
  SecretString key_pem{};
  std::string key_file{};  ///< names the file of the key where `key_pem` is empty
  SecretString token{};
  std::string server_name{};  ///< tls-server-name; empty: the host of `server`
};

/// Returns a kubeconfig as kubeadm writes it: one cluster, one user, the context USER@CLUSTER, everything embedded,
/// fields in alphabetical order.
[[nodiscard]] SecretString to_kubeconfig(const KubeconfigContent& content);

/// Kubeconfig is the content of a kubeconfig's current context. Missing fields are empty, and so is the name of a file
/// beside the data: for client-go the data takes precedence.
struct Kubeconfig {
  std::string context;
  std::string cluster;
  std::string user;
  std::string server;
  std::string ca_pem;                   ///< certificate-authority-data, decoded
  std::string ca_file;                  ///< certificate-authority
  std::string client_certificate_pem;   ///< client-certificate-data, decoded
  std::string client_certificate_file;  ///< client-certificate
  SecretString client_key_pem;          ///< client-key-data, decoded
  std::string client_key_file;          ///< client-key
  std::vector<std::string> overridden;  ///< the fields for files that are set beside their data
  bool skips_verification{false};       ///< insecure-skip-tls-verify: the API server's certificate is not verified
  bool other_credentials{false};        ///< a token, a password or a plugin that supplies credentials
};

/// parse_kubeconfig reads a kubeconfig, YAML or JSON, of at most 512 KiB. `subject` names the file in errors. The
/// decoded PEM texts are not parsed. Throws Error(malformed), with the line if there is one: not YAML, no current
/// context, or no context, cluster or user of the required name.
[[nodiscard]] Kubeconfig parse_kubeconfig(const SecretString& text, const std::string& subject);

/// Returns the text with a new certificate and key for the user of the current context and, with `ca_pem`, new CA
/// certificates for its cluster. Every other byte is kept: comments, order, other entries. Throws Error(malformed) as
/// parse_kubeconfig does, and when a value to be replaced is not embedded.
[[nodiscard]] SecretString replace_credentials(const SecretString& text, const std::string& subject,
                                               const std::string& certificate_pem, const SecretString& key_pem,
                                               const std::optional<std::string>& ca_pem = std::nullopt);

/// EmbeddedCertificate is one certificate-authority-data or client-certificate-data of a kubeconfig.
struct EmbeddedCertificate {
  std::string where;    ///< "users[0] kubernetes-admin"
  std::string pem;      ///< decoded; empty with a problem
  std::string problem;  ///< empty: valid base64
};

/// Returns the embedded certificates of all clusters, then of all users, in the order of the file, whatever the current
/// context is. Throws Error(malformed) when the text is not YAML or not an object.
[[nodiscard]] std::vector<EmbeddedCertificate> embedded_certificates(const SecretString& text,
                                                                     const std::string& subject);

/// Returns the path that a reference in a kubeconfig names: as for client-go, one that is not absolute is relative to
/// the directory of the kubeconfig. Empty for an empty reference.
[[nodiscard]] std::filesystem::path resolve_reference(const std::filesystem::path& kubeconfig,
                                                      const std::string& reference);

/// CertificateReference is one certificate-authority or client-certificate of a kubeconfig.
struct CertificateReference {
  std::string where;           ///< as EmbeddedCertificate::where
  std::filesystem::path file;  ///< resolved; empty with a problem
  std::string problem;         ///< empty: a path
};

/// Returns the certificate files that all clusters, then all users refer to, in the order of the file, whatever the
/// current context is; without those beside data, which takes precedence. `kubeconfig` is the path of the text, and the
/// subject of errors. Throws Error(malformed) as embedded_certificates does.
[[nodiscard]] std::vector<CertificateReference> certificate_references(const SecretString& text,
                                                                       const std::filesystem::path& kubeconfig);

}  // namespace pki::formats
