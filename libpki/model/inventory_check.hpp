// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <pki/inventory.hpp>

namespace pki::model {

/// Throws Error(mismatch) unless the inventory has one entry for each row of its catalog, in its order, and the catalog
/// has rows: an inventory that was not loaded would otherwise look like a PKI that needs nothing.
void check_inventory(const Inventory& inventory);

/// Throws Error(mismatch) where the catalog of the inventory lacks a row that the configuration adds: it would neither
/// be made nor watched.
void check_has_rows(const Inventory& inventory, const ClusterConfig& config);

/// Returns the notes about files of rows that the configuration lost (Rule::row_removed), as warnings.
[[nodiscard]] std::vector<Finding> warnings_of_removed_rows(const Inventory& inventory);

}  // namespace pki::model
