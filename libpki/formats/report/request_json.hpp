// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/request.hpp>

namespace pki::formats {

/// ItemText is one item of a bundle whose PEM text has not been parsed.
struct ItemText {
  std::string row{};
  std::string issuer{};
  std::string issuer_public_key_sha256{};
  std::chrono::seconds validity{};
  std::string pem{};
};

/// BundleText is the content of a document of the kind RequestBundle or CertificateBundle.
struct BundleText {
  std::vector<ItemText> items{};
  std::string digest{};  ///< "sha256:" and hex, that of the items
};

/// Reads a document of the kind. Throws Error(malformed), Error(mismatch) when the digest is not that of the items.
[[nodiscard]] BundleText parse_bundle(std::string_view text, std::string_view kind, const std::string& subject);

/// Returns the digest that a bundle of these items has.
[[nodiscard]] std::string digest_of(const std::vector<RequestItem>& items);
[[nodiscard]] std::string digest_of(const std::vector<Answer>& answers);

}  // namespace pki::formats
