#include "crypto/asn1/string_types.hpp"

#include <cstdint>

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

/// next_character takes one character off `text`; broken octets are taken one by one.
char32_t next_character(std::string_view& text) {
  const auto octet = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = octet(0);
  const std::size_t length = first < 0x80        ? 1
                             : first >> 5U == 6  ? 2
                             : first >> 4U == 14 ? 3
                             : first >> 3U == 30 ? 4
                                                 : 0;
  char32_t code = length == 1 ? first : first & (0x7fU >> length);
  bool sound = length != 0 && length <= text.size();
  for (std::size_t i = 1; sound && i < length; ++i) {
    sound = octet(i) >> 6U == 2;
    code = code << 6U | (octet(i) & 0x3fU);
  }
  constexpr char32_t shortest[] = {0, 0, 0x80, 0x800, 0x10000};
  sound = sound && code >= shortest[length] && is_character(code);
  text.remove_prefix(sound ? length : 1);
  return sound ? code : replacement;
}

/// append_units reads big-endian units of `size` octets; a pair of surrogates is one character.
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
    while (!content.empty())
      append(out, next_character(content));
  }
  return out;
}

bool is_plain_text(std::string_view text) {
  while (!text.empty()) {
    const auto before = text;
    const auto code = next_character(text);
    const bool broken = code == replacement && before.size() - text.size() == 1;
    if (broken || code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  }
  return true;
}

}  // namespace pki::crypto
