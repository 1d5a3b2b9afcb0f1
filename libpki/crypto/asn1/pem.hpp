#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/secret.hpp>

namespace pki::crypto {

/// PemBlock is one block of a PEM text (RFC 7468), by reference: `body` is what stands between BEGIN and END line.
struct PemBlock {
  std::string_view label;
  std::string_view body;
};

/// find_pem_blocks finds every block; text between blocks is passed over. Throws Error(malformed) when a block
/// does not end or the text is longer than `limit`.
[[nodiscard]] std::vector<PemBlock> find_pem_blocks(std::string_view text, std::size_t limit,
                                                    const std::string& subject);

/// decode_base64 is empty when `body` is anything but base64 and line ends.
template <class String = std::string>
[[nodiscard]] std::optional<String> decode_base64(std::string_view body);

/// to_pem writes one block with 64 columns and LF.
template <class String = std::string>
[[nodiscard]] String to_pem(std::string_view label, std::string_view der);

}  // namespace pki::crypto
