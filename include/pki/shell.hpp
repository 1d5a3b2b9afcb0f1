// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <pki/abi.hpp>

namespace pki::inline PKI_ABI {

/// Returns `text` as one word of a shell, in quotes where it needs them: paths and names in commands that people copy
/// are written so. The word fits into a message as it is: octets that to_plain would replace, and backquotes, which
/// enclose commands in messages, become octal escapes within $'...' (POSIX.1-2024 2.2.4).
PKI_EXPORT [[nodiscard]] std::string to_shell_word(std::string_view text);

}  // namespace pki::inline PKI_ABI
