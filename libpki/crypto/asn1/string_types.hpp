// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pki::crypto {

/// Returns the content of an ASN.1 string type as UTF-8: T61String is read as Latin-1, BMPString and UniversalString as
/// big-endian code units, all else as UTF-8. Each octet or unit that does not decode becomes U+FFFD.
[[nodiscard]] std::string to_utf8(unsigned char tag, std::string_view content);

}  // namespace pki::crypto
