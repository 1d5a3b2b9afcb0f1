// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "formats/report/json.hpp"

namespace pki::formats {

/// Returns the ClusterRoleBinding `name` (rbac.authorization.k8s.io/v1), which grants a ClusterRole to a group.
[[nodiscard]] Json cluster_role_binding(std::string_view name, std::string_view role, std::string_view group);

}  // namespace pki::formats
