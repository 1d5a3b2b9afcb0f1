// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/config.hpp>

#include "formats/yaml/yaml_scalar.hpp"

namespace pki::inline PKI_ABI {

namespace {

/// Lines writes one field per line, indented by two blanks per level. An empty value is omitted: it is the default.
class Lines {
 public:
  void raw(std::string_view line) { out_.append(line).append("\n"); }

  void object(int depth, std::string_view name) {
    indent(depth);
    out_ += fmt::format("{}:\n", name);
  }

  void field(int depth, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    indent(depth);
    out_ += fmt::format("{}: {}\n", name, formats::yaml_scalar(value));
  }

  void number(int depth, std::string_view name, int value) {
    indent(depth);
    out_ += fmt::format("{}: {}\n", name, value);
  }

  /// Begins the next item of a list of objects: its first field has a dash.
  void item() { dash_ = true; }

  void list(int depth, std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    object(depth, name);
    for (const auto& value : values)
      out_ += fmt::format("{:{}}- {}\n", "", 2 * depth, formats::yaml_scalar(value));
  }

  [[nodiscard]] std::string&& result() { return std::move(out_); }

 private:
  // The dash of an item takes the place of the last two blanks.
  void indent(int depth) {
    const bool first = std::exchange(dash_, false);
    out_.append(static_cast<std::size_t>(2 * (first ? depth - 1 : depth)), ' ').append(first ? "- " : "");
  }

