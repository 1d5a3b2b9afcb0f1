// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <pki/secret.hpp>

namespace pki::formats {

/// ScalarType is the type of a plain (unquoted) YAML scalar for Kubernetes' reader (YAML 1.1 core types).
enum class ScalarType { null, boolean, number, string };

[[nodiscard]] ScalarType type_of_plain(std::string_view text) noexcept;

/// Returns a scalar that every YAML reader reads as the string `text`: plain if that is beyond doubt, double-quoted
/// otherwise.
[[nodiscard]] std::string yaml_scalar(std::string_view text);
/// Appends the same scalar to `out`, without a copy that is not wiped: `text` may be a secret.
void append_yaml_scalar(SecretString& out, std::string_view text);

}  // namespace pki::formats
