// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <pki/abi.hpp>
#include <pki/finding.hpp>
#include <pki/inventory.hpp>

namespace pki::inline PKI_ABI {

/// Returns the finding that says why the etcd of a control plane is taken for an external one; empty where it is not,
/// and where the inventory has a saved configuration, which says it. The files decide: nothing of etcd is there but the
/// CA certificate and the client certificate of the API server, or nothing at all beside certificates of a control
/// plane. Whoever has no other configuration for `plan_init` sets ClusterConfig::external_etcd then.
PKI_EXPORT [[nodiscard]] std::optional<Finding> assume_external_etcd(const Inventory& inventory);

}  // namespace pki::inline PKI_ABI
