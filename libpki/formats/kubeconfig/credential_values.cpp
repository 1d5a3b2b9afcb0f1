// SPDX-License-Identifier: Apache-2.0
#include "formats/kubeconfig/credential_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include "formats/yaml/yaml_scalar.hpp"

namespace pki::formats {

namespace {

constexpr std::array<std::string_view, 8> secret_names{"client-key-data", "token",        "password",
                                                       "id-token",        "access-token", "refresh-token",
                                                       "client-secret",   "bearer-token"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_quote(char c) { return c == '"' || c == '\''; }
bool is_block_sign(char c) { return c == '|' || c == '>'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c); }

/// Returns whether the next character may be the indentation of a block scalar: after "|", ">", "|-", ">+", ...
bool is_block_header(std::string_view before) {
  if (before.ends_with('+') || before.ends_with('-')) before.remove_suffix(1);
  return !before.empty() && is_block_sign(before.back());
}

/// libyaml knows no other directives.
bool is_directive(std::string_view line) { return line.starts_with("%YAML ") || line.starts_with("%TAG "); }

void reveal(std::string& masked, std::string_view text, const YamlSpan& span) {
  std::ranges::copy(span.of(text), masked.begin() + static_cast<std::ptrdiff_t>(span.begin));
}

/// Returns the span of a scalar without its quotes, or without the header of a block.
YamlSpan inside(std::string_view text, YamlSpan span) {
  const auto all = span.of(text);
  if (all.size() >= 2 && is_quote(all.front())) return {span.begin + 1, span.end - 1};
  if (!all.empty() && is_block_sign(all.front())) return {span.begin + std::min(all.find('\n'), all.size()), span.end};
  return span;
}

/// Blanks and line breaks stay, so that the parser folds the lines as it would fold those of the value: of a
/// double-quoted scalar also the backslash that continues a line.
void hide(std::string& masked, std::string_view text, const YamlSpan& span, bool double_quoted) {
  for (auto i = span.begin; i < span.end; ++i) {
    const bool escape = double_quoted && text[i] == '\\' && i + 1 < span.end;
    const bool continues = escape && (text[i + 1] == '\n' || text[i + 1] == '\r');
    if (continues)
      masked[i] = '\\';
    else if (!is_blank(text[i]))
      masked[i] = 'x';
    if (escape && !continues) masked[++i] = 'x';
  }
}

/// A list or a map under a secret name keeps its letters and digits masked.
void mask_secret(std::string& masked, std::string_view text, const YamlNode& value) {
  if (value.kind != YamlNode::Kind::scalar) return;
  if (value.plain && type_of_plain(value.span.of(text)) == ScalarType::null)
    reveal(masked, text, value.span);
  else
    hide(masked, text, inside(text, value.span), value.span.of(text).starts_with('"'));
}

/// Copies all names and the values that are not secret. Text outside of scalars, comments for example, is not
/// copied.
void reveal_public(std::string& masked, std::string_view text, const YamlNode& node) {
  if (node.kind == YamlNode::Kind::scalar) reveal(masked, text, inside(text, node.span));
  for (const auto& item : node.items)
    reveal_public(masked, text, item);
  for (const auto& entry : node.entries) {
    reveal(masked, text, entry.name_span);
    if (is_secret_name(inside(text, entry.name_span).of(text)))
      mask_secret(masked, text, entry.value);
    else
      reveal_public(masked, text, entry.value);
  }
}

/// Returns the number of hexadecimal digits after "\x", "\u" or "\U"; 0 for other escapes.
std::size_t digits_after(char c) { return c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0; }

/// Reads one escape of a double-quoted scalar, which begins after the backslash, and returns its length; 0 for one that
/// base64 has no use for. Line breaks have no meaning in base64. JSON writers may write "\/" and "\u002b".
std::size_t unescape(std::string_view escape, SecretString& out) {
  if (escape.empty()) return 0;
  if (escape[0] == '/') out.push_back('/');
  if (escape[0] == '/' || escape[0] == 'n' || escape[0] == 'r' || escape[0] == '\n' || escape[0] == '\r') return 1;
  const auto digits = digits_after(escape[0]);
  if (digits == 0 || escape.size() <= digits) return 0;
  unsigned value = 0;
  const auto* const end = escape.data() + 1 + digits;
  const auto [rest, error] = std::from_chars(escape.data() + 1, end, value, 16);
  if (error != std::errc{} || rest != end || value >= 0x80 || is_blank(static_cast<char>(value))) return 0;
  out.push_back(static_cast<char>(value));
  return 1 + digits;
}

std::optional<SecretString> double_quoted(std::string_view content) {
  SecretString out;
  out.reserve(content.size());
  for (std::size_t i = 0; i < content.size();) {
    if (content[i] != '\\') {
      out.push_back(content[i++]);
      continue;
    }
    const auto length = unescape(content.substr(i + 1), out);
    if (length == 0) return std::nullopt;
    i += 1 + length;
  }
  return out;
}

}  // namespace

bool is_secret_name(std::string_view name) noexcept {
  return std::ranges::find(secret_names, name) != secret_names.end();
}

bool is_masked(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return c == 'x' || is_blank(c); });
}

std::string without_words(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool directive = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins_line = out.empty() || out.back() == '\n' || out.back() == '\r';
    if (begins_line) directive = is_directive(text.substr(i));
    const bool structural = directive || (is_digit(text[i]) && is_block_header(out));
    out.push_back(is_letter_or_digit(text[i]) && !structural ? '0' : text[i]);
    if (text[i] == '\\' && i + 1 < text.size()) out.push_back(text[++i]);
  }
  return out;
}

std::string mask_secrets(const SecretString& text) {
  auto masked = without_words(text);
  reveal_public(masked, text, parse_yaml(masked));
  return masked;
}

std::optional<SecretString> scalar_content(const SecretString& text, const YamlSpan& span) {
  const auto content = inside(text, span).of(text);
  return text[span.begin] == '"' ? double_quoted(content) : SecretString(content);
}

}  // namespace pki::formats
