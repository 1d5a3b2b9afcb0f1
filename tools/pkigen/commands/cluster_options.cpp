#include "commands/cluster_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <functional>
#include <iterator>

#include <CLI/CLI.hpp>

#include <pki/inventory.hpp>

#include "host/host.hpp"
#include "host/text_file.hpp"

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
  for (const auto naming : {pki::Naming::recommended, pki::Naming::kubeadm})
    if (text == to_string(naming)) return naming;
  throw pki::Error(pki::Errc::invalid_config, "", "invalid value \"" + text + "\", expected recommended or kubeadm");
}

/// Flag is one flag that sets one field of the configuration. Names and defaults are kubeadm's where it has them.
struct Flag {
  const char* name;
  const char* field;
  bool list;
  const char* value;  ///< what to call the value in the help
  const char* help;
  void (*apply)(pki::ClusterConfig&, const Values&);
};

// clang-format off
const std::array flags{
    Flag{"--node-name", "nodeRegistration.name", false, "NAME", "Name of this node [host name, lower case]",
         [](pki::ClusterConfig& c, const Values& v) { c.node_name = v[0]; }},
    Flag{"--apiserver-advertise-address", "localAPIEndpoint.advertiseAddress", false, "ADDRESS", "Address of the API server on this node [that of the default route]",
         [](pki::ClusterConfig& c, const Values& v) { c.advertise_address = v[0]; }},
    Flag{"--apiserver-bind-port", "localAPIEndpoint.bindPort", false, "PORT", "Port of the API server [6443]",
         [](pki::ClusterConfig& c, const Values& v) { c.bind_port = parse_port(v[0]); }},
    Flag{"--control-plane-endpoint", "controlPlaneEndpoint", false, "HOST[:PORT]", "How all nodes reach the control plane [the advertise address]",
         [](pki::ClusterConfig& c, const Values& v) { c.control_plane_endpoint = v[0]; }},
    Flag{"--service-cidr", "networking.serviceSubnet", true, "CIDR[,CIDR]", "Addresses of services, one CIDR or one a family [10.96.0.0/12]",
         [](pki::ClusterConfig& c, const Values& v) { c.service_subnets = v; }},
    Flag{"--service-dns-domain", "networking.dnsDomain", false, "DOMAIN", "DNS domain of services [cluster.local]",
         [](pki::ClusterConfig& c, const Values& v) { c.dns_domain = v[0]; }},
    Flag{"--apiserver-cert-extra-sans", "apiServer.certSANs", true, "NAME,...", "Further names and addresses of the API server",
         [](pki::ClusterConfig& c, const Values& v) { c.apiserver_sans = v; }},
    Flag{"--etcd-server-extra-sans", "etcd.local.serverCertSANs", true, "NAME,...", "Further names and addresses of the etcd server",
         [](pki::ClusterConfig& c, const Values& v) { c.etcd_server_sans = v; }},
    Flag{"--etcd-peer-extra-sans", "etcd.local.peerCertSANs", true, "NAME,...", "Further names and addresses of the etcd peer",
         [](pki::ClusterConfig& c, const Values& v) { c.etcd_peer_sans = v; }},
    Flag{"--cluster-name", "clusterName", false, "NAME", "Name of the cluster in kubeconfigs [kubernetes]",
         [](pki::ClusterConfig& c, const Values& v) { c.cluster_name = v[0]; }},
    Flag{"--encryption-algorithm", "encryptionAlgorithm", false, "NAME", "RSA-2048, RSA-3072, RSA-4096, ECDSA-P256 or ECDSA-P384 [RSA-2048]",
         [](pki::ClusterConfig& c, const Values& v) { c.algorithm = pki::parse_key_algorithm(v[0]); }},
    Flag{"--certificate-validity-period", "certificateValidityPeriod", false, "TIME", "Life of certificates, 8760h or 365d [8760h]",
         [](pki::ClusterConfig& c, const Values& v) { c.leaf_validity = pki::parse_duration(v[0]); }},
    Flag{"--ca-certificate-validity-period", "caCertificateValidityPeriod", false, "TIME", "Life of CAs [87600h]",
         [](pki::ClusterConfig& c, const Values& v) { c.ca_validity = pki::parse_duration(v[0]); }},
    Flag{"--naming", "naming", false, "NAMING", "Common names: recommended or kubeadm [recommended]",
         [](pki::ClusterConfig& c, const Values& v) { c.naming = parse_naming(v[0]); }},
};
// clang-format on

