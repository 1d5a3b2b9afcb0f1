#include "formats/kubeconfig/credential_values.hpp"

#include <algorithm>
#include <array>

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

void hide(std::string& masked, const YamlSpan& span) {
  const auto at = [&](std::size_t offset) { return masked.begin() + static_cast<std::ptrdiff_t>(offset); };
  std::replace_if(
      at(span.begin), at(span.end), [](char c) { return !is_blank(c); }, 'x');
}

/// A list or a map under a secret name keeps its letters and digits masked.
void mask_secret(std::string& masked, std::string_view text, const YamlNode& value) {
  if (value.kind != YamlNode::Kind::scalar) return;
  if (value.plain && type_of_plain(value.span.of(text)) == ScalarType::null)
    reveal(masked, text, value.span);
  else
    hide(masked, inside(text, value.span));
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

/// Reads one escape of a double-quoted scalar; JSON writers may write "\/". Returns false for one that base64 has no
/// use for.
bool unescape(char c, SecretString& out) {
  if (c == '/') out.push_back('/');
  return c == '/' || c == 'n' || c == 'r' || c == 't' || c == '\n' || c == '\r' || c == ' ';
}

std::optional<SecretString> double_quoted(std::string_view content) {
  SecretString out;
  out.reserve(content.size());
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (content[i] != '\\') {
      out.push_back(content[i]);
    } else if (++i == content.size() || !unescape(content[i], out)) {
      return std::nullopt;
    }
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
