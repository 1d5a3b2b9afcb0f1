// SPDX-License-Identifier: Apache-2.0
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

/// LooseBlock is a PEM block of a text that may be anything else as well, a YAML file for example.
struct LooseBlock {
  std::string_view label;
  std::string_view body;  ///< without an END line: up to the next BEGIN line, or the end of the text
  bool ends{false};       ///< it has an END line
};

/// PemScanner finds the blocks of such a text one after the other. BEGIN and END are on lines of their own, which may
/// be indented; a mark inside of a line begins nothing. A byte order mark is ignored. Takes time in proportion to the
/// text and no memory, whatever is in it.
class PemScanner {
 public:
  explicit PemScanner(std::string_view text) noexcept : text_(text) {}

  /// Returns the next block; nothing at the end of the text.
  [[nodiscard]] std::optional<LooseBlock> next();

 private:
  /// Mark is a BEGIN or END line.
  struct Mark {
    bool begins;
    std::string_view label;
    std::size_t line;   ///< where it begins
    std::size_t after;  ///< where the text after it begins
  };

  [[nodiscard]] std::optional<Mark> next_mark();
  [[nodiscard]] std::optional<Mark> mark_at(std::size_t dash) const;

  std::string_view text_;
  std::size_t at_{0};
  std::optional<Mark> begin_;  ///< of the next block, where it was found already
};

/// Returns the octets of a block's body; nothing where it is not base64. Like OpenSSL and Go it ignores unused bits.
template <class String = std::string>
[[nodiscard]] std::optional<String> decode_base64(std::string_view body) {
  return base::parse_base64<String>(body, base::UnusedBits::ignore);
}

/// Returns one block with lines of 64 columns and LF.
template <class String = std::string>
[[nodiscard]] String to_pem(std::string_view label, std::string_view der);

}  // namespace pki::crypto
