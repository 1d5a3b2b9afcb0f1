// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include <pki/inventory.hpp>

#include "disk/sys.hpp"
#include "disk/unmanaged_files.hpp"

namespace pki::verbs {

/// LoadRequest holds the arguments of pki::load, and the hooks of the disk room, so that tests can change files between
/// two reads.
struct LoadRequest {
  KeyCheck check;
  const std::optional<Catalog>& catalog;  ///< empty: that of the configuration
  const ClusterConfig* config;            ///< null: the saved one
  const disk::Hooks& hooks;
  Links links{Links::refuse};
};

/// Returns a file that others maintain, through symbolic links: it may be anywhere.
[[nodiscard]] disk::UnmanagedFile read_outside(const std::filesystem::path& path);

/// load is pki::load with hooks.
[[nodiscard]] Inventory load(const Layout& layout, const LoadRequest& request);

}  // namespace pki::verbs
