#pragma once

#include <pki/inventory.hpp>

#include "model/entry_check.hpp"

namespace pki::model {

/// check_drift returns how one valid entry that has a certificate differs from the configuration, as warnings: names,
/// organization, server, algorithm and validity. `issuer` is null for a CA.
[[nodiscard]] Findings check_drift(const Entry& entry, const Entry* issuer, const ValidConfig& config);

}  // namespace pki::model
