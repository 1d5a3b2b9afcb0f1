// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace cli {

/// read_text_file reads a file that a user named, "-" being standard input, of at most 1 MiB. Throws
/// pki::Error(not_found or io) that names it.
[[nodiscard]] std::string read_text_file(const std::string& path);

}  // namespace cli
