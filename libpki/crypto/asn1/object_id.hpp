// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pki::crypto {

/// Object identifiers are content octets of their DER. The functions return OpenSSL's name where it has one, else
/// dotted numbers, and "invalid object identifier" for octets that are not one.
[[nodiscard]] std::string dotted(std::string_view oid);
[[nodiscard]] std::string short_name_of(std::string_view oid);
[[nodiscard]] std::string long_name_of(std::string_view oid);

/// Returns the octets of "1.2.3", empty when the text has another form.
[[nodiscard]] std::string parse_dotted(std::string_view text);

/// Returns "serverAuth", "clientAuth", or dotted numbers.
[[nodiscard]] std::string usage_name(std::string_view oid);
/// Reads these and the other names of RFC 5280 4.2.1.12. Throws Error(invalid_config).
[[nodiscard]] std::string parse_usage(const std::string& name);

}  // namespace pki::crypto
