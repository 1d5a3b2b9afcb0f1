#include <pki/error.hpp>

#include <algorithm>

namespace pki {

namespace {

unsigned char octet(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

/// is_control knows C0, DEL, and C1 in UTF-8: 0xc2 and one octet below 0xa0.
bool is_control(std::string_view text, std::size_t i) {
  const auto c = octet(text, i);
  const bool begins_c1 = c == 0xc2 && i + 1 < text.size() && octet(text, i + 1) >= 0x80 && octet(text, i + 1) < 0xa0;
  const bool ends_c1 = c >= 0x80 && c < 0xa0 && i != 0 && octet(text, i - 1) == 0xc2;
  return c < 0x20 || c == 0x7f || begins_c1 || ends_c1;
}

void append_escaped(std::string& out, unsigned char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.append("\\x").push_back(digits[c >> 4U]);
  out.push_back(digits[c & 0xfU]);
}

/// cut takes no more than `most` bytes, and no part of a UTF-8 character.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most != 0 && (octet(text, most) & 0xc0U) == 0x80U)
    --most;
  return text.substr(0, most);
}

}  // namespace

std::string to_plain(std::string_view text, std::size_t most) {
  const auto shown = cut(text, most);
  std::string out;
  out.reserve(shown.size());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (is_control(shown, i))
      append_escaped(out, octet(shown, i));
    else
      out.push_back(shown[i]);
  }
  return shown.size() == text.size() ? out : out + "...";
}

void make_plain(std::vector<Problem>& problems) {
  for (auto& problem : problems)
    for (auto* text : {&problem.subject, &problem.message, &problem.hint})
      *text = to_plain(*text);
}

}  // namespace pki
