// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pki::base {

/// Returns the scheme of a URI (RFC 3986 3.1), "pkcs11" for example; empty where it has none.
[[nodiscard]] std::string_view scheme_of(std::string_view uri) noexcept;

/// Returns the path of a `file:` URI: "/a" for "file:/a" and "file:///a". Empty for one of another host, for a relative
/// path, and for other schemes.
[[nodiscard]] std::string_view file_of_uri(std::string_view uri) noexcept;

}  // namespace pki::base
