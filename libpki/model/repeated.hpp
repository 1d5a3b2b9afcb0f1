// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <pki/finding.hpp>

namespace pki::model {

/// Removes each finding that differs from an earlier one in nothing but its row: a directory that cannot be opened is
/// found with each of its files.
void drop_repeated(std::vector<Finding>& findings);

}  // namespace pki::model
