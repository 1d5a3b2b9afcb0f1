// SPDX-License-Identifier: Apache-2.0
#include <pki/certificate.hpp>

#include <algorithm>
#include <string_view>

namespace pki::inline PKI_ABI {

namespace {

/// Returns whether a text in a list of names is seen to be one name.
bool is_one_word(std::string_view text) {
  constexpr std::string_view separators = ",;\"\\";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return c > 0x20 && c < 0x7f && separators.find(c) == std::string_view::npos;
  });
}

}  // namespace

std::string to_text(const GeneralName& name) {
  if (name.kind == GeneralName::Kind::other) return "(another kind of name)";
  if (is_one_word(name.value)) return name.value;
  std::string text = "\"";
  for (const char c : name.value) {
    if (c == '"' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  return text + "\"";
}

}  // namespace pki::inline PKI_ABI
