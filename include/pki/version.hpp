// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <pki/abi.hpp>

namespace pki::inline PKI_ABI {

/// version is that of the library that runs, "0.1.0" for example.
PKI_EXPORT [[nodiscard]] std::string_view version() noexcept;
/// crypto_version names the OpenSSL that runs, "OpenSSL 3.0.15 3 Sep 2024" for example.
PKI_EXPORT [[nodiscard]] std::string crypto_version();

/// Versions are those of a program's parts.
struct Versions {
  std::string library{};  ///< as version
  std::string crypto{};   ///< as crypto_version
};

/// Returns a versioned JSON object of the kind Version.
PKI_EXPORT [[nodiscard]] std::string to_json(const Versions& versions);

}  // namespace pki::inline PKI_ABI
