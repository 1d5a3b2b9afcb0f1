// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

namespace cli {

/// parse_as_of reads an instant: an RFC 3339 date (its first second, UTC) or date and time, or a duration from `now`
/// with its sign, "+90d". Throws pki::Error(invalid_config), also for an instant outside of the years 0 to 9999.
[[nodiscard]] std::chrono::sys_seconds parse_as_of(std::string_view text, std::chrono::sys_seconds now);

}  // namespace cli
