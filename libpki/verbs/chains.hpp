// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include <pki/report.hpp>

#include "crypto/verify.hpp"

namespace pki::verbs {

/// Has OpenSSL judge the chain of every entry, each issuer decoded once, and the CAs that kubeconfigs trust.
void judge_chains(Inventory& inventory);

/// UnmanagedChains has OpenSSL judge the certificates that others manage. Those of a file, or of a field of a
/// kubeconfig, must have their texts and names then.
class UnmanagedChains {
 public:
  /// `inventory` has the CA of the kubelet's row; null: no CA is known.
  explicit UnmanagedChains(const Inventory* inventory);

  /// Judges the first certificate with those after it: the kubelet's for a server or a client, that of a kubeconfig's
  /// user (`place`) for a client, any other for what it may be used where it comes with its issuer or has a critical
  /// extension that not every client knows. Each CA of a kubeconfig's cluster is judged by itself.
  void judge(std::span<UnmanagedCertificate> file, std::string_view place, bool other_critical) const;

 private:
  void judge_kubelet(std::span<UnmanagedCertificate> file) const;

  crypto::TrustAnchors anchors_;
  bool has_ca_;
};

}  // namespace pki::verbs
