// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "formats/report/json.hpp"

namespace pki::formats {

/// Returns an object as a YAML document, its keys in alphabetical order as in the YAML of Kubernetes, invalid UTF-8
/// replaced.
[[nodiscard]] std::string to_yaml_text(const Json& object);

}  // namespace pki::formats
