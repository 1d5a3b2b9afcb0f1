#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/secret.hpp>

namespace pki::formats {

/// CredentialValue is where the value of a field like client-key-data stands in a kubeconfig.
struct CredentialValue {
  std::size_t begin{0};  ///< its first byte: the quote, the sign of a block scalar
  std::size_t end{0};    ///< behind its last byte
};

/// CredentialValues is what a look at the letters of a kubeconfig found, before any YAML reader has seen it.
struct CredentialValues {
  /// masked is the text, byte for byte as long and with the same lines, but with an x for each byte of a secret
  /// value and of a comment: what a YAML reader copies around is not worth reading.
  std::string masked;
  std::vector<CredentialValue> values;  ///< in the order of the text, public ones too

  /// find gives the value that begins at an offset, null where there is none.
  [[nodiscard]] const CredentialValue* find(std::size_t begin) const noexcept;
};

/// locate_credentials finds plain, quoted, multi-line and block scalars, in YAML and in JSON form.
[[nodiscard]] CredentialValues locate_credentials(const SecretString& text);

/// is_secret_name says whether the value of a field must not be seen: client-key-data, token, password, …
[[nodiscard]] bool is_secret_name(std::string_view name) noexcept;
/// is_masked says whether a text that a YAML reader gave back has nothing of the secret in it.
[[nodiscard]] bool is_masked(std::string_view text) noexcept;

/// scalar_content gives what a value says, without quotes, block sign and escapes. Blanks and line breaks stay: it is
/// for base64. Empty where there is an escape that base64 has no use for.
[[nodiscard]] std::optional<SecretString> scalar_content(const SecretString& text, const CredentialValue& value);

}  // namespace pki::formats
