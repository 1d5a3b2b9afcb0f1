// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pki::model {

/// Returns whether a certificate may be made for a key of this algorithm, named as PrivateKey::algorithm: verifiers
/// refuse RSA below 2048 bits (Go, OpenSSL at its usual security level), and do not know others than these.
[[nodiscard]] bool is_strong_key(std::string_view algorithm) noexcept;

/// Names the keys that are expected, for messages.
inline constexpr std::string_view strong_keys = "RSA of at least 2048 bits, ECDSA or Ed25519";

}  // namespace pki::model
