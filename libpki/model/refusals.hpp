// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/finding.hpp>

namespace pki::model {

/// Refusal is a reason for which the components of Kubernetes, that is Go, refuse a certificate that OpenSSL accepts.
struct Refusal {
  Rule rule;
  std::string message;     ///< what was found, and which versions refuse it
  bool ends_with_renewal;  ///< a renewal makes a certificate without this fault
};

/// Returns why Kubernetes refuses a certificate of this profile: crypto/x509 of the Go version in the message, and
/// Kubernetes since the version that is built with it.
[[nodiscard]] std::vector<Refusal> refusals(const Certificate& certificate, Profile profile);

/// Returns whether a rule is one of those that `refusals` returns.
[[nodiscard]] bool is_refusal(Rule rule) noexcept;

/// Returns whether a renewal keeps what a finding of this rule is about, so that it is no reason to write nothing:
/// names that only some verifiers refuse, and in a kubeconfig a file beside the data.
[[nodiscard]] bool is_kept_by_renewal(Rule rule) noexcept;

}  // namespace pki::model
