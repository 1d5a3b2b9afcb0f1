// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace cli {

/// Returns the time of day. Nothing else in the program asks for it.
[[nodiscard]] std::chrono::sys_seconds clock_now();

/// Throws pki::Error(mismatch) when `now` is before the day on which pkigen was built: certificates with such dates
/// would be accepted by nobody.
void check_clock(std::chrono::sys_seconds now);

}  // namespace cli
