// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pki/plan.hpp>

namespace pki::model {

/// check_plan refuses a plan that no planner makes: conflicts, steps without a row or for one row twice, decisions that
/// do not fit their row or what was found, an issuer that is neither made by the plan nor in the inventory, and a
/// certificate that outlives its issuer. Throws Error(mismatch), Error(invalid_config) or
/// Error(not_found) for the first of them.
void check_plan(const Plan& plan, const Inventory& inventory);

}  // namespace pki::model
