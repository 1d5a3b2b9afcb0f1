#pragma once

#include <filesystem>
#include <string>

#include <pki/inventory.hpp>

namespace pki::model {

/// Returns how the subject of a client certificate contradicts `row`, in words; empty where it does not. Both namings
/// and the groups of earlier kubeadms are right. A name or a group of another row contradicts it, and where Kubernetes
/// prescribes the name ("system:..."), any other name and the lack of the group.
[[nodiscard]] std::string foreign_identity(const Certificate& certificate, const CatalogRow& row,
                                           const Catalog& catalog);

/// Returns whether the kubelet renews the certificate to which a kubeconfig refers: it does so in one file alone.
[[nodiscard]] bool is_renewed_by_kubelet(const Entry& entry);

/// Returns whether a path is that file of the kubelet.
[[nodiscard]] bool is_kubelet_credential(const std::filesystem::path& path);

}  // namespace pki::model
