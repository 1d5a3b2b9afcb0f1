#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <pki/secret.hpp>

namespace pki::base {

/// append_base64 writes `bytes` in RFC 4648 section 4 form, padded and without line breaks, behind `out`.
void append_base64(SecretString& out, std::string_view bytes);
/// to_base64 is the same for bytes that are public.
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// parse_base64 reads RFC 4648 section 4 text strictly: only the alphabet, whole groups of four, padding that is
/// there and right, unused bits zero. Blanks and line breaks are passed over. Empty where the text is anything else.
[[nodiscard]] std::optional<std::string> parse_base64(std::string_view text);
/// parse_secret_base64 is the same for bytes that must not stay in freed memory.
[[nodiscard]] std::optional<SecretString> parse_secret_base64(std::string_view text);

}  // namespace pki::base