  std::string out_;
  bool dash_{false};
};

std::string join(const std::vector<std::string>& values) {
  std::string out;
  for (const auto& value : values)
    out.append(out.empty() ? "" : ",").append(value);
  return out;
}

void write_external_etcd(Lines& lines, const ExternalEtcd& etcd) {
  const bool empty = etcd == ExternalEtcd{};
  lines.raw("etcd:");
  lines.raw(empty ? "  external: {}" : "  external:");
  lines.list(2, "endpoints", etcd.endpoints);
  lines.field(2, "caFile", etcd.ca_file);
  lines.field(2, "certFile", etcd.cert_file);
  lines.field(2, "keyFile", etcd.key_file);
}

void write_etcd(Lines& lines, const ClusterConfig& config) {
  if (config.external_etcd) return write_external_etcd(lines, *config.external_etcd);
  if (config.etcd_server_sans.empty() && config.etcd_peer_sans.empty()) return;
  lines.raw("etcd:");
  lines.raw("  local:");
  lines.list(2, "serverCertSANs", config.etcd_server_sans);
  lines.list(2, "peerCertSANs", config.etcd_peer_sans);
}

void write_networking(Lines& lines, const ClusterConfig& config) {
  const auto subnets = join(config.service_subnets);
  if (subnets.empty() && config.dns_domain.empty()) return;
  lines.raw("networking:");
  lines.field(1, "serviceSubnet", subnets);
  lines.field(1, "dnsDomain", config.dns_domain);
}

void write_cluster(Lines& lines, const ClusterConfig& config) {
  lines.raw("apiVersion: kubeadm.k8s.io/v1beta4");
  lines.raw("kind: ClusterConfiguration");
  lines.field(0, "clusterName", config.cluster_name);
  lines.field(0, "controlPlaneEndpoint", config.control_plane_endpoint);
  lines.field(0, "certificatesDir", config.layout.certificates_dir.string());
  lines.field(0, "encryptionAlgorithm", to_string(config.algorithm));
  lines.field(0, "certificateValidityPeriod", to_string(config.leaf_validity));
  lines.field(0, "caCertificateValidityPeriod", to_string(config.ca_validity));
  write_networking(lines, config);
  if (!config.apiserver_sans.empty()) lines.object(0, "apiServer");
  lines.list(1, "certSANs", config.apiserver_sans);
  write_etcd(lines, config);
}

void write_init(Lines& lines, const ClusterConfig& config) {
  lines.raw("---");
  lines.raw("apiVersion: kubeadm.k8s.io/v1beta4");
  lines.raw("kind: InitConfiguration");
  if (!config.node_name.empty()) lines.object(0, "nodeRegistration");
  lines.field(1, "name", config.node_name);
  lines.object(0, "localAPIEndpoint");
  lines.field(1, "advertiseAddress", config.advertise_address);
  lines.raw(fmt::format("  bindPort: {}", config.bind_port));
}

// Writes the validity period and algorithm of new files of a row.
template <class Row>
void write_making(Lines& lines, const Row& row) {
  if (row.validity) lines.field(1, "validityPeriod", to_string(*row.validity));
  if (row.algorithm) lines.field(1, "encryptionAlgorithm", to_string(*row.algorithm));
}

void write_authority(Lines& lines, const CaConfig& ca) {
  lines.item();
  lines.field(1, "name", ca.name);
  lines.field(1, "issuer", ca.issuer);
  lines.field(1, "commonName", ca.common_name);
  lines.field(1, "path", ca.path);
  if (ca.path_length) lines.number(1, "pathLength", *ca.path_length);
  write_making(lines, ca);
}

std::vector<std::string> names_of(const RoleSet& roles) {
  using enum Role;
  std::vector<std::string> names;
  for (const auto role : {first_control_plane, joining_control_plane, etcd_host, worker, ca_host})
    if (roles.contains(role)) names.emplace_back(to_string(role));
  return names;
}

void write_leaf(Lines& lines, const LeafConfig& leaf) {
  lines.item();
  lines.field(1, "name", leaf.name);
  lines.field(1, "issuer", leaf.issuer);
  lines.field(1, "profile", to_string(leaf.profile));
  lines.field(1, "form", leaf.form == Form::kubeconfig ? "kubeconfig" : "keyPair");
  lines.field(1, "commonName", leaf.common_name);
  lines.list(1, "organizations", leaf.organizations);
  lines.list(1, "sans", leaf.sans);
  lines.field(1, "server", leaf.server);
  lines.field(1, "path", leaf.path);
  lines.list(1, "roles", names_of(leaf.roles));
  write_making(lines, leaf);
  if (!leaf.consumers.empty()) lines.object(1, "consumers");
  for (const auto& consumer : leaf.consumers) {
    lines.item();
    lines.field(2, "process", consumer.process);
    lines.field(2, "reloadMode", consumer.reload_mode == ReloadMode::automatic ? "automatic" : "restart");
  }
}

void write_override(Lines& lines, const RowOverride& change) {
  lines.item();
  lines.field(1, "name", change.name);
  write_making(lines, change);
}

void write_rows(Lines& lines, const RowsConfig& rows) {
  if (rows == RowsConfig{}) lines.raw("optionalRows: []");
  lines.list(0, "optionalRows", rows.optional);
  if (!rows.authorities.empty()) lines.object(0, "certificateAuthorities");
  for (const auto& ca : rows.authorities)
    write_authority(lines, ca);
  if (!rows.leaves.empty()) lines.object(0, "certificates");
  for (const auto& leaf : rows.leaves)
    write_leaf(lines, leaf);
  if (!rows.overrides.empty()) lines.object(0, "overrides");
  for (const auto& change : rows.overrides)
    write_override(lines, change);
}

void write_pki(Lines& lines, const ClusterConfig& config) {
  lines.raw("---");
  lines.raw("apiVersion: pkigen/v1");
  lines.raw("kind: PkiConfiguration");
  lines.field(0, "naming", to_string(config.naming));
  if (config.role) lines.field(0, "role", to_string(*config.role));
  if (!config.signing_keys.empty()) lines.object(0, "signingKeys");
  for (const auto& [ca, uri] : config.signing_keys)
    lines.field(1, formats::yaml_scalar(ca), uri);
  if (config.rows) write_rows(lines, *config.rows);
}

}  // namespace

std::string to_yaml(const ClusterConfig& config) {
  Lines lines;
  lines.raw(
      "# What this cluster's certificates are made from: kubeadm's configuration format, and pkigen's own document.");
  write_cluster(lines, config);
  write_init(lines, config);
  write_pki(lines, config);
  return lines.result();
}

}  // namespace pki::inline PKI_ABI
