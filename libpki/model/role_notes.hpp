// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <pki/inventory.hpp>

#include "model/role.hpp"

namespace pki::model {

/// Returns what a report says about the directories and the role of a host: a directory that does not exist or lacks
/// all kubeconfigs, a role or an external etcd that no configuration names.
[[nodiscard]] std::vector<Finding> notes_on_role(const HostRole& host, const Inventory& inventory);

}  // namespace pki::model
