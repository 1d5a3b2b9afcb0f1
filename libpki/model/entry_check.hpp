// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pki/inventory.hpp>

#include "model/identity.hpp"

namespace pki::model {

using Findings = std::vector<Finding>;

/// Dates is whether a certificate must be within its own validity period.
enum class Dates { judge, ignore };

/// check_entry judges one entry that exists: its halves, its dates, its issuer, its usage, its chain. An error means
/// that the entry cannot be relied on; a warning, that it works but is not what good practice asks for. `issuer` is the
/// entry of the issuer, null where the row has none. The other certificates of the chain must not have expired in any
/// case (Rule::chain_expired). Names are not judged: see check_identity.
[[nodiscard]] Findings check_entry(const Entry& entry, const Entry* issuer, std::chrono::sys_seconds now,
                                   Dates dates = Dates::judge);

/// Returns the extended key usages among `wanted` that a certificate does not allow, one text for each.
[[nodiscard]] std::vector<std::string> lacking_usages(const Certificate& certificate,
                                                      const std::vector<std::string>& wanted);

/// check_identity returns how a valid entry differs from what the configuration asks for: a missing alternative name
/// is an error; another common name, organization or server is a warning.
[[nodiscard]] Findings check_identity(const Entry& entry, const Entry* issuer, const ValidConfig& config);

/// Returns whether a client without organizations is right although its row has one: kubeadm 1.36 binds a role to the
/// name of a client and writes no group.
[[nodiscard]] bool may_lack_groups(const CatalogRow& row, const ValidConfig& config,
                                   const std::vector<std::string>& organizations);

/// Returns the findings of one severity, in their order.
[[nodiscard]] Findings only(const Findings& findings, Severity severity);

/// Returns the alternative names that the configuration does not explain.
[[nodiscard]] std::vector<GeneralName> unexplained_sans(const Certificate& certificate,
                                                        const std::vector<GeneralName>& wanted,
                                                        const ValidConfig& config);

/// Returns the values of `names` joined with ", ", or "none" for an empty list.
[[nodiscard]] std::string join(const std::vector<GeneralName>& names);

}  // namespace pki::model
