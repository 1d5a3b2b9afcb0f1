// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <pki/inventory.hpp>

#include "disk/file.hpp"
#include "disk/unmanaged_files.hpp"

namespace pki::verbs {

/// Reader returns the content of a file of a layout, from the disk, staged for it, or in memory.
using Reader = std::function<disk::Found(const std::filesystem::path& path, const disk::ReadRules& rules)>;

/// OutsideReader returns a file to which a kubeconfig refers, or that the configuration names.
using OutsideReader = std::function<disk::UnmanagedFile(const std::filesystem::path& path)>;

/// Outside is what an inventory has from outside of its layout.
struct Outside {
  OutsideReader read{};                               ///< empty: nothing is read
  std::optional<ExternalEtcd> etcd{};                 ///< the configured one
  std::map<std::string, std::string> signing_keys{};  ///< as ClusterConfig::signing_keys
};

/// A larger file outside of the layout is not read.
inline constexpr std::size_t outside_limit = disk::certificate_limit;

/// assemble reads the files of every row, one after the other, and parses them on all cores. A file that is invalid
/// becomes a problem of its entry.
[[nodiscard]] Inventory assemble(const Layout& layout, const Reader& read, KeyCheck check = KeyCheck::sign_and_verify,
                                 const Catalog& catalog = default_catalog(), const Outside& outside = {});

/// Returns the saved configuration; empty without one.
[[nodiscard]] std::optional<ConfigFile> read_saved_config(const Layout& layout, const Reader& read);

/// Sources are what an inventory is made of, whatever they are read from.
struct Sources {
  Reader read;
  OutsideReader read_outside;
  const ClusterConfig* config{nullptr};  ///< names the external etcd and further rows; null: the saved one does
};

/// Returns `assemble` with the saved configuration and the files for the external etcd. Without `catalog` it is the
/// effective one of the configurations.
[[nodiscard]] Inventory assemble_all(const Layout& layout, const Sources& sources, KeyCheck check,
                                     const std::optional<Catalog>& catalog);

}  // namespace pki::verbs
