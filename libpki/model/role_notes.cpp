// SPDX-License-Identifier: Apache-2.0
#include "model/role_notes.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "base/words.hpp"

namespace pki::model {

namespace {

using Findings = std::vector<Finding>;

// A symbolic link that leads nowhere has its own note.
bool has_note_about(const Inventory& inventory, const std::filesystem::path& path) {
  return std::ranges::find(inventory.notes, path.string(), &Finding::subject) != inventory.notes.end();
}

void note_directories(const HostRole& host, const Inventory& inventory, Findings& notes) {
  const auto& [certificates_dir, kubeconfig_dir] = inventory.layout;
  if (!inventory.certificates_dir_exists && !has_note_about(inventory, certificates_dir))
    notes.push_back(
        {Rule::not_found, Severity::error, certificates_dir.string(), "does not exist, expected a directory"});
  if (lacks_kubeconfigs(host, inventory))
    notes.push_back({Rule::kubeconfigs_not_found,
                     Severity::warning,
                     kubeconfig_dir.string(),
                     "no kubeconfig is in this directory",
                     {},
                     {Remedy::Kind::name_kubeconfigs, {}}});
}

void note_role(const HostRole& host, const Inventory& inventory, Findings& notes) {
  std::vector<std::string> names;
  for (const auto& row : inventory.catalog.rows())
    if (row.roles.contains(host.role)) names.emplace_back(row.name);
  notes.push_back({Rule::role_inferred, Severity::info, inventory.layout.certificates_dir.string(),
                   fmt::format("no configuration names the role of this host: taken for {}, which has {}",
                               noun(host.role), base::join(names))});
}

}  // namespace

std::vector<Finding> notes_on_role(const HostRole& host, const Inventory& inventory) {
  Findings notes;
  note_directories(host, inventory, notes);
  if (host.inferred && host.role != Role::first_control_plane) note_role(host, inventory, notes);
  if (host.etcd_inferred) notes.push_back(etcd_note(host, inventory));
  return notes;
}

}  // namespace pki::model
