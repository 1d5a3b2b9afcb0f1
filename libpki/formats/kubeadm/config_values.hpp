// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "formats/kubeadm/config_reader.hpp"

namespace pki::formats {

/// assign replaces a default with a value, if there is one.
template <class T, class U>
void assign(T& target, std::optional<U> value) {
  if (value) target = std::move(*value);
}

/// Each of these sets one field of the configuration whose rule is more than its type; `path` names it in problems.
void parse_node_name(ConfigReader& reader, const YamlNode& node, const std::string& path);  ///< lower-cased
void parse_bind_port(ConfigReader& reader, const YamlNode& node, const std::string& path);  ///< 0: the default
void parse_service_subnet(ConfigReader& reader, const YamlNode& node,
                          const std::string& path);  ///< comma list, no blanks
void parse_apiserver_sans(ConfigReader& reader, const YamlNode& node, const std::string& path);  ///< lower-cased
void parse_algorithm(ConfigReader& reader, const YamlNode& node, const std::string& path);
void parse_feature_gates(ConfigReader& reader, const YamlNode& node, const std::string& path);  ///< PublicKeysECDSA
void parse_naming(ConfigReader& reader, const YamlNode& node, const std::string& path);
void parse_host_role(ConfigReader& reader, const YamlNode& node, const std::string& path);
void parse_kubeconfig_dir(ConfigReader& reader, const YamlNode& node, const std::string& path);  ///< absolute
void parse_signing_keys(ConfigReader& reader, const YamlNode& node, const std::string& path);    ///< CA → URI
/// check_one_etcd adds a problem if there is both a local and an external etcd.
void check_one_etcd(ConfigReader& reader, const YamlNode& node, const std::string& path);

}  // namespace pki::formats
