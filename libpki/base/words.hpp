// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pki::base {

/// Returns `texts` joined with ", ", or "none" for an empty list.
[[nodiscard]] std::string join(const std::vector<std::string>& texts);

/// Returns `text` with its ASCII letters in lower case, whatever the locale.
[[nodiscard]] std::string lower_case(std::string_view text);
/// Returns `text` with its first letter in lower case, as messages begin.
[[nodiscard]] std::string lower_first(std::string text);

// The part that messages may show of a text from a file that may hold secrets anywhere, because a lost line end or a
// wrong field put one there. The rest is shown by its size: "(227 bytes)".

/// Returns a name of at most 63 bytes, as a DNS label has: a line of PEM and a certificate key of kubeadm have one
/// more.
[[nodiscard]] std::string shown_name(std::string_view text);
/// Returns shown_name in quotes, as messages show a value that somebody wrote.
[[nodiscard]] std::string shown_value(std::string_view text);
/// Returns the scheme, host and port of a URL of HTTP (RFC 3986 3.2); "..." replaces a user name and password, and
/// a path. Returns "missing" for an empty text.
[[nodiscard]] std::string shown_url(std::string_view url);

}  // namespace pki::base
