#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include <pki/inventory.hpp>

#include "disk/file.hpp"
#include "disk/unmanaged_files.hpp"

namespace pki::verbs {

/// Reader returns the content of a file of a layout, from the disk or staged for it.
using Reader = std::function<disk::Found(const std::filesystem::path& path, const disk::ReadRules& rules)>;

/// Outside is what an inventory has from outside of its layout.
struct Outside {
  /// Returns a file to which a kubeconfig refers, or that the configuration names. Empty: none is read.
  std::function<disk::UnmanagedFile(const std::filesystem::path& path)> read{};
  std::optional<ExternalEtcd> etcd{};  ///< the configured one
};

/// assemble reads the files of every row, one after the other, and parses them on all cores. A file that is invalid
/// becomes a problem of its entry.
[[nodiscard]] Inventory assemble(const Layout& layout, const Reader& read, KeyCheck check = KeyCheck::sign_and_verify,
                                 const Catalog& catalog = default_catalog(), const Outside& outside = {});

}  // namespace pki::verbs
