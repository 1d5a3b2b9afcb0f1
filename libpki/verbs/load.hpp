#pragma once

#include <pki/inventory.hpp>

#include "disk/sys.hpp"

namespace pki::verbs {

/// load is pki::load with the hooks of the disk room, so that tests can change files between two reads.
[[nodiscard]] Inventory load(const Layout& layout, KeyCheck check, const Catalog& catalog, const disk::Hooks& hooks);

}  // namespace pki::verbs
