// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pki/inventory.hpp>

namespace pki::model {

/// Throws Error(mismatch) unless the inventory has one entry for each row of its catalog, in its order, and the catalog
/// has rows: an inventory that was not loaded would otherwise look like a PKI that needs nothing.
void check_inventory(const Inventory& inventory);

}  // namespace pki::model
