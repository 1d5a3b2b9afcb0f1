// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <pki/abi.hpp>
#include <pki/finding.hpp>

namespace pki::inline PKI_ABI {

/// Returns why a request failed as one versioned JSON object of the kind Error: the first problem, and all of them.
PKI_EXPORT [[nodiscard]] std::string error_to_json(const std::vector<Finding>& problems);
/// Returns the same object as YAML.
PKI_EXPORT [[nodiscard]] std::string error_to_yaml(const std::vector<Finding>& problems);

}  // namespace pki::inline PKI_ABI
