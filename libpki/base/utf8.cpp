// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.hpp"

#include <cstddef>

namespace pki::base {

namespace {

/// Returns the octets of a character by its first one; 0 for an octet that no character begins with.
std::size_t length_of(unsigned lead) noexcept {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

}  // namespace

std::optional<char32_t> next_character(std::string_view& text) noexcept {
  if (text.empty()) return {};
  const auto octet = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto length = length_of(octet(0));
  if (length == 0 || length > text.size()) return {};
  char32_t c = length == 1 ? octet(0) : octet(0) & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xc0U) != 0x80U) return {};
    c = c << 6U | (octet(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
  const bool surrogate = c >= 0xd800 && c < 0xe000;
  if (overlong || surrogate || c > 0x10ffff) return {};
  text.remove_prefix(length);
  return c;
}

bool is_utf8(std::string_view text) noexcept {
  while (next_character(text)) {
  }
  return text.empty();
}

bool is_plain_text(std::string_view text) noexcept {
  for (auto c = next_character(text); c; c = next_character(text)) {
    if (is_control(*c)) return false;
  }
  return text.empty();
}

}  // namespace pki::base
