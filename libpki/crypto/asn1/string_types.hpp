#pragma once

#include <string>
#include <string_view>

namespace pki::crypto {

/// to_utf8 reads the content of an ASN.1 string type: T61String is taken as Latin-1, BMPString and UniversalString as
/// big-endian code units, all else as UTF-8. What does not decode becomes U+FFFD.
[[nodiscard]] std::string to_utf8(unsigned char tag, std::string_view content);

/// is_plain_text says that a text is UTF-8 without control characters.
[[nodiscard]] bool is_plain_text(std::string_view text);

}  // namespace pki::crypto
