#pragma once

#include <string_view>

namespace pki::formats {

/// guard_yaml refuses, before any YAML reader sees it, a text that could hurt one: bytes that are not UTF-8, control
/// characters (a YAML reader may take one for the end of the text), more brackets and commas than any honest file
/// has. `first_line` is the number of its first line. Throws YamlError.
void guard_yaml(std::string_view text, int first_line);

}  // namespace pki::formats
