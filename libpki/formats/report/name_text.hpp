// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pki::formats {

/// Returns the value, without escapes, of the first attribute of a type ("CN") in an RFC 4514 text; empty without one.
/// The first one in the certificate is the last one in the text.
[[nodiscard]] std::string attribute_of(std::string_view name, std::string_view type);

/// Returns a hexadecimal number of any length in decimal; "0" for an empty text.
[[nodiscard]] std::string to_decimal(std::string_view hex);

}  // namespace pki::formats
