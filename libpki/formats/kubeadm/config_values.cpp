#include "formats/kubeadm/config_values.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/words.hpp"

namespace pki::formats {

namespace {

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

bool holds_value(const YamlNode* node) { return node != nullptr && node->kind != YamlNode::Kind::null; }

}  // namespace

void take_node_name(Reading& reading, const YamlNode& node, const std::string& path) {
  if (auto name = reading.string(node, path)) reading.config().node_name = base::lower_case(*name);
}

void take_bind_port(Reading& reading, const YamlNode& node, const std::string& path) {
  const auto port = reading.number(node, path);
  if (port && *port != 0) reading.config().bind_port = *port;
}

void take_service_subnet(Reading& reading, const YamlNode& node, const std::string& path) {
  if (const auto subnets = reading.string(node, path)) reading.config().service_subnets = split_at_commas(*subnets);
}

void take_apiserver_sans(Reading& reading, const YamlNode& node, const std::string& path) {
  auto sans = reading.strings(node, path);
  if (!sans) return;
  for (auto& san : *sans)
    san = base::lower_case(san);
  reading.config().apiserver_sans = std::move(*sans);
}

void take_algorithm(Reading& reading, const YamlNode& node, const std::string& path) {
  const auto name = reading.string(node, path);
  if (!name) return;
  try {
    reading.config().algorithm = parse_key_algorithm(*name);
  } catch (const Error& error) {
    reading.problem(node.line, path, message_of(error), error.hint());
  }
}

void take_feature_gates(Reading& reading, const YamlNode& node, const std::string& path) {
  if (node.kind != YamlNode::Kind::map) return reading.wrong_type(node, path, "an object");
  for (const auto& gate : node.entries) {
    const auto here = field_path(path, gate.name);
    reading.found(here, gate.line);
    const auto on = reading.boolean(gate.value, here);
    if (gate.name == "PublicKeysECDSA" && on) reading.gate_decides(*on);
  }
}

void take_naming(Reading& reading, const YamlNode& node, const std::string& path) {
  const auto text = reading.string(node, path);
  if (!text) return;
  for (const auto naming : {Naming::recommended, Naming::kubeadm}) {
    if (to_string(naming) != *text) continue;
    reading.config().naming = naming;
    return;
  }
  reading.problem(node.line, path, fmt::format("found {}, expected recommended or kubeadm", describe(node)));
}

void take_kubeconfig_dir(Reading& reading, const YamlNode& node, const std::string& path) {
  const auto text = reading.string(node, path);
  if (!text) return;
  if (!text->starts_with('/'))
    reading.problem(node.line, path, fmt::format("found {}, expected an absolute path", describe(node)));
  reading.config().layout.kubeconfig_dir = *text;
}

void check_one_etcd(Reading& reading, const YamlNode& node, const std::string& path) {
  if (holds_value(node.find("local")) && holds_value(node.find("external")))
    reading.problem(node.line, path, "found both local and external, expected one of them",
                    "remove etcd.local where the cluster uses an etcd of somebody else's");
}

}  // namespace pki::formats
