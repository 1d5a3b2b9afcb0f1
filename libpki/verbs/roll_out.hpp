// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <pki/config.hpp>
#include <pki/error.hpp>

namespace pki::verbs {

/// The state file that lists the paths of manifests that are moved away.
inline constexpr const char* manifests_away = "manifests-away";
/// The state file that lists the rows whose processes are to be restarted.
inline constexpr const char* restart_pending = "restart-pending";

/// Puts back the manifests that the state of a PKI lists as moved away. Returns a note for each. The caller holds the
/// lock, so that no restart is in progress. Throws nothing but bad_alloc.
[[nodiscard]] std::vector<Finding> put_back_recorded(const Layout& layout);

}  // namespace pki::verbs
