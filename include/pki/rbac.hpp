// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <pki/abi.hpp>

namespace pki::inline PKI_ABI {

/// Returns the ClusterRoleBinding (rbac.authorization.k8s.io/v1) that grants the group of admin.conf its rights: the
/// group has none of its own (KEP-4214), and kubeadm creates the same binding. As JSON.
PKI_EXPORT [[nodiscard]] std::string admin_binding_to_json();
/// Returns the same manifest as YAML.
PKI_EXPORT [[nodiscard]] std::string admin_binding_to_yaml();

}  // namespace pki::inline PKI_ABI
