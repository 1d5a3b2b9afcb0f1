// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tree.hpp"

namespace faults {

/// Returns what is wrong with the files of one root, each on its own and as pairs: certificates and keys
/// must parse whole, each key must match its certificate or public key, a kubeconfig must hold a pair, a leaf whose
/// CA is in the same root must be signed by it. `elsewhere` are the names of keys that need not be there. Uses OpenSSL
/// alone, not libpki.
[[nodiscard]] std::vector<std::string> find_invalid(const Visible& root,
                                                    const std::vector<std::string>& elsewhere = {});

}  // namespace faults
