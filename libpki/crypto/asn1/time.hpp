#pragma once

#include <chrono>
#include <string>

#include "crypto/asn1/der.hpp"

namespace pki::crypto {

/// read_time takes a UTCTime or GeneralizedTime of a certificate: seconds present, UTC (RFC 5280 4.1.2.5). Throws
/// der::Malformed.
[[nodiscard]] std::chrono::sys_seconds read_time(der::Reader& reader);

/// write_time is UTCTime through 2049 and GeneralizedTime from 2050. Throws Error(invalid_config) outside of 1950 to
/// 9999.
[[nodiscard]] std::string write_time(std::chrono::sys_seconds time);

}  // namespace pki::crypto
