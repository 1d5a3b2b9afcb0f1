// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/certificate.hpp>

namespace pki::crypto {

/// Reads the DER GeneralNames of a subjectAltName. A name that its type does not allow (an address of five octets, a
/// DNS name that is not ASCII) becomes `other`, so that a renewal keeps it. Throws der::Malformed.
[[nodiscard]] std::vector<GeneralName> describe_general_names(std::string_view octets);

/// Returns the DER GeneralNames of `names`. Each text is encoded as it is; no character of it has a special meaning.
/// Throws Error(invalid_config) that names a text which is not a name of its kind.
[[nodiscard]] std::string write_general_names(const std::vector<GeneralName>& names);

}  // namespace pki::crypto
