// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pki::base {

/// not_readable is the problem of a file that root may read and this user may not. All such files together are one
/// finding, whatever their number.
inline constexpr std::string_view not_readable = "not readable by this user";
/// as_root is the advice about such a file.
inline constexpr auto as_root = "run the command as root";

}  // namespace pki::base
