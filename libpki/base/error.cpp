#include <pki/error.hpp>

#include <algorithm>

#include "base/utf8.hpp"

namespace pki {

namespace {

unsigned char octet(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

void append_escaped(std::string& out, std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < octets.size(); ++i) {
    out.append("\\x").push_back(digits[octet(octets, i) >> 4U]);
    out.push_back(digits[octet(octets, i) & 0xfU]);
  }
}

/// Returns the first `most` bytes, or a few less, so that no UTF-8 character is cut in half.
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
  for (auto rest = shown; !rest.empty();) {
    auto octets = rest;
    const auto c = base::next_character(rest);
    if (!c) rest.remove_prefix(1);  // kept as it is
    octets.remove_suffix(rest.size());
    if (c && base::is_control(*c)) {
      append_escaped(out, octets);
    } else {
      out.append(octets);
    }
  }
  return shown.size() == text.size() ? out : out + "...";
}

void make_plain(std::vector<Problem>& problems) {
  for (auto& problem : problems) {
    for (auto* text : {&problem.subject, &problem.message, &problem.hint})
      *text = to_plain(*text);
  }
}

}  // namespace pki
