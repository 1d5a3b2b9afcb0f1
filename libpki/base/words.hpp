#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pki::base {

/// Returns `texts` joined with ", ", or "none" for an empty list.
[[nodiscard]] std::string join(const std::vector<std::string>& texts);

/// Returns `text` with its ASCII letters in lower case, whatever the locale.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace pki::base
