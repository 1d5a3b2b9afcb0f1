// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <pki/abi.hpp>
#include <pki/certificate.hpp>
#include <pki/key.hpp>
#include <pki/secret.hpp>

namespace pki::inline PKI_ABI {

/// KubeconfigSpec is the part of a kubeconfig that does not depend on the kind of its credentials.
struct KubeconfigSpec {
  std::string cluster{"kubernetes"};           ///< name of the cluster entry
  std::string server{};                        ///< URL of the API server, "https://api.example.internal:6443"
  std::vector<Certificate> ca_certificates{};  ///< the CAs that the client trusts, with their PEM texts; at least one
  std::string user{};                          ///< name of the user entry
};

/// Returns a kubeconfig whose user has a bearer token, such as the bootstrap-kubelet.conf of a node that joins. It is
/// written as those of the catalog are: one cluster, one user, one context of both, everything embedded. Throws
/// Error(invalid_config) for an empty name or token, for one that is not UTF-8 or has control characters, for a server
/// without https, and without CAs.
PKI_EXPORT [[nodiscard]] SecretString to_kubeconfig(const KubeconfigSpec& spec, std::string_view token);

/// Returns a kubeconfig whose user has a client certificate: the first one of `chain`, which its intermediates follow.
/// Throws Error(invalid_config) as the other one does and for an empty chain, Error(mismatch) when `key` is not that of
/// the first certificate.
PKI_EXPORT [[nodiscard]] SecretString to_kubeconfig(const KubeconfigSpec& spec, std::span<const Certificate> chain,
                                                    const PrivateKey& key);

/// save_kubeconfig makes or replaces a file that belongs to no PKI and that only its owner may read (0600), atomically.
/// Its directory must exist. Throws Error(io).
PKI_EXPORT void save_kubeconfig(const std::filesystem::path& path, const SecretString& text);

}  // namespace pki::inline PKI_ABI
