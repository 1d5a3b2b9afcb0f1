#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/error.hpp>
#include <pki/key.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// Layout says where a PKI lives. Both paths are absolute in a valid configuration.
struct Layout {
  std::filesystem::path certificates_dir{"/etc/kubernetes/pki"};
  std::filesystem::path kubeconfig_dir{"/etc/kubernetes"};

  /// remembered_config is where `init` keeps the effective configuration.
  [[nodiscard]] std::filesystem::path remembered_config() const { return kubeconfig_dir / "pkigen.yaml"; }
  friend bool operator==(const Layout&, const Layout&) = default;
};

/// ExternalEtcd is an etcd cluster whose certificates others manage; the paths are remembered, not read.
struct ExternalEtcd {
  std::vector<std::string> endpoints;
  std::string ca_file;
  std::string cert_file;
  std::string key_file;

  friend bool operator==(const ExternalEtcd&, const ExternalEtcd&) = default;
};

/// ClusterConfig is everything that decides what the PKI of one control-plane node looks like. The fields and
/// defaults are those of kubeadm's ClusterConfiguration and InitConfiguration (v1beta4); each names its
/// kubeadm field. An empty `node_name` or `advertise_address` is invalid: the library does not ask the host.
struct ClusterConfig {
  std::string cluster_name{"kubernetes"};                        ///< clusterName
  std::string node_name;                                         ///< nodeRegistration.name, lower case
  std::string advertise_address;                                 ///< localAPIEndpoint.advertiseAddress
  int bind_port{6443};                                           ///< localAPIEndpoint.bindPort
  std::string control_plane_endpoint;                            ///< controlPlaneEndpoint, host[:port]; may be empty
  std::vector<std::string> service_subnets{"10.96.0.0/12"};      ///< networking.serviceSubnet, one or two CIDRs
  std::string dns_domain{"cluster.local"};                       ///< networking.dnsDomain
  std::vector<std::string> apiserver_sans;                       ///< apiServer.certSANs
  std::vector<std::string> etcd_server_sans;                     ///< etcd.local.serverCertSANs
  std::vector<std::string> etcd_peer_sans;                       ///< etcd.local.peerCertSANs
  std::optional<ExternalEtcd> external_etcd;                     ///< etcd.external
  KeyAlgorithm algorithm{KeyAlgorithm::rsa_2048};                ///< encryptionAlgorithm
  std::chrono::seconds leaf_validity{std::chrono::hours{8760}};  ///< certificateValidityPeriod
  std::chrono::seconds ca_validity{std::chrono::hours{87600}};   ///< caCertificateValidityPeriod
  Naming naming{Naming::recommended};                            ///< no kubeadm field
  Layout layout;                                                 ///< certificatesDir, and the kubeconfigs' directory

  friend bool operator==(const ClusterConfig&, const ClusterConfig&) = default;
};

/// validate finds every problem of a configuration at once; an empty list means valid. A problem's subject is
/// the kubeadm field path, `apiServer.certSANs[1]` for example. Rules: kubeadm's, and stricter where its result
/// would be a certificate that verifiers reject (RFC 1123 labels of at most 63 characters, RFC 5280 4.2.1.6).
[[nodiscard]] std::vector<Problem> validate(const ClusterConfig& config);
/// warnings finds what is valid but probably not meant: validity beyond the defaults, ports that differ.
[[nodiscard]] std::vector<Problem> warnings(const ClusterConfig& config);

/// ConfigFile is what a configuration text says, right or wrong.
struct ConfigFile {
  ClusterConfig config;              ///< defaults, overlaid by the text
  std::map<std::string, int> lines;  ///< field path → line (from 1), for each field that the text sets
  std::vector<Problem> problems;     ///< not empty: `config` must not be used
  std::vector<Problem> warnings;     ///< unknown fields, deprecated versions
};

/// parse_config reads kubeadm's configuration file format: YAML or JSON documents of kubeadm.k8s.io/v1beta3 and
/// v1beta4, InitConfiguration and ClusterConfiguration; other documents and fields that kubeadm knows are passed
/// over. It never throws for wrong text: everything wrong is in `problems`, with "NAME:LINE: FIELD" as subject.
/// It does not call `validate`: flags may still be laid over the result.
[[nodiscard]] ConfigFile parse_config(std::string_view text, const std::string& name);

/// to_yaml writes a configuration in that format (v1beta4), so that `parse_config` gives it back equal but for
/// `layout.kubeconfig_dir`, which is where the text is kept.
[[nodiscard]] std::string to_yaml(const ClusterConfig& config);

/// parse_duration reads a Go duration ("8760h", "1h30m", "0.5h") or days ("365d"), in whole seconds.
/// Throws Error(invalid_config).
[[nodiscard]] std::chrono::seconds parse_duration(std::string_view text);
/// to_string writes a duration as Go does: "8760h0m0s".
[[nodiscard]] std::string to_string(std::chrono::seconds duration);

/// Returns the name under which a kubelet registers itself: the host name in lower case, as kubeadm does.
[[nodiscard]] std::string to_node_name(std::string_view host_name);

}  // namespace pki
#pragma GCC visibility pop
