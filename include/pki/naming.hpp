// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <pki/abi.hpp>
#include <pki/catalog.hpp>
#include <pki/config.hpp>
#include <pki/inventory.hpp>

namespace pki::inline PKI_ABI {

/// Returns the naming of the certificates that are there, for a configuration that chooses none. Common names that one
/// naming has and the other has not decide: that of etcd's server, say, and those of CAs where no other certificate has
/// such a name. Empty where none has, and where some have one naming and some the other.
PKI_EXPORT [[nodiscard]] std::optional<Naming> naming_of(const Inventory& inventory, const ValidConfig& config);

}  // namespace pki::inline PKI_ABI
