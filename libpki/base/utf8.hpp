// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace pki::base {

/// Removes the first character from `text` and returns it. Returns nothing, and removes nothing, where `text` is empty
/// or does not begin with a well-formed character (RFC 3629).
[[nodiscard]] std::optional<char32_t> next_character(std::string_view& text) noexcept;

/// Returns whether all of `text` is well-formed UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Returns whether a character is a control character: C0, DEL or C1. A terminal may obey it.
[[nodiscard]] constexpr bool is_control(char32_t c) noexcept { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

/// Returns whether `text` is well-formed UTF-8 without control characters.
[[nodiscard]] bool is_plain_text(std::string_view text) noexcept;

}  // namespace pki::base
