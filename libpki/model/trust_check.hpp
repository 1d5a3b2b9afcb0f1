// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <pki/inventory.hpp>

namespace pki::model {

/// check_trust judges the CAs that a kubeconfig trusts: with `issuer`, the entry of the cluster's CA, whether that is
/// one of them, and each by itself: its dates and whether a client accepts it as the CA of a server. One that cannot be
/// used is a warning beside others, and an error where a client trusts nothing else. The certificates of the issuer's
/// file are judged with the issuer. `issuer` is null where the CA is missing.
[[nodiscard]] std::vector<Finding> check_trust(const Entry& entry, const Entry* issuer, std::chrono::sys_seconds now);

/// Returns the instant after which an entry, if it is a kubeconfig, trusts no CA any more. Empty where it trusts none
/// at the instant `now`.
[[nodiscard]] std::optional<std::chrono::sys_seconds> end_of_trust(const Entry& entry, std::chrono::sys_seconds now);

/// Returns the findings about the certificates after the first one in the file of a CA that have expired.
[[nodiscard]] std::vector<Finding> check_further_authorities(const Entry& ca, std::chrono::sys_seconds now);

}  // namespace pki::model
