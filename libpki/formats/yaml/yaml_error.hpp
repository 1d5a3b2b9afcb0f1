// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace pki::formats {

/// YamlError is thrown for text that is not YAML, and for YAML that is not supported. The message quotes nothing of the
/// text.
struct YamlError : std::runtime_error {
  YamlError(int line_, const std::string& message) : std::runtime_error(message), line(line_) {}
  int line;  ///< from 1
};

}  // namespace pki::formats
