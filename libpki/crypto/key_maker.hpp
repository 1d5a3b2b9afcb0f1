// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <pki/key.hpp>

namespace pki::crypto {

/// PrivateKeyMaker is the only way to construct a PrivateKey. `make` checks nothing: its caller has.
struct PrivateKeyMaker {
  [[nodiscard]] static PrivateKey make(SecretString pem, std::string algorithm, std::string public_key_pem,
                                       std::string public_key_sha256) {
    return {std::move(pem), std::move(algorithm), std::move(public_key_pem), std::move(public_key_sha256)};
  }
};

}  // namespace pki::crypto
