// SPDX-License-Identifier: Apache-2.0
#include <pki/assemble.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "verbs/assemble.hpp"

namespace pki::inline PKI_ABI {

namespace {

/// Stored is a file that is not on a disk.
struct Stored {
  SecretString content;
  unsigned mode{0600};
};

using Lookup = std::function<std::optional<Stored>(const std::filesystem::path& path)>;

// A file outside of the layout is not on the disk either.
Inventory assemble_from(const Layout& layout, const Lookup& look_up, KeyCheck check,
                        const std::optional<Catalog>& catalog, const ClusterConfig* config) {
  const auto read = [&](const std::filesystem::path& path, const disk::ReadRules& rules) {
    auto stored = look_up(path);
    return stored ? disk::to_found(path, std::move(stored->content), stored->mode, rules) : disk::Found{};
  };
  const auto read_outside = [&](const std::filesystem::path& path) {
    auto stored = look_up(path);
    return disk::to_unmanaged_file(path, stored ? std::optional(std::move(stored->content)) : std::nullopt,
                                   verbs::outside_limit);
  };
  auto inventory = verbs::assemble_all(layout, {read, read_outside, config}, check, catalog);
  inventory.certificates_dir_exists = std::ranges::any_of(inventory.entries, [](const Entry& entry) {
    return entry.row->form != Form::kubeconfig && !entry.external_etcd && !entry.absent();
  });
  return inventory;
}

}  // namespace

Inventory assemble(const Layout& layout, std::span<const File> files, KeyCheck check,
                   const std::optional<Catalog>& catalog, const ClusterConfig* config) {
  std::map<std::filesystem::path, const File*> by_path;
  for (const auto& file : files)
    by_path[file.path.lexically_normal()] = &file;
  const auto look_up = [&](const std::filesystem::path& path) -> std::optional<Stored> {
    const auto found = by_path.find(path.lexically_normal());
    if (found == by_path.end()) return std::nullopt;
    return Stored{found->second->content, found->second->mode};
  };
  return assemble_from(layout, look_up, check, catalog, config);
}

Inventory assemble(const Layout& layout, const FileReader& read, KeyCheck check, const std::optional<Catalog>& catalog,
                   const ClusterConfig* config) {
  const auto look_up = [&](const std::filesystem::path& path) -> std::optional<Stored> {
    auto content = read(path);
    if (!content) return std::nullopt;
    return Stored{*std::move(content)};
  };
  return assemble_from(layout, look_up, check, catalog, config);
}

}  // namespace pki::inline PKI_ABI
