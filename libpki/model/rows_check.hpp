// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/config.hpp>

// Findings about the further rows of a configuration. Subjects are fields: "certificates[0].issuer".
namespace pki::model {

/// Returns every error that does not depend on the rest of the configuration.
[[nodiscard]] std::vector<Finding> check_rows(const RowsConfig& rows);
/// Returns every alternative name that is none under this configuration. The rows passed `check_rows`.
[[nodiscard]] std::vector<Finding> check_row_names(const ValidConfig& config);
/// Returns what is valid but unusual: a validity period longer than that of the CA. The rows passed `check_rows`.
[[nodiscard]] std::vector<Finding> warnings_of_rows(const ClusterConfig& config);

/// Adds a finding for a validity period that no certificate can have.
void check_validity(std::vector<Finding>& findings, const std::string& field, std::chrono::seconds validity);

}  // namespace pki::model
