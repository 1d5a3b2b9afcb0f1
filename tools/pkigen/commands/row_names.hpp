// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <pki/catalog.hpp>

namespace cli {

using Rows = std::vector<const pki::CatalogRow*>;

/// Returns the rows of the catalog with these names, in their order. Throws pki::Error(unknown_name).
[[nodiscard]] Rows rows_named(const std::vector<std::string>& names, const pki::Catalog& catalog);

}  // namespace cli
