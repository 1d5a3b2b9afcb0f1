#pragma once

#include <vector>

#include <pki/inventory.hpp>

namespace pki::model {

/// check_drift tells how one sound entry differs from the configuration: names, organization, server,
/// algorithm and validity. A renewal would change each of these. The configuration must be valid; `issuer` is null
/// for a CA.
[[nodiscard]] std::vector<Problem> check_drift(const Entry& entry, const Certificate* issuer,
                                               const ClusterConfig& config);

}  // namespace pki::model
