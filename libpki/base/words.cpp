// SPDX-License-Identifier: Apache-2.0
#include "base/words.hpp"

#include <algorithm>

#include <fmt/ranges.h>

#include <pki/finding.hpp>

#include "base/address.hpp"

namespace pki::base {

namespace {

constexpr std::size_t longest_shown = 63;

std::string size_of(std::string_view text) { return fmt::format("({} bytes)", text.size()); }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string join(const std::vector<std::string>& texts) {
  return texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, ", "));
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string lower_first(std::string text) {
  if (!text.empty()) text.front() = lower(text.front());
  return text;
}

std::string shown_name(std::string_view text) { return text.size() > longest_shown ? size_of(text) : to_plain(text); }

std::string shown_value(std::string_view text) {
  return text.size() > longest_shown ? size_of(text) : fmt::format("\"{}\"", to_plain(text));
}

std::string shown_url(std::string_view url) {
  if (url.empty()) return "missing";
  const auto mark = url.find("://");
  const auto begin = mark == std::string_view::npos ? 0 : mark + 3;
  const auto scheme = url.substr(0, begin);
  if (!scheme.empty() && scheme != "https://" && scheme != "http://") return size_of(url);
  const auto end = std::min(url.find_first_of("/?#", begin), url.size());
  const auto authority = url.substr(begin, end - begin);
  const auto at = authority.rfind('@');
  const auto host = at == std::string_view::npos ? authority : authority.substr(at + 1);
  if (!parse_host_port(host)) return size_of(url);
  return fmt::format("{}{}{}{}", scheme, at == std::string_view::npos ? "" : "...@", host,
                     end == url.size()        ? ""
                     : url.substr(end) == "/" ? "/"
                                              : "/...");
}

}  // namespace pki::base
