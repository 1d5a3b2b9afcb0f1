// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include <pki/inventory.hpp>

namespace pki::model {

/// Returns what is wrong with the URIs of keys of CAs: names that are not of CAs, and invalid URIs. The subjects are
/// fields, "signingKeys.ca".
[[nodiscard]] std::vector<Finding> check_signing_keys(const std::map<std::string, std::string>& keys,
                                                      const Catalog& catalog);

}  // namespace pki::model
