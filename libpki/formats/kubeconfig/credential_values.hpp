#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <pki/secret.hpp>

#include "formats/yaml/yaml_tree.hpp"

namespace pki::formats {

/// Returns the text with a 0 for each letter and digit but those that say something about structure: in escapes, in the
/// headers of block scalars and in directives. A hexadecimal escape stays one.
[[nodiscard]] std::string without_words(std::string_view text);

/// mask_secrets returns a kubeconfig byte for byte as long, with the same lines and the same YAML structure, but with
/// nothing in it of the values of secret fields and of comments: a YAML parser leaves copies of what it reads in freed
/// memory. Where the values are is found by parsing the text without its words.
/// Throws YamlError.
[[nodiscard]] std::string mask_secrets(const SecretString& text);

/// Returns whether the value of a field must not be seen: client-key-data, token, password, …
[[nodiscard]] bool is_secret_name(std::string_view name) noexcept;
/// Returns whether the value of a secret field, as a YAML parser returned it, has nothing of the secret in it.
[[nodiscard]] bool is_masked(std::string_view text) noexcept;

/// Returns the content of a scalar, without quotes, block sign and escapes. Blanks and line breaks are kept: it is for
/// base64. Empty for a text with an escape that base64 has no use for.
[[nodiscard]] std::optional<SecretString> scalar_content(const SecretString& text, const YamlSpan& span);

}  // namespace pki::formats
