// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pki/inventory.hpp>

#include "model/entry_check.hpp"

namespace pki::model {

/// check_drift returns how one valid entry that has a certificate differs from the configuration, as warnings: names,
/// organization, server, algorithm and validity. `issuer` is null for a CA. `naming_chosen` is whether the
/// configuration names one of the namings: otherwise each of them, and what other kubeadms write, is right.
[[nodiscard]] Findings check_drift(const Entry& entry, const Entry* issuer, const ValidConfig& config,
                                   bool naming_chosen);

}  // namespace pki::model
