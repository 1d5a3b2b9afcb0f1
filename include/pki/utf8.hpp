#pragma once

#include <cstddef>
#include <string_view>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// utf8_length gives how many bytes the character has that `text` begins with; 0 where it begins with none that is well
/// formed (RFC 3629), or is empty. Texts of a configuration consist of such characters, because YAML does.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;

}  // namespace pki
#pragma GCC visibility pop
