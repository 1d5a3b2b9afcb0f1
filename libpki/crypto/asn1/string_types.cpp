// SPDX-License-Identifier: Apache-2.0
#include "crypto/asn1/string_types.hpp"

#include <cstddef>

#include "base/utf8.hpp"
#include "crypto/asn1/der.hpp"

namespace pki::crypto {

namespace {

constexpr char32_t replacement = 0xfffd;

bool is_character(char32_t code) { return code < 0xd800 || (code > 0xdfff && code <= 0x10ffff); }

void append(std::string& out, char32_t code) {
  if (!is_character(code)) code = replacement;
  const auto put = [&out](char32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | code >> 6U), put(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    put(0xe0U | code >> 12U), put(0x80U | (code >> 6U & 0x3fU)), put(0x80U | (code & 0x3fU));
  } else {
    put(0xf0U | code >> 18U), put(0x80U | (code >> 12U & 0x3fU));
    put(0x80U | (code >> 6U & 0x3fU)), put(0x80U | (code & 0x3fU));
  }
}

/// append_units reads big-endian units of `size` octets. A pair of surrogates is one character.
void append_units(std::string& out, std::string_view content, std::size_t size) {
  char32_t high = 0;
  for (; content.size() >= size; content.remove_prefix(size)) {
    char32_t unit = 0;
    for (std::size_t i = 0; i < size; ++i)
      unit = unit << 8U | static_cast<unsigned char>(content[i]);
    if (high != 0 && unit >> 10U == 0x37) {
      append(out, 0x10000 + ((high & 0x3ffU) << 10U) + (unit & 0x3ffU));
      high = 0;
      continue;
    }
    if (high != 0) append(out, replacement);
    high = unit >> 10U == 0x36 ? unit : 0;
    if (high == 0) append(out, unit);
  }
  if (high != 0 || !content.empty()) append(out, replacement);
}

}  // namespace

std::string to_utf8(unsigned char tag, std::string_view content) {
  std::string out;
  out.reserve(content.size());
  if (tag == der::bmp_string) {
    append_units(out, content, 2);
  } else if (tag == der::universal_string) {
    append_units(out, content, 4);
  } else if (tag == der::t61_string) {
    for (const char c : content)
      append(out, static_cast<unsigned char>(c));
  } else {
    while (!content.empty()) {
      const auto c = base::next_character(content);
      if (!c) content.remove_prefix(1);
      append(out, c.value_or(replacement));
    }
  }
  return out;
}

}  // namespace pki::crypto
