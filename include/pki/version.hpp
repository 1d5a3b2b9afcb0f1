#pragma once

#include <string>
#include <string_view>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// version is that of the library that runs, "0.1.0" for example.
[[nodiscard]] std::string_view version() noexcept;
/// crypto_version names the OpenSSL that runs, "OpenSSL 3.0.15 3 Sep 2024" for example.
[[nodiscard]] std::string crypto_version();

}  // namespace pki
#pragma GCC visibility pop
