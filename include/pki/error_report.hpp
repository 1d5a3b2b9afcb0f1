#pragma once

#include <string>
#include <vector>

#include <pki/finding.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// Returns why a request failed as one versioned JSON object of the kind Error: the first problem, and all of them.
[[nodiscard]] std::string error_to_json(const std::vector<Finding>& problems);

}  // namespace pki
#pragma GCC visibility pop
