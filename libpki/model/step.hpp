// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <pki/inventory.hpp>
#include <pki/plan.hpp>

namespace pki::model {

/// Returns a step for `entry` with everything but the decision: the row, its files and what was found there.
[[nodiscard]] Step step_of(const Entry& entry);

/// Returns `step` with a decision and the reason for it.
[[nodiscard]] Step decided(Step step, std::string reason, decltype(Step::what) what);

}  // namespace pki::model
