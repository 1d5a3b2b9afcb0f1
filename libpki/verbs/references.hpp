// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pki/inventory.hpp>

#include "verbs/assemble.hpp"

namespace pki::verbs {

/// read_references reads the files to which the current context of a kubeconfig refers: the CA, the client certificate
/// and its key. One that cannot be read becomes a problem of the entry, as client-go could not read it either.
void read_references(Entry& entry, const Outside& outside, KeyCheck check);

}  // namespace pki::verbs
