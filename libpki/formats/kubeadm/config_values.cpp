// SPDX-License-Identifier: Apache-2.0
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

void parse_node_name(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  if (auto name = reader.string(node, path)) reader.config().node_name = base::lower_case(*name);
}

void parse_bind_port(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  const auto port = reader.number(node, path);
  if (port && *port != 0) reader.config().bind_port = *port;
}

void parse_service_subnet(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  if (const auto subnets = reader.string(node, path)) reader.config().service_subnets = split_at_commas(*subnets);
}

void parse_apiserver_sans(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  auto sans = reader.strings(node, path);
  if (!sans) return;
  for (auto& san : *sans)
    san = base::lower_case(san);
  reader.config().apiserver_sans = std::move(*sans);
}

void parse_algorithm(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  const auto name = reader.string(node, path);
  if (!name) return;
  try {
    reader.config().algorithm = parse_key_algorithm(*name);
  } catch (const Error& error) {
    reader.problem(Rule::invalid_value, node.line, path, error.message(), error.remedy());
  }
}

void parse_feature_gates(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  if (node.kind != YamlNode::Kind::map) return reader.wrong_type(node, path, "an object");
  for (const auto& gate : node.entries) {
    const auto here = field_path(path, gate.name);
    reader.found(here, gate.line);
    const auto on = reader.boolean(gate.value, here);
    if (gate.name == "PublicKeysECDSA" && on) reader.set_ecdsa_gate(*on);
  }
}

void parse_naming(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  const auto text = reader.string(node, path);
  if (!text) return;
  for (const auto naming : {Naming::recommended, Naming::kubeadm}) {
    if (to_string(naming) != *text) continue;
    reader.config().naming = naming;
    return;
  }
  reader.problem(Rule::invalid_value, node.line, path,
                 fmt::format("found {}, expected recommended or kubeadm", describe(node)));
}

void parse_host_role(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  const auto text = reader.string(node, path);
  if (!text) return;
  if (const auto role = parse_role(*text))
    reader.config().role = role;
  else
    reader.problem(Rule::invalid_value, node.line, path,
                   fmt::format("found {}, expected control-plane, joining-control-plane, etcd, worker or ca-host",
                               describe(node)));
}

void parse_kubeconfig_dir(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  const auto text = reader.string(node, path);
  if (!text) return;
  if (!text->starts_with('/'))
    reader.problem(Rule::invalid_value, node.line, path,
                   fmt::format("found {}, expected an absolute path", describe(node)));
  reader.config().layout.kubeconfig_dir = *text;
}

void parse_signing_keys(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  if (node.kind != YamlNode::Kind::map) return reader.wrong_type(node, path, "an object");
  for (const auto& entry : node.entries) {
    const auto here = field_path(path, entry.name);
    reader.found(here, entry.line);
    if (auto uri = reader.string(entry.value, here)) reader.config().signing_keys[entry.name] = std::move(*uri);
  }
}

void check_one_etcd(ConfigReader& reader, const YamlNode& node, const std::string& path) {
  if (holds_value(node.find("local")) && holds_value(node.find("external")))
    reader.problem(Rule::values_conflict, node.line, path, "found both local and external, expected one of them",
                   "remove etcd.local if the cluster uses an external etcd");
}

}  // namespace pki::formats
