#pragma once

#include <string>
#include <string_view>

namespace pki::formats {

/// ScalarType is what a plain (unquoted) YAML scalar is for Kubernetes' reader (YAML 1.1 core types).
enum class ScalarType { null, boolean, number, string };

[[nodiscard]] ScalarType type_of_plain(std::string_view text) noexcept;

/// yaml_scalar writes a text so that every YAML reader gives it back as a string: plain where that is beyond doubt,
/// double-quoted otherwise.
[[nodiscard]] std::string yaml_scalar(std::string_view text);

}  // namespace pki::formats
