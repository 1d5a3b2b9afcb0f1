// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace cli {

/// Returns the value of the last -o or --output among the arguments of a command line, also of one that does not parse;
/// empty without one. A failure is reported in this format.
[[nodiscard]] std::string output_format(std::span<char* const> arguments);

}  // namespace cli
