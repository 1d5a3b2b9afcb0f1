#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/certificate.hpp>

namespace pki::crypto {

/// describe_general_names reads the DER GeneralNames of a subjectAltName. A name that its type does not allow (an
/// address of five octets, a DNS name that is not ASCII) is `other`, so that a renewal keeps it. Throws
/// der::Malformed.
[[nodiscard]] std::vector<GeneralName> describe_general_names(std::string_view octets);

/// write_general_names is the reverse. A text goes into its name as it is, nothing in it is an instruction.
/// Throws Error(invalid_config) that names the text which is no name of its kind.
[[nodiscard]] std::string write_general_names(const std::vector<GeneralName>& names);

}  // namespace pki::crypto
