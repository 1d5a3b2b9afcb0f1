#pragma once

#include <chrono>
#include <string>

namespace pki::text {

/// rfc3339 writes a time as RFC 3339 in UTC with whole seconds: "2027-11-21T00:48:15Z".
[[nodiscard]] std::string rfc3339(std::chrono::sys_seconds time);

}  // namespace pki::text
