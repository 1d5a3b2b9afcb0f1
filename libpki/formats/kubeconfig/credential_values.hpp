// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <pki/secret.hpp>

#include "formats/yaml/yaml_tree.hpp"

namespace pki::formats {

/// Returns the text with each letter and digit replaced by 0, except where they are part of the structure: in escapes,
/// in the headers of block scalars and in directives. A hexadecimal escape remains a valid one.
[[nodiscard]] std::string without_words(std::string_view text);

/// Returns a kubeconfig with the values of secret fields and all comments masked: a YAML parser leaves copies of what
/// it reads in freed memory. Every offset, line and the YAML structure are those of the text. The values are located by
/// parsing the text without its words. Throws YamlError.
[[nodiscard]] std::string mask_secrets(const SecretString& text);

/// Returns whether the value of a field must not be seen: client-key-data, token, password, …
[[nodiscard]] bool is_secret_name(std::string_view name) noexcept;
/// Returns whether the value of a secret field, as a YAML parser returned it, is masked.
[[nodiscard]] bool is_masked(std::string_view text) noexcept;

/// Returns the content of a scalar, without quotes, block sign and escapes. Blanks and line breaks are kept: it is for
/// base64. Empty for a text with an escape that base64 has no use for.
[[nodiscard]] std::optional<SecretString> scalar_content(const SecretString& text, const YamlSpan& span);

}  // namespace pki::formats
