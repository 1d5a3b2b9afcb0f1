// SPDX-License-Identifier: Apache-2.0
#include "commands/cluster_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

#include <pki/error.hpp>

namespace cli {

namespace {

using Values = std::vector<std::string>;

int parse_port(const std::string& text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size())
    throw pki::Error(pki::Errc::invalid_config, "", "invalid port \"" + text + "\", expected a number from 1 to 65535");
  return port;
}

pki::Naming parse_naming(const std::string& text) {
  for (const auto naming : {pki::Naming::recommended, pki::Naming::kubeadm}) {
    if (text == to_string(naming)) return naming;
  }
  throw pki::Error(pki::Errc::invalid_config, "", "invalid value \"" + text + "\", expected recommended or kubeadm");
}

std::optional<pki::Role> parse_role(const std::string& text) {
  if (const auto role = pki::parse_role(text)) return role;
  throw pki::Error(
      pki::Errc::invalid_config, "",
      "invalid value \"" + text + "\", expected control-plane, joining-control-plane, etcd, worker or ca-host");
}

using Config = pki::ClusterConfig;

template <class T>
Setting set(T Config::*member, T value) {
  return [member, value = std::move(value)](Config& config) { config.*member = value; };
}

// Rows that are on stay on.
Setting switch_on(Values names) {
  return [names = std::move(names)](Config& config) {
    auto& optional = config.rows ? config.rows->optional : config.rows.emplace().optional;
    for (const auto& name : names)
      if (std::ranges::find(optional, name) == optional.end()) optional.push_back(name);
  };
}

/// A flag that sets one field of the configuration. Names and defaults are kubeadm's where it has them.
struct Flag {
  const char* name;
  const char* field;
  bool list;
  const char* value;  ///< what to call the value in the help
  const char* help;
  Setting (*parse)(const Values&);  ///< throws pki::Error(invalid_config)
};

// clang-format off
const std::array flags{
    Flag{"--node-name", "nodeRegistration.name", false, "NAME", "Name of this node [host name, lower case]",
         [](const Values& v) { return set(&Config::node_name, pki::to_node_name(v[0])); }},
    Flag{"--apiserver-advertise-address", "localAPIEndpoint.advertiseAddress", false, "ADDRESS", "Address of the API server on this node [that of the default route]",
         [](const Values& v) { return set(&Config::advertise_address, v[0]); }},
    Flag{"--apiserver-bind-port", "localAPIEndpoint.bindPort", false, "PORT", "Port of the API server [6443]",
         [](const Values& v) { return set(&Config::bind_port, parse_port(v[0])); }},
    Flag{"--control-plane-endpoint", "controlPlaneEndpoint", false, "HOST[:PORT]", "How all nodes reach the control plane [the advertise address]",
         [](const Values& v) { return set(&Config::control_plane_endpoint, v[0]); }},
    Flag{"--service-cidr", "networking.serviceSubnet", true, "CIDR[,CIDR]", "Addresses of services, one CIDR or one per family [10.96.0.0/12]",
         [](const Values& v) { return set(&Config::service_subnets, v); }},
    Flag{"--service-dns-domain", "networking.dnsDomain", false, "DOMAIN", "DNS domain of services [cluster.local]",
         [](const Values& v) { return set(&Config::dns_domain, v[0]); }},
    Flag{"--apiserver-cert-extra-sans", "apiServer.certSANs", true, "NAME,...", "Further names and addresses of the API server",
         [](const Values& v) { return set(&Config::apiserver_sans, v); }},
    Flag{"--etcd-server-extra-sans", "etcd.local.serverCertSANs", true, "NAME,...", "Further names and addresses of the etcd server",
         [](const Values& v) { return set(&Config::etcd_server_sans, v); }},
    Flag{"--etcd-peer-extra-sans", "etcd.local.peerCertSANs", true, "NAME,...", "Further names and addresses of the etcd peer",
         [](const Values& v) { return set(&Config::etcd_peer_sans, v); }},
    Flag{"--cluster-name", "clusterName", false, "NAME", "Name of the cluster in kubeconfigs [kubernetes]",
         [](const Values& v) { return set(&Config::cluster_name, v[0]); }},
    Flag{"--encryption-algorithm", "encryptionAlgorithm", false, "ALGORITHM", "RSA-2048, RSA-3072, RSA-4096, ECDSA-P256 or ECDSA-P384 [RSA-2048]",
         [](const Values& v) { return set(&Config::algorithm, pki::parse_key_algorithm(v[0])); }},
    Flag{"--certificate-validity-period", "certificateValidityPeriod", false, "TIME", "Validity period of certificates, 8760h or 365d [8760h]",
         [](const Values& v) { return set(&Config::leaf_validity, pki::parse_duration(v[0])); }},
    Flag{"--ca-certificate-validity-period", "caCertificateValidityPeriod", false, "TIME", "Validity period of CAs [87600h]",
         [](const Values& v) { return set(&Config::ca_validity, pki::parse_duration(v[0])); }},
    Flag{"--naming", "naming", false, "NAMING", "Common names: recommended or kubeadm [those of the files here, or recommended]",
         [](const Values& v) { return set(&Config::naming, parse_naming(v[0])); }},
    Flag{"--with", "optionalRows", true, "ROW,...", "Also make these: kube-proxy.conf, kubelet-server, konnectivity-server.conf, bootstrap-kubelet.conf",
         [](const Values& v) { return switch_on(v); }},
    Flag{"--role", "role", false, "ROLE", "control-plane, joining-control-plane, etcd, worker or ca-host [that of the files here]",
         [](const Values& v) { return set(&Config::role, parse_role(v[0])); }},
};
// clang-format on

}  // namespace

