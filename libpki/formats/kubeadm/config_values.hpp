#pragma once

#include <optional>
#include <string>
#include <utility>

#include "formats/kubeadm/config_reading.hpp"

namespace pki::formats {

/// take overlays a default with what the text says, where it says something.
template <class T, class U>
void take(T& target, std::optional<U> value) {
  if (value) target = std::move(*value);
}

/// These take over one field each whose rule is more than its type; `path` names it in problems.
void take_node_name(Reading& reading, const YamlNode& node, const std::string& path);       ///< lower-cased
void take_bind_port(Reading& reading, const YamlNode& node, const std::string& path);       ///< 0: the default
void take_service_subnet(Reading& reading, const YamlNode& node, const std::string& path);  ///< comma list, no blanks
void take_apiserver_sans(Reading& reading, const YamlNode& node, const std::string& path);  ///< lower-cased
void take_algorithm(Reading& reading, const YamlNode& node, const std::string& path);
void take_feature_gates(Reading& reading, const YamlNode& node, const std::string& path);  ///< PublicKeysECDSA
void take_naming(Reading& reading, const YamlNode& node, const std::string& path);
void take_kubeconfig_dir(Reading& reading, const YamlNode& node, const std::string& path);  ///< absolute
/// check_one_etcd: local and external exclude each other.
void check_one_etcd(Reading& reading, const YamlNode& node, const std::string& path);

}  // namespace pki::formats
