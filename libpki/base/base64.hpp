// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <pki/secret.hpp>

namespace pki::base {

/// append_base64 appends `bytes` to `out` in RFC 4648 section 4 form, padded and without line breaks. String is
/// std::string, or SecretString for bytes that must not stay in freed memory.
template <class String>
void append_base64(String& out, std::string_view bytes);

/// Returns the same text for bytes that are public.
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// UnusedBits is what to do about bits of the last character that belong to no byte and are not zero (RFC 4648 3.5).
enum class UnusedBits { refuse, ignore };

/// parse_base64 reads RFC 4648 section 4 text strictly: only the alphabet, whole groups of four, correct padding.
/// Blanks and line breaks are ignored. Returns nothing for any other text.
template <class String = std::string>
[[nodiscard]] std::optional<String> parse_base64(std::string_view text, UnusedBits unused = UnusedBits::refuse);

}  // namespace pki::base
