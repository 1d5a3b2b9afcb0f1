// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/config.hpp>
#include <pki/inventory.hpp>

namespace pki::model {

/// Returns how the subject of a client certificate contradicts `row`, in words; empty where it does not. Both namings
/// and the groups of earlier kubeadms are right. A name or a group of another row contradicts it, and where Kubernetes
/// prescribes the name ("system:..."), any other name and the lack of the group.
[[nodiscard]] std::string foreign_identity(const Certificate& certificate, const CatalogRow& row,
                                           const Catalog& catalog);

/// Returns whether a common name is that of `row` under either naming.
[[nodiscard]] bool has_usual_name(const Certificate& certificate, const CatalogRow& row, const ValidConfig& config);

/// Returns whether the organizations are those of `row` under either naming, or with another kubeadm: earlier ones made
/// the administrator a member of system:masters, and that of 1.36 names no group for a client that is no kubeconfig,
/// but binds a role to its name. Where organizations are no groups any are right.
[[nodiscard]] bool has_usual_groups(const Certificate& certificate, const CatalogRow& row);

/// Returns whether the kubelet renews the certificate to which a kubeconfig refers: it does so in one file alone.
[[nodiscard]] bool is_renewed_by_kubelet(const Entry& entry);

/// Returns whether a path is that file of the kubelet.
[[nodiscard]] bool is_kubelet_credential(const std::filesystem::path& path);

}  // namespace pki::model
