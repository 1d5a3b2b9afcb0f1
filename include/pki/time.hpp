// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <pki/abi.hpp>

namespace pki::inline PKI_ABI {

/// Returns an instant as RFC 3339 in UTC with whole seconds: "2027-11-21T00:48:15Z".
PKI_EXPORT [[nodiscard]] std::string to_rfc3339(std::chrono::sys_seconds time);
/// Parses an RFC 3339 full-date (its first second, UTC) or date-time; fractions of a second are dropped. Returns empty
/// for anything else.
PKI_EXPORT [[nodiscard]] std::optional<std::chrono::sys_seconds> parse_rfc3339(std::string_view text);

/// Returns the day of an instant in UTC: "2027-11-21".
PKI_EXPORT [[nodiscard]] std::string to_day(std::chrono::sys_seconds time);
/// Returns an instant as kubeadm's tables show it: "Nov 21, 2027 00:48 UTC".
PKI_EXPORT [[nodiscard]] std::string to_table_date(std::chrono::sys_seconds time);

}  // namespace pki::inline PKI_ABI
