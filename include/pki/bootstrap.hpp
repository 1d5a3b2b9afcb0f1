// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include <pki/abi.hpp>
#include <pki/secret.hpp>

namespace pki::inline PKI_ABI {

/// The form of a bootstrap token, for messages (Kubernetes document "Authenticating with Bootstrap Tokens").
inline constexpr std::string_view bootstrap_token_form = "ID.SECRET, 6 and 16 characters of a-z and 0-9";

/// generate_bootstrap_token returns a new random token of that form, with which a kubelet asks for its first
/// certificate. Throws Error(crypto) when there is no randomness.
PKI_EXPORT [[nodiscard]] SecretString generate_bootstrap_token();

/// Returns whether `text` has the form of such a token.
PKI_EXPORT [[nodiscard]] bool is_bootstrap_token(std::string_view text) noexcept;

/// Returns what makes a cluster accept the token until `expires`, for `kubectl apply -f -`: the Secret
/// bootstrap-token-ID of kube-system, and the three ClusterRoleBindings with which whoever has the token may ask for
/// the certificate of a node, the controller manager approves it, and nodes may renew their own. The bindings are those
/// of kubeadm. As JSON, of kind List; it holds the token. Throws Error(invalid_config) for anything that is no such
/// token, whose text is not in the message.
PKI_EXPORT [[nodiscard]] SecretString bootstrap_manifests_to_json(std::string_view token,
                                                                  std::chrono::sys_seconds expires);
/// Returns the same manifests as YAML.
PKI_EXPORT [[nodiscard]] SecretString bootstrap_manifests_to_yaml(std::string_view token,
                                                                  std::chrono::sys_seconds expires);

}  // namespace pki::inline PKI_ABI
