#pragma once

#include <string>
#include <string_view>

#include <pki/key.hpp>

namespace pki::crypto {

/// sign_octets signs with the digest that belongs to the key: SHA-384 for P-384, SHA-512 for P-521, else SHA-256.
[[nodiscard]] std::string sign_octets(std::string_view octets, const PrivateKey& key);

/// signature_algorithm_of is the DER AlgorithmIdentifier of what sign_octets makes (RFC 4055, RFC 5758).
[[nodiscard]] std::string signature_algorithm_of(const PrivateKey& key);

}  // namespace pki::crypto
