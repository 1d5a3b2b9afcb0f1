// SPDX-License-Identifier: Apache-2.0
#include "commands/as_of.hpp"

#include <string>

#include <pki/config.hpp>
#include <pki/error.hpp>
#include <pki/time.hpp>

namespace cli {

std::chrono::sys_seconds parse_as_of(std::string_view text, std::chrono::sys_seconds now) {
  if (text.starts_with('+') || text.starts_with('-')) {
    const auto instant = now + pki::parse_duration(text);
    if (pki::parse_rfc3339(pki::to_rfc3339(instant)) == instant) return instant;  // has a date
    throw pki::Error(pki::Errc::invalid_config, "--as-of",
                     "\"" + std::string(text) + "\" from now is not in the years 0 to 9999",
                     "write a shorter time, for example +90d");
  }
  if (const auto instant = pki::parse_rfc3339(text)) return *instant;
  throw pki::Error(
      pki::Errc::invalid_config, "--as-of", "invalid instant \"" + std::string(text) + "\"",
      "write a date, a date and time, or a duration with its sign: 2027-01-31, 2027-01-31T12:00:00Z, +90d");
}

}  // namespace cli
