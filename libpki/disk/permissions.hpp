// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

namespace pki::disk {

/// Returns whether an errno means that root may do what this user may not.
[[nodiscard]] bool is_denied(int error) noexcept;

/// Returns whether somebody else owns it: neither root nor the caller.
[[nodiscard]] bool is_foreign(const struct stat& status) noexcept;
/// Returns whether its group or others may write to it: in a directory they can then replace every file.
[[nodiscard]] bool is_open(const struct stat& status) noexcept;

}  // namespace pki::disk
