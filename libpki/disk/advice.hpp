// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pki::disk {

// Advice that is a command of the shell, so that it can be copied as it is.

/// Returns a command with paths as its last arguments: "chmod go-w /k/pki '/k/my etcd'".
[[nodiscard]] std::string shell_command(std::string_view words, const std::vector<std::filesystem::path>& paths);

/// Returns the commands that put a directory in the place of a link to it, or remove a link to nothing.
[[nodiscard]] std::string replace_link(const std::filesystem::path& link);

}  // namespace pki::disk
