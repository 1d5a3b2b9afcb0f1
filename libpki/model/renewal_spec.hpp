#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <pki/plan.hpp>

namespace pki::model {

/// Renewed is what a certificate that replaces another one shall be.
struct Renewed {
  CertSpec spec;
  std::string algorithm;                 ///< of its key
  std::vector<std::string> differences;  ///< from the one that goes, for people
  std::vector<Finding> warnings;
};

/// renewed_from decides it. `entry` is sound but for its dates, `ca` signs. Identity is as found: the whole subject,
/// every name, the usages. `config`, null where there is none, adds names and sets algorithm and validity.
[[nodiscard]] Renewed renewed_from(const Entry& entry, const Certificate& ca, const ValidConfig* config,
                                   std::chrono::sys_seconds now, const RenewOptions& options);

/// renewed_end is when a certificate would end that is made now: never after its CA.
[[nodiscard]] std::chrono::sys_seconds renewed_end(const Certificate& old, const Certificate& ca,
                                                   const ValidConfig* config, std::chrono::sys_seconds now);

/// lacks_ca says whether a kubeconfig embeds CAs and this one is not among them.
[[nodiscard]] bool lacks_ca(const KubeconfigFacts& kubeconfig, const Certificate& ca);

}  // namespace pki::model
