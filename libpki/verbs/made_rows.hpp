// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <pki/inventory.hpp>

#include "verbs/assemble.hpp"

// A configuration may lose rows, by an edit or by damage. The rows that files were made for are recorded below
// CERTIFICATES_DIR/.pkigen, so that none of those files expires unseen.
namespace pki::verbs {

/// Records the rows of a catalog that are not in default_catalog(). Durable on return. The caller holds the lock.
/// Throws Error(io).
void record_rows(const Layout& layout, const Catalog& catalog);

/// Returns an error for each recorded file that exists and that no row of the inventory names.
[[nodiscard]] std::vector<Finding> notes_on_removed_rows(const Inventory& inventory, const Reader& read);

}  // namespace pki::verbs