void add_layout_options(CLI::App& command, ClusterOptions& options) {
  command.add_option("--cert-dir", options.cert_dir, "Directory of the certificates [/etc/kubernetes/pki]")
      ->option_text("DIR");
  command
      .add_option("--kubeconfig-dir", options.kubeconfig_dir, "Directory of the kubeconfigs [the parent of --cert-dir]")
      ->option_text("DIR");
}

void add_cluster_options(CLI::App& command, ClusterOptions& options) {
  add_layout_options(command, options);
  command.add_option("--config", options.config_file, "kubeadm configuration file, or - for a pipe; flags win over it")
      ->option_text("FILE");
  for (const auto& flag : flags) {
    auto* option = command.add_option(flag.name, options.values[flag.name], flag.help);
    option->option_text(flag.value)->allow_extra_args(false);
    if (flag.list)
      option->delimiter(',')->take_all();
    else
      option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  command.add_flag("--external-etcd", options.external_etcd, "etcd runs elsewhere: make no certificates for it");
  add_signing_key_options(command, options.signing);
}

Settings parse_settings(const ClusterOptions& options) {
  Settings settings;
  for (const auto& flag : flags) {
    if (!is_typed(options, flag.name)) continue;
    try {
      settings.values.push_back(flag.parse(options.values.at(flag.name)));
    } catch (const pki::Error& error) {
      settings.problems.push_back(error.finding());
      settings.problems.back().subject = flag.name;
    }
  }
  if (options.external_etcd) {
    settings.values.emplace_back([](Config& config) {
      if (!config.external_etcd) config.external_etcd.emplace();
    });
  }
  return settings;
}

std::string_view flag_of(std::string_view field) {
  const auto flag = std::ranges::find_if(flags, [&](const auto& f) { return field == f.field; });
  return flag == flags.end() ? std::string_view() : flag->name;
}

bool is_typed(const ClusterOptions& options, std::string_view flag) {
  const auto typed = options.values.find(std::string(flag));
  return typed != options.values.end() && !typed->second.empty();
}

}  // namespace cli
