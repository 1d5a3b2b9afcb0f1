// SPDX-License-Identifier: Apache-2.0
#include <pki/config.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/address.hpp"
#include "base/utf8.hpp"
#include "base/words.hpp"
#include "model/identity.hpp"
#include "model/rows_check.hpp"
#include "model/signing_keys.hpp"

namespace pki::inline PKI_ABI {

namespace {

using Findings = std::vector<Finding>;

constexpr std::string_view subdomain_rule =
    "an RFC 1123 subdomain: lower-case letters, digits, '-' and '.', labels of at most 63 characters, 253 in all, the "
    "last of several "
    "labels not a number";

void refuse(Findings& findings, std::string field, std::string_view value, std::string_view expected) {
  findings.push_back({Rule::invalid_value, Severity::error, std::move(field),
                      fmt::format("invalid value {}, expected {}", base::shown_value(value), expected)});
}

void refuse_missing(Findings& findings, const char* field, std::string_view expected) {
  findings.push_back({Rule::value_missing,
                      Severity::error,
                      field,
                      fmt::format("missing, expected {}", expected),
                      {},
                      Remedy::set_field(field)});
}

void warn(Findings& findings, Rule rule, const char* field, std::string message, Remedy remedy = {}) {
  findings.push_back({rule, Severity::warning, field, std::move(message), {}, std::move(remedy)});
}

// The configuration is saved as YAML, which has no other texts.
void check_utf8(Findings& findings, std::string field, const std::string& text) {
  if (!base::is_utf8(text)) refuse(findings, std::move(field), text, "a text in UTF-8");
}

void check_absolute(Findings& findings, const char* field, const std::string& path) {
  if (path.empty() || path.front() != '/') refuse(findings, field, path, "an absolute path");
  if (path.find('\0') != std::string::npos) refuse(findings, field, path.c_str(), "a path without NUL bytes");
  check_utf8(findings, field, path);
}

bool is_plain_dns_name(const std::string& name) { return base::is_dns_san(name) && !name.starts_with('*'); }

void check_node_name(Findings& findings, const std::string& name) {
  if (name.empty()) refuse_missing(findings, "nodeRegistration.name", "the name of this node");
  // The name is an alternative name, of a node that is called by its address an IPv4 one. Kubernetes has no names with
  // colons.
  else if (const auto address = base::parse_ip(name); address ? address->is_v6 : !is_plain_dns_name(name))
    refuse(findings, "nodeRegistration.name", name, fmt::format("{}, or an IPv4 address", subdomain_rule));
}

std::optional<base::IpAddress> check_advertise_address(Findings& findings, const ClusterConfig& config) {
  constexpr auto field = "localAPIEndpoint.advertiseAddress";
  const auto& text = config.advertise_address;
  if (text.empty() && config.role == Role::worker) return std::nullopt;  // it has no API server
  const auto address = base::parse_ip(text);
  if (text.empty())
    refuse_missing(findings, field, "the address at which the API server of this node is reached");
  else if (!address || address->is_mapped())
    refuse(findings, field, text, "an IPv4 or IPv6 address");
  else if (!address->is_global_unicast())
    refuse(findings, field, text,
           "an address that other hosts can reach, not a loopback, link-local, multicast or unspecified one");
  return address;
}

std::optional<base::HostPort> check_endpoint(Findings& findings, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto endpoint = base::parse_host_port(text);
  if (!endpoint || model::parse_san(endpoint->host).kind == GeneralName::Kind::other)
    refuse(findings, "controlPlaneEndpoint", text, "HOST or HOST:PORT, the host an address or an RFC 1123 subdomain");
  return endpoint;
}

void check_sans(Findings& findings, const std::string& field, const std::vector<std::string>& sans, bool fold_case) {
  for (std::size_t i = 0; i < sans.size(); ++i) {
    const auto text = fold_case ? base::lower_case(sans[i]) : sans[i];
    if (model::parse_san(text).kind != GeneralName::Kind::other) continue;
    const auto address = base::parse_ip(text);
    refuse(findings, fmt::format("{}[{}]", field, i), sans[i],
           address ? "an IPv4 address in its own form, because Go refuses IPv4-mapped IPv6 addresses in certificates"
                   : "an IP address, an RFC 1123 subdomain in lower case, or \"*.\" before one");
  }
}

// The limits are kubeadm's: at least ten addresses, at most 2^20, so that the API server can keep its bitmap.
std::optional<base::Cidr> check_subnet(Findings& findings, const std::string& text) {
  const auto cidr = base::parse_cidr(text);
  if (!cidr || cidr->network.is_mapped())
    refuse(findings, "networking.serviceSubnet", text, "a CIDR such as 10.96.0.0/12");
  else if (cidr->host_bits() < 4)
    refuse(findings, "networking.serviceSubnet", text, "at least 10 addresses");
  else if (cidr->host_bits() > 20)
    refuse(findings, "networking.serviceSubnet", text,
           cidr->network.is_v6 ? "a prefix of at least /108" : "a prefix of at least /12");
  return cidr;
}

// Returns the first subnet.
std::optional<base::Cidr> check_subnets(Findings& findings, const std::vector<std::string>& subnets) {
  constexpr auto field = "networking.serviceSubnet";
  if (subnets.empty()) refuse_missing(findings, field, "one or two CIDRs");
  if (subnets.size() > 2) refuse(findings, field, fmt::format("{} CIDRs", subnets.size()), "at most two");
  std::vector<std::optional<base::Cidr>> parsed;
  for (const auto& subnet : subnets)
    parsed.push_back(check_subnet(findings, subnet));
  if (parsed.size() == 2 && parsed[0] && parsed[1] && parsed[0]->network.is_v6 == parsed[1]->network.is_v6)
    refuse(findings, field, fmt::format("{},{}", subnets[0], subnets[1]), "one IPv4 and one IPv6 CIDR");
  return parsed.empty() ? std::nullopt : parsed.front();
}

void check_external_etcd(Findings& findings, const ExternalEtcd& etcd) {
  const bool any_file = !etcd.ca_file.empty() || !etcd.cert_file.empty() || !etcd.key_file.empty();
  for (const auto& [field, path] :
       {std::pair{"etcd.external.caFile", &etcd.ca_file}, std::pair{"etcd.external.certFile", &etcd.cert_file},
        std::pair{"etcd.external.keyFile", &etcd.key_file}})
    if (!path->empty()) check_absolute(findings, field, *path);
  if (etcd.cert_file.empty() != etcd.key_file.empty())
    findings.push_back({Rule::values_conflict, Severity::error, "etcd.external.certFile",
                        "certFile and keyFile belong together, found only one of them"});
  if (!etcd.cert_file.empty() && etcd.ca_file.empty())
    findings.push_back(
        {Rule::value_missing, Severity::error, "etcd.external.caFile", "missing, expected because certFile is set"});
  for (std::size_t i = 0; i < etcd.endpoints.size(); ++i) {
    const auto& url = etcd.endpoints[i];
    if (!url.starts_with("https://") && (any_file || !url.starts_with("http://")))
      refuse(findings, fmt::format("etcd.external.endpoints[{}]", i), url,
             any_file ? "an https URL" : "an http or https URL");
    check_utf8(findings, fmt::format("etcd.external.endpoints[{}]", i), url);
  }
}

void check_lists(Findings& findings, const ClusterConfig& config) {
  check_sans(findings, "apiServer.certSANs", config.apiserver_sans, true);
  check_sans(findings, "etcd.local.serverCertSANs", config.etcd_server_sans, false);
  check_sans(findings, "etcd.local.peerCertSANs", config.etcd_peer_sans, false);
  if (config.external_etcd) check_external_etcd(findings, *config.external_etcd);
}

Findings validity_warnings(const ClusterConfig& config) {
  Findings found;
  const ClusterConfig defaults;
  const auto warn_above = [&](const char* field, std::chrono::seconds validity, std::chrono::seconds recommended) {
    if (validity <= recommended) return;
    warn(found, Rule::validity_above_default, field,
         fmt::format("{} is longer than the recommended {}", to_string(validity), to_string(recommended)));
  };
  warn_above("certificateValidityPeriod", config.leaf_validity, defaults.leaf_validity);
  warn_above("caCertificateValidityPeriod", config.ca_validity, defaults.ca_validity);
  if (config.leaf_validity > config.ca_validity)
    warn(found, Rule::validity_above_ca, "certificateValidityPeriod",
         "longer than that of the CAs; no certificate will outlive its CA");
  return found;
}

Findings warnings_of(const ClusterConfig& config, const std::optional<base::HostPort>& endpoint) {
  auto found = validity_warnings(config);
  for (const auto& [field, sans] : {std::pair{"etcd.local.serverCertSANs", &config.etcd_server_sans},
                                    std::pair{"etcd.local.peerCertSANs", &config.etcd_peer_sans}}) {
    if (config.external_etcd && !sans->empty())
      warn(found, Rule::value_unused, field,
           "has no effect, because etcd is external: its certificates are made elsewhere");
  }
  if (endpoint && endpoint->port && *endpoint->port != config.bind_port)
    warn(found, Rule::endpoint_port_differs, "controlPlaneEndpoint",
         fmt::format("port {} differs from the bind port {}", *endpoint->port, config.bind_port),
         "a load balancer must forward between them");
  make_plain(found);
  return found;
}

std::string url_of(const std::string& host, int port) { return "https://" + base::join_host_port(host, port); }

}  // namespace

Validation validate(ClusterConfig config) {
  Findings findings;
  check_node_name(findings, config.node_name);
  const auto address = check_advertise_address(findings, config);
  if (config.bind_port < 1 || config.bind_port > 65535)
    refuse(findings, "localAPIEndpoint.bindPort", std::to_string(config.bind_port), "a port from 1 to 65535");
  const auto endpoint = check_endpoint(findings, config.control_plane_endpoint);
  const auto subnet = check_subnets(findings, config.service_subnets);
  if (!base::is_dns_san("kubernetes.default.svc." + config.dns_domain))
    refuse(findings, "networking.dnsDomain", config.dns_domain,
           fmt::format("{}, also behind \"kubernetes.default.svc.\"", subdomain_rule));
  if (config.cluster_name.empty()) refuse_missing(findings, "clusterName", "a name for the cluster");
  check_utf8(findings, "clusterName", config.cluster_name);
  check_lists(findings, config);
  model::check_validity(findings, "certificateValidityPeriod", config.leaf_validity);
  model::check_validity(findings, "caCertificateValidityPeriod", config.ca_validity);
  check_absolute(findings, "certificatesDir", config.layout.certificates_dir.string());
  check_absolute(findings, "kubeconfigDir", config.layout.kubeconfig_dir.string());
  if (config.rows) std::ranges::move(model::check_rows(*config.rows), std::back_inserter(findings));
  std::ranges::move(model::check_signing_keys(config.signing_keys, effective_catalog(&config, std::nullopt)),
                    std::back_inserter(findings));
  make_plain(findings);
  Validation result{.problems = std::move(findings), .warnings = warnings_of(config, endpoint)};
  if (!result.problems.empty()) return result;
  std::ranges::move(model::warnings_of_rows(config), std::back_inserter(result.warnings));
  ValidConfig::Derived derived{.advertise_address = address ? to_text(*address) : "",
                               .first_service_address = to_text(base::first_host(*subnet)),
                               .control_plane_host = endpoint ? endpoint->host : ""};
  if (address) derived.local_url = url_of(derived.advertise_address, config.bind_port);
  derived.control_plane_url =
      endpoint ? url_of(endpoint->host, endpoint->port.value_or(config.bind_port)) : derived.local_url;
  ValidConfig valid(std::move(config), std::move(derived));
  result.problems = model::check_row_names(valid);
  if (result.problems.empty()) result.config = std::move(valid);
  return result;
}

const ValidConfig& Validation::value() const& {
  if (config) return *config;
  throw Error(Errc::invalid_config, problems.at(0));
}

ValidConfig Validation::value() && { return std::as_const(*this).value(); }

}  // namespace pki::inline PKI_ABI
