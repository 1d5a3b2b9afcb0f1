// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>

#include <pki/error.hpp>

namespace cli {

/// The exit status of the program. Each code has one meaning, shared by all commands; `exit_help` words them.
enum Exit : int { ok = 0, failed = 1, usage = 2, expiring = 3, attention = 4, locked = 5, changed = 6 };

/// Returns the exit status for an error of the library.
[[nodiscard]] Exit exit_of(pki::Errc code) noexcept;

/// Returns the part of a help text that explains these codes, without a line break at the end.
[[nodiscard]] std::string exit_help(std::initializer_list<Exit> codes);

}  // namespace cli
