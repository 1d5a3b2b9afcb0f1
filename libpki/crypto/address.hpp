#pragma once

#include <string>
#include <string_view>

namespace pki::crypto {

/// address_octets reads an IP address: 4 octets for IPv4, 16 for IPv6. An IPv4 address written as IPv6
/// ("::ffff:10.0.0.1") gives 4, because verifiers refuse the other form. Empty for any other text.
[[nodiscard]] std::string address_octets(std::string_view text);

/// address_text writes 4 or 16 octets in the shortest form (RFC 5952); empty for another count.
[[nodiscard]] std::string address_text(std::string_view octets);

}  // namespace pki::crypto
