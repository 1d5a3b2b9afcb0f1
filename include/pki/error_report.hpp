#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/error.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// Returns the name of a code in kebab case: "invalid-config".
[[nodiscard]] std::string_view to_string(Errc code) noexcept;

/// Returns why a request failed as one versioned JSON object of the kind Error: `code`, subject, message and hint of
/// the first problem, and all of the problems. A caller may use codes of its own beside those of `Errc`.
[[nodiscard]] std::string error_to_json(std::string_view code, const std::vector<Problem>& problems);

}  // namespace pki
#pragma GCC visibility pop
