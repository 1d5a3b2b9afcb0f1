// SPDX-License-Identifier: Apache-2.0
#include "formats/report/name_text.hpp"

#include <vector>

namespace pki::formats {

namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

unsigned digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a') + 10;
}

// A backslash is followed by two hex digits, or by one character that is meant literally.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
    } else if (i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
      out.push_back(static_cast<char>(digit(text[i + 1]) << 4U | digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[++i]);
    }
  }
  return out;
}

// Returns the end of one attribute: a separator that is not escaped.
std::size_t end_of_attribute(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == ',' || text[i] == '+')
      return i;
  }
  return text.size();
}

}  // namespace

std::string attribute_of(std::string_view name, std::string_view type) {
  std::string value;
  bool same_rdn = false;  // inside one RDN the order is that of the certificate
  bool found_here = false;
  while (!name.empty()) {
    const auto end = end_of_attribute(name);
    const auto attribute = name.substr(0, end);
    if (!same_rdn) found_here = false;
    if (attribute.starts_with(type) && attribute.substr(type.size()).starts_with('=') && !found_here) {
      value = unescape(attribute.substr(type.size() + 1));
      found_here = true;
    }
    same_rdn = end < name.size() && name[end] == '+';
    name.remove_prefix(end < name.size() ? end + 1 : end);
  }
  return value;
}

std::string to_decimal(std::string_view hex) {
  std::vector<unsigned> decimal{0};  // least significant digit first
  for (const char c : hex) {
    unsigned carry = digit(c);
    for (auto& place : decimal) {
      carry += place * 16;
      place = carry % 10;
      carry /= 10;
    }
    for (; carry != 0; carry /= 10)
      decimal.push_back(carry % 10);
  }
  std::string text;
  for (auto place = decimal.rbegin(); place != decimal.rend(); ++place)
    text.push_back(static_cast<char>('0' + *place));
  return text;
}

}  // namespace pki::formats
