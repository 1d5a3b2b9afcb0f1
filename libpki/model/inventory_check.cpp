// SPDX-License-Identifier: Apache-2.0
#include "model/inventory_check.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace pki::model {

void check_inventory(const Inventory& inventory) {
  const auto rows = inventory.catalog.rows();
  const auto is_entry_of = [](const Entry& entry, const CatalogRow& row) { return entry.row == &row; };
  const bool fits = !rows.empty() && std::ranges::equal(inventory.entries, rows, is_entry_of);
  if (fits) return;
  throw Error(
      Errc::mismatch, inventory.layout.certificates_dir.string(),
      fmt::format("an inventory of {} entries, expected one for each of the {} rows of its catalog, in its order",
                  inventory.entries.size(), rows.size()),
      "load the inventory from the directory");
}

void check_has_rows(const Inventory& inventory, const ClusterConfig& config) {
  if (!config.rows) return;
  const auto wanted = catalog_of(config);
  for (const auto& row : wanted.rows()) {
    const bool built_in = default_catalog().try_find_row(row.name) != nullptr;
    if (built_in || inventory.catalog.try_find_row(row.name) != nullptr) continue;
    throw Error(Errc::mismatch, inventory.layout.certificates_dir.string(),
                fmt::format("an inventory without the row {} of the configuration", row.name),
                "load the inventory with the configuration");
  }
}

std::vector<Finding> warnings_of_removed_rows(const Inventory& inventory) {
  std::vector<Finding> warnings;
  for (const auto& note : inventory.notes) {
    if (note.rule != Rule::row_removed) continue;
    warnings.push_back(note);
    warnings.back().severity = Severity::warning;
  }
  return warnings;
}

}  // namespace pki::model
