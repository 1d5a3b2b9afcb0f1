// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace cli {

/// Returns the names of the shells that there is a completion for.
[[nodiscard]] std::vector<std::string_view> completion_shells();

/// Returns the completion script for a shell, or an empty text for another name.
[[nodiscard]] std::string_view completion_script(std::string_view shell);

}  // namespace cli
