// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pki/bundle.hpp>
#include <pki/inventory.hpp>
#include <pki/request.hpp>

namespace pki::verbs {

/// Sets Entry::request of every entry whose request waits for its answer. A request that cannot be read is a note.
void read_pending_requests(Inventory& inventory);

/// Removes the requests of all rows whose certificate is among the files of a bundle that was committed. Returns a note
/// when one cannot be removed: the next `load` sees that it was answered.
[[nodiscard]] std::vector<Finding> end_requests(const Bundle& bundle);

}  // namespace pki::verbs
