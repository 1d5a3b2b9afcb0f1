#pragma once

#include <string>
#include <string_view>

namespace pki::disk {

/// sha256 is the digest of FIPS 180-4 in lower-case hex. It guards journals and backups against damage; this room may
/// not use OpenSSL.
[[nodiscard]] std::string sha256(std::string_view content);

/// is_sha256 says whether a text looks like such a digest.
[[nodiscard]] bool is_sha256(std::string_view text) noexcept;

}  // namespace pki::disk
