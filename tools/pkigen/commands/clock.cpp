// SPDX-License-Identifier: Apache-2.0
#include "commands/clock.hpp"

#include <pki/error.hpp>

namespace cli {

std::chrono::sys_seconds clock_now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void check_clock(std::chrono::sys_seconds now) {
  constexpr long built = PKIGEN_BUILD_DAY;  // 20261121
  const std::chrono::sys_days day = std::chrono::year(static_cast<int>(built / 10000)) /
                                    static_cast<int>(built / 100 % 100) / static_cast<int>(built % 100);
  // A day earlier may be today in another time zone.
  if (now < day - std::chrono::days{1})
    throw pki::Error(pki::Errc::mismatch, "clock", "this host's date is before the day on which pkigen was built",
                     "set the clock");
}

}  // namespace cli
