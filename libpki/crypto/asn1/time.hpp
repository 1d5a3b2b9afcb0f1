// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "crypto/asn1/der.hpp"

namespace pki::crypto {

/// Reads a UTCTime or GeneralizedTime as certificates have it: with seconds, in UTC (RFC 5280 4.1.2.5). Throws
/// der::Malformed.
[[nodiscard]] std::chrono::sys_seconds read_time(der::Reader& reader);

/// Returns a UTCTime through 2049 and a GeneralizedTime from 2050. Throws Error(invalid_config) outside of 1950 to
/// 9999.
[[nodiscard]] std::string write_time(std::chrono::sys_seconds time);

}  // namespace pki::crypto
