// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "formats/kubeadm/config_reader.hpp"

namespace pki::formats {

/// Each of these reads one list of rows of a PkiConfiguration; `path` names it in problems. The rows are not checked:
/// see `validate`.
void parse_optional_rows(ConfigReader& reader, const YamlNode& node, const std::string& path);
void parse_authorities(ConfigReader& reader, const YamlNode& node, const std::string& path);
void parse_leaves(ConfigReader& reader, const YamlNode& node, const std::string& path);
void parse_overrides(ConfigReader& reader, const YamlNode& node, const std::string& path);

}  // namespace pki::formats
