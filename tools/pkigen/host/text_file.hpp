// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cli {

/// read_text_file reads a file that a user named, "-" being standard input. Throws pki::Error(not_found or io) that
/// names it, pki::Error(malformed) for one that is larger than `most` MiB and therefore not `expected`.
[[nodiscard]] std::string read_text_file(const std::string& path, std::size_t most = 1,
                                         std::string_view expected = "a configuration file");

}  // namespace cli
