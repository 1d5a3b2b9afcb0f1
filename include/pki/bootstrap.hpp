// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include <pki/abi.hpp>
#include <pki/secret.hpp>

namespace pki::inline PKI_ABI {

/// generate_bootstrap_token returns a new token with which a kubelet asks for its first certificate: "ID.SECRET", 6 and
/// 16 random characters of a-z and 0-9 (Kubernetes document "Authenticating with Bootstrap Tokens"). Throws
/// Error(crypto) when there is no randomness.
PKI_EXPORT [[nodiscard]] SecretString generate_bootstrap_token();

/// Returns whether `text` has the form of such a token.
PKI_EXPORT [[nodiscard]] bool is_bootstrap_token(std::string_view text) noexcept;

/// Returns what makes a cluster accept the token until `expires`, for `kubectl apply -f -`: the Secret
/// bootstrap-token-ID of kube-system, and the three ClusterRoleBindings by which its bearers may ask for the
/// certificate of a node, which is approved without anybody, and nodes may renew their own. The bindings are those of
/// kubeadm. As JSON, of kind List; it holds the token. Throws Error(invalid_config) for anything that is no such token,
/// whose text is not in the message.
PKI_EXPORT [[nodiscard]] SecretString bootstrap_manifests_to_json(std::string_view token,
                                                                  std::chrono::sys_seconds expires);
/// Returns the same manifests as YAML.
PKI_EXPORT [[nodiscard]] SecretString bootstrap_manifests_to_yaml(std::string_view token,
                                                                  std::chrono::sys_seconds expires);

}  // namespace pki::inline PKI_ABI
