#pragma once

#include <string>
#include <string_view>

namespace pki::crypto {

/// Object identifiers are handled as the content octets of their DER. Names are OpenSSL's where it has one, else
/// dotted numbers; octets that are no object identifier give "invalid object identifier".
[[nodiscard]] std::string dotted(std::string_view oid);
[[nodiscard]] std::string short_name_of(std::string_view oid);
[[nodiscard]] std::string long_name_of(std::string_view oid);

/// parse_dotted gives the octets of "1.2.3"; empty when the text is not of that form.
[[nodiscard]] std::string parse_dotted(std::string_view text);

/// usage_name is "serverAuth", "clientAuth", or dotted; parse_usage reads these and the other names of RFC 5280
/// 4.2.1.12. Throws Error(invalid_config).
[[nodiscard]] std::string usage_name(std::string_view oid);
[[nodiscard]] std::string parse_usage(const std::string& name);

}  // namespace pki::crypto
