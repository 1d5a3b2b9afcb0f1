// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <pki/certificate.hpp>

namespace pki::base {

// Extended key usages as Certificate::extended_key_usages names them (RFC 5280 4.2.1.12).
constexpr std::string_view server_auth = "serverAuth";
constexpr std::string_view client_auth = "clientAuth";
constexpr std::string_view any_usage = "2.5.29.37.0";  // anyExtendedKeyUsage

/// Returns the extended key usages of a profile; none for a CA and a bare key.
[[nodiscard]] std::vector<std::string> usages_of(Profile profile);
/// Returns the extended key usages of a certificate that is to be signed: its own, or those of its profile.
[[nodiscard]] std::vector<std::string> usages_of(const CertSpec& spec);

}  // namespace pki::base
