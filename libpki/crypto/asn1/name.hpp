// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pki::crypto {

/// NameFacts is a distinguished name for people and for comparison.
struct NameFacts {
  std::string text;         ///< RFC 4514, UTF-8 kept readable, control characters escaped
  std::string common_name;  ///< the first one
  std::vector<std::string> organizations;
};

/// Reads the raw DER of a Name. Texts of any string type become UTF-8; octets that do not decode become U+FFFD. Throws
/// der::Malformed.
[[nodiscard]] NameFacts describe_name(std::string_view octets);

/// Returns the DER of a Name as Go writes it: one RDN with all organizations, then the common name. Either is left out
/// when it is empty. A common name may be longer than the 64 characters of RFC 5280, because node names are. Throws
/// Error(invalid_config) for text that is not UTF-8 or has control characters.
[[nodiscard]] std::string to_subject_der(std::string_view common_name, const std::vector<std::string>& organizations);

}  // namespace pki::crypto
