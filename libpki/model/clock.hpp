// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

#include <pki/finding.hpp>
#include <pki/inventory.hpp>

namespace pki::model {

/// Returns an error when the newest certificate of an inventory was made later than `now`: then the clock of this host
/// is behind, and whatever is issued or dated by it would have wrong dates. A certificate is backdated by minutes, and
/// two hosts may differ by as much.
[[nodiscard]] std::optional<Finding> check_clock(const Inventory& inventory, std::chrono::sys_seconds now);

}  // namespace pki::model
