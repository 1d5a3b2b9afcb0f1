// SPDX-License-Identifier: Apache-2.0
#include "base/key_uri.hpp"

#include <algorithm>
#include <string>

#include <pki/signer.hpp>

#include "base/utf8.hpp"
#include "base/words.hpp"

namespace pki::base {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_of_scheme(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; }

constexpr std::string_view pin = "pin-value=";

/// Returns where the next value of `pin-value` begins, in any case, as people write it; npos where it has no PIN.
std::size_t find_pin(std::string_view text, std::size_t from) {
  const auto uri = lower_case(text);
  const auto begins_attribute = [&](std::size_t at) {
    return at != 0 && std::string_view("?&;:").find(uri[at - 1]) != std::string_view::npos;
  };
  auto at = uri.find(pin, from);
  while (at != std::string::npos && !begins_attribute(at))
    at = uri.find(pin, at + 1);
  return at == std::string::npos ? at : at + pin.size();
}

}  // namespace

std::string_view scheme_of(std::string_view uri) noexcept {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || colon == 0 || !is_letter(uri.front())) return {};
  const auto scheme = uri.substr(0, colon);
  return std::ranges::all_of(scheme, is_of_scheme) ? scheme : std::string_view();
}

std::string_view file_of_uri(std::string_view uri) noexcept {
  constexpr std::string_view scheme = "file:";
  if (!uri.starts_with(scheme)) return {};
  uri.remove_prefix(scheme.size());
  if (uri.starts_with("///")) uri.remove_prefix(2);
  return uri.starts_with('/') && !uri.starts_with("//") ? uri : std::string_view();
}

}  // namespace pki::base

namespace pki::inline PKI_ABI {

std::string shown_key_uri(std::string_view uri) {
  std::string shown;
  std::size_t done = 0;
  for (auto at = base::find_pin(uri, 0); at != std::string_view::npos; at = base::find_pin(uri, done)) {
    shown.append(uri.substr(done, at - done)).append("...");
    done = std::min(uri.find('&', at), uri.size());
  }
  return shown.append(uri.substr(done));
}

std::string check_key_uri(std::string_view uri) {
  const auto scheme = base::scheme_of(uri);
  if (scheme.empty()) return "it has no scheme, expected file:/path, pkcs11:... or handle:0x...";
  if (std::ranges::any_of(uri, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return "it has control characters";
  if (!base::is_utf8(uri)) return "it is not UTF-8";
  if (base::find_pin(uri, 0) != std::string_view::npos)
    return "it has a PIN (pin-value), which belongs into a file that only its owner can read";
  if (scheme == "file" && base::file_of_uri(uri).empty()) return "its path is not absolute, expected file:/path";
  if (uri.size() == scheme.size() + 1) return "it names nothing after its scheme";
  return {};
}

}  // namespace pki::inline PKI_ABI