std::filesystem::path absolute(const std::string& path) {
  auto result = std::filesystem::absolute(path).lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

/// Base is the configuration under the flags, and where it comes from.
struct Base {
  pki::ConfigFile file;
  std::string name;
};

const pki::ConfigFile& given_config(const ClusterOptions& options) {
  if (!options.config) options.config = pki::parse_config(read_text_file(options.config_file), options.config_file);
  return *options.config;
}

Base read_base(const ClusterOptions& options, const pki::Layout& layout) {
  if (!options.config_file.empty()) return {given_config(options), options.config_file};
  auto remembered = pki::load_remembered(layout);
  if (remembered) return {std::move(*remembered), layout.remembered_config().string()};
  return {};
}

void apply_flags(const ClusterOptions& options, Resolved& resolved) {
  for (const auto& flag : flags) {
    const auto typed = options.values.find(flag.name);
    if (typed == options.values.end() || typed->second.empty()) continue;
    try {
      flag.apply(resolved.config, typed->second);
    } catch (const pki::Error& error) {
      resolved.problems.push_back({flag.name, error.problem().message, error.hint()});
    }
  }
  if (options.external_etcd && !resolved.config.external_etcd) resolved.config.external_etcd.emplace();
}

void ask_host(Resolved& resolved) {
  auto& config = resolved.config;
  if (config.node_name.empty()) config.node_name = host_node_name();
  if (!config.advertise_address.empty()) return;
  config.advertise_address = default_route_address();
  if (config.advertise_address.empty())
    resolved.problems.push_back({"--apiserver-advertise-address",
                                 "this host has no default route to take the address from",
                                 "pass the address at which the API server of this node is reached"});
}

// A problem of a field is told where the user can mend it: at the flag, or at the line of the file.
std::string place_of(const std::string& field, const ClusterOptions& options, const Base& base) {
  const auto name = field.substr(0, field.find('['));
  const auto flag = std::ranges::find_if(flags, [&](const auto& f) { return name == f.field; });
  const auto typed = flag == flags.end() ? options.values.end() : options.values.find(flag->name);
  if (typed != options.values.end() && !typed->second.empty()) return flag->name;
  auto line = base.file.lines.find(field);
  if (line == base.file.lines.end()) line = base.file.lines.find(name);
  if (line != base.file.lines.end()) return base.name + ":" + std::to_string(line->second) + ": " + field;
  return flag != flags.end() ? flag->name : field;
}

void relocate(std::vector<pki::Problem>& problems, const ClusterOptions& options, const Base& base) {
  for (auto& problem : problems)
    problem.subject = place_of(problem.subject, options, base);
}

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
}

pki::Layout resolve_layout(const ClusterOptions& options) {
  pki::Layout layout;
  if (!options.cert_dir.empty())
    layout.certificates_dir = absolute(options.cert_dir);
  else if (!options.config_file.empty())
    layout.certificates_dir = given_config(options).config.layout.certificates_dir;
  layout.kubeconfig_dir =
      options.kubeconfig_dir.empty() ? layout.certificates_dir.parent_path() : absolute(options.kubeconfig_dir);
  return layout;
}

Resolved resolve(const ClusterOptions& options) {
  const auto layout = resolve_layout(options);
  const auto base = read_base(options, layout);
  Resolved resolved{base.file.config, base.file.problems, base.file.warnings};
  resolved.config.layout = layout;
  apply_flags(options, resolved);
  ask_host(resolved);
  auto invalid = pki::validate(resolved.config);
  relocate(invalid, options, base);
  // What could not even be read is not told again.
  const auto told = [&](const pki::Problem& problem) {
    return std::ranges::find(resolved.problems, problem.subject, &pki::Problem::subject) != resolved.problems.end();
  };
  std::ranges::copy_if(invalid, std::back_inserter(resolved.problems), std::not_fn(told));
  auto doubtful = pki::warnings(resolved.config);
  relocate(doubtful, options, base);
  std::ranges::move(doubtful, std::back_inserter(resolved.warnings));
  return resolved;
}

}  // namespace cli
