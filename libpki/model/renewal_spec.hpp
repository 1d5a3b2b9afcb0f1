// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pki/plan.hpp>

namespace pki::model {

/// Renewed is a decision to renew, with what is worth a warning about it.
struct Renewed {
  Renew what;
  std::vector<Finding> warnings;
};

/// Decides how to renew `entry`, which is valid except for its dates, with the signature of `ca`. The identity is as
/// found: the whole subject, every name, the usages. `config`, which may be null, adds names and sets algorithm and
/// validity.
[[nodiscard]] Renewed renewed_from(const Entry& entry, const Certificate& ca, const ValidConfig* config,
                                   std::chrono::sys_seconds now, const RenewOptions& options);

/// Returns the notAfter of a certificate that replaces that of `entry` now: never after that of its CA.
[[nodiscard]] std::chrono::sys_seconds renewed_end(const Entry& entry, const Certificate& ca, const ValidConfig* config,
                                                   std::chrono::sys_seconds now);

/// Returns whether a kubeconfig embeds CAs and `ca` is not among them.
[[nodiscard]] bool lacks_ca(const KubeconfigFacts& kubeconfig, const Certificate& ca);

}  // namespace pki::model
