// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <pki/certificate.hpp>

namespace pki::crypto {

/// The extensions of RFC 5280 4.2.1 that a cluster's certificates have: content octets of their identifiers.
inline constexpr std::string_view key_usage_oid{"\x55\x1d\x0f", 3};
inline constexpr std::string_view extended_key_usage_oid{"\x55\x1d\x25", 3};
inline constexpr std::string_view basic_constraints_oid{"\x55\x1d\x13", 3};
inline constexpr std::string_view subject_key_id_oid{"\x55\x1d\x0e", 3};
inline constexpr std::string_view authority_key_id_oid{"\x55\x1d\x23", 3};
inline constexpr std::string_view subject_alt_name_oid{"\x55\x1d\x11", 3};

/// Reads the DER Extensions of a certificate into its facts. Unknown ones are ignored. Throws der::Malformed, also for
/// a duplicate.
void read_extensions(std::string_view octets, Certificate& facts);

/// Returns whether one of the extensions is critical and not of those above: only a verification shows whether clients
/// know it. Throws der::Malformed.
[[nodiscard]] bool has_other_critical(std::string_view octets);

/// Returns the DER Extensions for a spec. `key_bits` is the content of the subject's public key, from which its key id
/// is made, `authority_key_id` the raw octets of the issuer's; empty: no such extension.
[[nodiscard]] std::string write_extensions(const CertSpec& spec, bool rsa, std::string_view key_bits,
                                           std::string_view authority_key_id, bool empty_subject);

}  // namespace pki::crypto
