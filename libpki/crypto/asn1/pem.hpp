#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/secret.hpp>

#include "base/base64.hpp"

namespace pki::crypto {

/// PemBlock is one block of a PEM text (RFC 7468), by reference: `body` is the text between BEGIN and END line.
struct PemBlock {
  std::string_view label;
  std::string_view body;
};

/// Returns every block of a PEM text; text between blocks is ignored. Throws Error(malformed) when a block does not end
/// or the text is longer than `limit`.
[[nodiscard]] std::vector<PemBlock> find_pem_blocks(std::string_view text, std::size_t limit,
                                                    const std::string& subject);

/// Returns the octets of a block's body; nothing where it is not base64. Like OpenSSL and Go it ignores unused bits.
template <class String = std::string>
[[nodiscard]] std::optional<String> decode_base64(std::string_view body) {
  return base::parse_base64<String>(body, base::UnusedBits::ignore);
}

/// Returns one block with lines of 64 columns and LF.
template <class String = std::string>
[[nodiscard]] String to_pem(std::string_view label, std::string_view der);

}  // namespace pki::crypto
