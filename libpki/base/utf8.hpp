#pragma once

#include <cstddef>
#include <string_view>

namespace pki::base {

/// Returns the number of octets of the character that `text` begins with; 0 where it is empty or begins with none that
/// is well formed (RFC 3629).
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

/// Returns whether all of `text` is well-formed UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace pki::base
