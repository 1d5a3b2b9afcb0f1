#pragma once

#include <string>
#include <vector>

#include "tree.hpp"

namespace faults {

/// find_unsound says what is wrong with the files of one root, each on its own and as pairs: certificates and keys
/// must parse whole, each key must match its certificate or public key, a kubeconfig must hold a pair, a leaf whose
/// CA is in the same root must be signed by it. Empty: all is well. Judges with OpenSSL alone, without libpki.
[[nodiscard]] std::vector<std::string> find_unsound(const Visible& root);

}  // namespace faults
