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

}  // namespace pki::model
