#include "base/utf8.hpp"

namespace pki::base {

std::size_t utf8_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto octet = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = octet(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((octet(i) & 0xc0U) != 0x80U) return 0;
  const bool overlong = (lead == 0xe0 && octet(1) < 0xa0) || (lead == 0xf0 && octet(1) < 0x90);
  const bool beyond = (lead == 0xed && octet(1) >= 0xa0) || (lead == 0xf4 && octet(1) >= 0x90);
  return overlong || beyond ? 0 : length;
}

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t length = 0; !text.empty(); text.remove_prefix(length)) {
    length = utf8_length(text);
    if (length == 0) return false;
  }
  return true;
}

}  // namespace pki::base
