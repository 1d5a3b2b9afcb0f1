#pragma once

#include <string>
#include <string_view>

namespace pki::formats {

/// attribute_of gives the value of the first attribute of a type, "CN" for example, in an RFC 4514 text, without its
/// escapes; empty where there is none. First is the one that comes first in the certificate: the last in the text.
[[nodiscard]] std::string attribute_of(std::string_view name, std::string_view type);

/// to_decimal writes a number given in hex, of any length, in decimal: "0" for an empty text.
[[nodiscard]] std::string to_decimal(std::string_view hex);

}  // namespace pki::formats
