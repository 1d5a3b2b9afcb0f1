// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pki/inventory.hpp>

namespace pki::model {

/// Returns an entry of `row` with the paths of its files below `layout`, and without any file.
[[nodiscard]] Entry place_of(const CatalogRow& row, const Layout& layout);

}  // namespace pki::model
