// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <pki/certificate.hpp>
#include <pki/finding.hpp>
#include <pki/request.hpp>

namespace pki::model {

/// Difference is one way in which a certificate is not what was asked for.
struct Difference {
  Rule rule{Rule::mismatch};
  std::string message{};

  friend bool operator==(const Difference&, const Difference&) = default;
};

/// Returns how a certificate that came back differs from what was asked for: subject, alternative names, extended key
/// usages. The order of names means nothing. Clients and servers know each other by these names, so that each
/// difference is a reason to refuse the certificate. A subject that is `asked.subject_der` octet for octet is right;
/// any other has the common name and the organizations of `asked`. Key, dates and chain are not compared.
[[nodiscard]] std::vector<Difference> differences_from(const CertSpec& asked, const Certificate& found);

/// Returns how a request that somebody has made differs from what is wanted, by the same rules; one that names no
/// usages leaves them to the signer.
[[nodiscard]] std::vector<Difference> differences_from(const CertSpec& wanted, const CertificateRequest& found);

}  // namespace pki::model
