#include "formats/kubeconfig/credential_values.hpp"

#include <algorithm>
#include <array>

#include "formats/yaml/yaml_lexer.hpp"

namespace pki::formats {

namespace {

constexpr std::array<std::string_view, 8> secret_names{"client-key-data", "token",        "password",
                                                       "id-token",        "access-token", "refresh-token",
                                                       "client-secret",   "bearer-token"};
constexpr std::array<std::string_view, 2> public_names{"client-certificate-data", "certificate-authority-data"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

template <class Table>
bool holds(const Table& table, std::string_view name) {
  return std::find(table.begin(), table.end(), name) != table.end();
}

void mask(SecretString& text, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i)
    if (!is_blank(text[i])) text[i] = 'x';
}

/// The quotes and the sign of a block scalar stay, so that a reader still finds a scalar of that form.
void mask_value(SecretString& text, const YamlToken& token) {
  switch (token.form) {
    case YamlToken::Form::plain:
      return mask(text, token.begin, token.end);
    case YamlToken::Form::quoted:
      return mask(text, token.begin + 1, token.end - 1);
    case YamlToken::Form::block:
      return mask(text, token.content, token.end);
    case YamlToken::Form::comment:
      return mask(text, token.begin + 1, token.end);
  }
}

/// unescape takes one escape of a double-quoted scalar; JSON writers may write "\/". False: not one for base64.
bool unescape(char c, SecretString& out) {
  if (c == '/') out.push_back('/');
  return c == '/' || c == 'n' || c == 'r' || c == 't' || c == '\n' || c == '\r' || c == ' ';
}

std::optional<SecretString> double_quoted(std::string_view inside) {
  SecretString out;
  out.reserve(inside.size());
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\')
      out.push_back(inside[i]);
    else if (++i == inside.size() || !unescape(inside[i], out))
      return std::nullopt;
  }
  return out;
}

}  // namespace

bool is_secret_name(std::string_view name) noexcept { return holds(secret_names, name); }

bool is_masked(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == 'x' || is_blank(c); });
}

const CredentialValue* CredentialValues::find(std::size_t begin) const noexcept {
  const auto found = std::lower_bound(values.begin(), values.end(), begin,
                                      [](const CredentialValue& value, std::size_t at) { return value.begin < at; });
  return found == values.end() || found->begin != begin ? nullptr : &*found;
}

CredentialValues locate_credentials(const SecretString& text) {
  CredentialValues found;
  SecretString masked = text;
  YamlLexer lexer(text);
  while (const auto token = lexer.next()) {
    const bool secret = is_secret_name(token->field);
    if (token->form == YamlToken::Form::comment || secret) mask_value(masked, *token);
    if (secret || holds(public_names, token->field)) found.values.push_back({token->begin, token->end});
  }
  found.masked.assign(masked.data(), masked.size());
  return found;
}

std::optional<SecretString> scalar_content(const SecretString& text, const CredentialValue& value) {
  const auto all = std::string_view(text).substr(value.begin, value.end - value.begin);
  if (all.size() >= 2 && all.front() == '"') return double_quoted(all.substr(1, all.size() - 2));
  if (all.size() >= 2 && all.front() == '\'') return SecretString(all.substr(1, all.size() - 2));
  if (all.starts_with('|') || all.starts_with('>')) {
    const auto header = all.find('\n');
    return SecretString(header == std::string_view::npos ? std::string_view() : all.substr(header));
  }
  return SecretString(all);
}

}  // namespace pki::formats
