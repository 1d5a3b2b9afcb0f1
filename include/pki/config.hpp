// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/abi.hpp>
#include <pki/catalog.hpp>
#include <pki/error.hpp>
#include <pki/key.hpp>

namespace pki::inline PKI_ABI {

/// Layout names the directories of a PKI. Both paths are absolute in a valid configuration.
struct Layout {
  std::filesystem::path certificates_dir{"/etc/kubernetes/pki"};  ///< of certificates and keys
  std::filesystem::path kubeconfig_dir{"/etc/kubernetes"};        ///< of kubeconfigs and the saved configuration

  /// Returns the file in which `init` saves the effective configuration.
  [[nodiscard]] std::filesystem::path saved_config() const { return kubeconfig_dir / "pkigen.yaml"; }
  friend bool operator==(const Layout&, const Layout&) = default;
};

/// Links says what reading does where a directory or file of a Layout is a symbolic link. Writing always refuses.
enum class Links { refuse, follow };

/// ExternalEtcd is an etcd cluster whose certificates others manage: the files are read, wherever they are, and never
/// written.
struct ExternalEtcd {
  std::vector<std::string> endpoints{};  ///< URLs of its members
  std::string ca_file{};                 ///< absolute path of the CA that its servers have
  std::string cert_file{};               ///< absolute path of the API server's client certificate
  std::string key_file{};                ///< absolute path of that certificate's key

  friend bool operator==(const ExternalEtcd&, const ExternalEtcd&) = default;
};

/// CaConfig is a further CA of a cluster.
struct CaConfig {
  std::string name{};                              ///< of its row: lower-case letters, digits, '-' and '.'
  std::string issuer{};                            ///< row of the CA that signs it; empty: it signs itself
  std::string common_name{};                       ///< with placeholders as in CatalogRow; empty: the name
  std::string path{};                              ///< as CatalogRow::path; empty: the name
  std::optional<int> path_length{};                ///< as CatalogRow::path_length
  std::optional<std::chrono::seconds> validity{};  ///< empty: ClusterConfig::ca_validity
  std::optional<KeyAlgorithm> algorithm{};         ///< empty: ClusterConfig::algorithm

  friend bool operator==(const CaConfig&, const CaConfig&) = default;
};

/// ConsumerConfig is a process that reads the files of a further row.
struct ConsumerConfig {
  std::string process{};                        ///< "vpn-server"
  ReloadMode reload_mode{ReloadMode::restart};  ///< what it needs after a change

  friend bool operator==(const ConsumerConfig&, const ConsumerConfig&) = default;
};

/// LeafConfig is a further certificate or kubeconfig of a cluster.
struct LeafConfig {
  std::string name{};                        ///< as CaConfig::name
  std::string issuer{};                      ///< row of the CA that signs it
  Profile profile{Profile::client};          ///< server, client or peer; of a kubeconfig: client
  Form form{Form::key_pair};                 ///< key pair or kubeconfig
  std::string common_name{};                 ///< with placeholders as in CatalogRow; empty: the name
  std::vector<std::string> organizations{};  ///< the same; Kubernetes groups
  std::vector<std::string> sans{};           ///< the same; subject alternative names
  std::string server{};                      ///< of a kubeconfig, the same; empty: {control_plane_url}
  std::string path{};                        ///< as CatalogRow::path; empty: the name, of a kubeconfig with ".conf"
  RoleSet roles{};                           ///< the hosts that have it; empty: all control planes
  std::optional<std::chrono::seconds> validity{};  ///< empty: ClusterConfig::leaf_validity
  std::optional<KeyAlgorithm> algorithm{};         ///< empty: ClusterConfig::algorithm
  std::vector<ConsumerConfig> consumers{};         ///< the processes that read it

  friend bool operator==(const LeafConfig&, const LeafConfig&) = default;
};

/// RowOverride changes how new certificates of a row of default_catalog() or optional_rows() are made.
struct RowOverride {
  std::string name{};                              ///< of the row
  std::optional<std::chrono::seconds> validity{};  ///< empty: that of the configuration
  std::optional<KeyAlgorithm> algorithm{};         ///< empty: that of the configuration

  friend bool operator==(const RowOverride&, const RowOverride&) = default;
};

/// RowsConfig is how the effective catalog of a cluster differs from default_catalog(). A CA is on
/// all control planes, CA hosts, and the hosts of the rows below it.
struct RowsConfig {
  std::vector<std::string> optional{};   ///< optionalRows: names of optional_rows()
  std::vector<CaConfig> authorities{};   ///< certificateAuthorities, issuers before the CAs that they sign
  std::vector<LeafConfig> leaves{};      ///< certificates
  std::vector<RowOverride> overrides{};  ///< overrides

  friend bool operator==(const RowsConfig&, const RowsConfig&) = default;
};

/// ClusterConfig determines the PKI of one host, usually a control-plane node. The fields and defaults are those of
/// kubeadm's ClusterConfiguration and InitConfiguration (v1beta4); each names its kubeadm field. An empty `node_name`
/// or `advertise_address` is invalid: the library does not ask the host.
struct ClusterConfig {
  std::string cluster_name{"kubernetes"};                        ///< clusterName
  std::string node_name{};                                       ///< nodeRegistration.name, lower case; IPv4 is allowed
  std::string advertise_address{};                               ///< localAPIEndpoint.advertiseAddress
  int bind_port{6443};                                           ///< localAPIEndpoint.bindPort
  std::string control_plane_endpoint{};                          ///< controlPlaneEndpoint, host[:port]; may be empty
  std::vector<std::string> service_subnets{"10.96.0.0/12"};      ///< networking.serviceSubnet, one or two CIDRs
  std::string dns_domain{"cluster.local"};                       ///< networking.dnsDomain
  std::vector<std::string> apiserver_sans{};                     ///< apiServer.certSANs
  std::vector<std::string> etcd_server_sans{};                   ///< etcd.local.serverCertSANs
  std::vector<std::string> etcd_peer_sans{};                     ///< etcd.local.peerCertSANs
  std::optional<ExternalEtcd> external_etcd{};                   ///< etcd.external
  KeyAlgorithm algorithm{KeyAlgorithm::rsa_2048};                ///< encryptionAlgorithm
  std::chrono::seconds leaf_validity{std::chrono::hours{8760}};  ///< certificateValidityPeriod
  std::chrono::seconds ca_validity{std::chrono::hours{87600}};   ///< caCertificateValidityPeriod
  Naming naming{Naming::recommended};                            ///< no kubeadm field
  std::optional<Role> role{};                                    ///< no kubeadm field; empty: inferred from the files
  std::map<std::string, std::string> signing_keys{};             ///< no kubeadm field; name of a CA → URI of its key
  std::optional<RowsConfig> rows{};                              ///< no kubeadm field; empty: those of the saved one
  Layout layout{};                                               ///< certificatesDir, and the kubeconfigs' directory

  friend bool operator==(const ClusterConfig&, const ClusterConfig&) = default;
};

struct Validation;

/// ValidConfig is a configuration that passed `validate`, with the addresses in it parsed. Nothing else makes one, and
/// it does not change.
class ValidConfig {
 public:
  /// Returns the configuration.
  [[nodiscard]] const ClusterConfig& operator*() const noexcept { return config_; }
  /// Returns the configuration, never null.
  [[nodiscard]] const ClusterConfig* operator->() const noexcept { return &config_; }

  /// Returns the advertise address in its shortest form.
  [[nodiscard]] const std::string& advertise_address() const noexcept { return derived_.advertise_address; }
  /// Returns the first address of the first service subnet: that of the service `kubernetes`.
  [[nodiscard]] const std::string& first_service_address() const noexcept { return derived_.first_service_address; }
  /// Returns the host of the control-plane endpoint; empty without one.
  [[nodiscard]] const std::string& control_plane_host() const noexcept { return derived_.control_plane_host; }
  /// Returns the URL of the control-plane endpoint, or of this node's API server without one.
  [[nodiscard]] const std::string& control_plane_url() const noexcept { return derived_.control_plane_url; }
  /// Returns the URL of this node's API server.
  [[nodiscard]] const std::string& local_url() const noexcept { return derived_.local_url; }

 private:
  struct Derived {
    std::string advertise_address{};
    std::string first_service_address{};
    std::string control_plane_host{};
    std::string control_plane_url{};
    std::string local_url{};
  };

  friend Validation validate(ClusterConfig config);
  ValidConfig(ClusterConfig config, Derived derived) : config_(std::move(config)), derived_(std::move(derived)) {}

  ClusterConfig config_;
  Derived derived_;
};

/// Validation is the result of `validate`.
struct Validation {
  std::optional<ValidConfig> config{};  ///< empty if there are problems
  std::vector<Finding> problems{};      ///< all of them; the subject is the kubeadm field path, "apiServer.certSANs[1]"
  std::vector<Finding> warnings{};      ///< valid but unusual: validity above the defaults, ports that differ

  /// Returns the valid configuration. Throws Error(invalid_config) with the first problem.
  PKI_EXPORT [[nodiscard]] const ValidConfig& value() const&;
  /// Moves the valid configuration out. Throws Error(invalid_config) with the first problem.
  PKI_EXPORT [[nodiscard]] ValidConfig value() &&;
};

/// Checks every field. The rules are those of kubeadm, and stricter where its result would be a certificate that
/// verifiers reject (RFC 1123 labels of at most 63 characters, RFC 5280 4.2.1.6).
PKI_EXPORT [[nodiscard]] Validation validate(ClusterConfig config);

/// Returns the effective catalog of a configuration: default_catalog(), then the rows of `config.rows`. Throws
/// Error(invalid_config) with what `validate` finds wrong with them.
PKI_EXPORT [[nodiscard]] Catalog catalog_of(const ClusterConfig& config);

/// ConfigFile is the content of a configuration text, valid or not.
struct ConfigFile {
  ClusterConfig config{};              ///< defaults, overlaid by the text
  std::map<std::string, int> lines{};  ///< field path → line (from 1), for each field that the text sets
  std::vector<Finding> problems{};     ///< not empty: `config` must not be used
  std::vector<Finding> warnings{};     ///< unknown fields, deprecated versions
};

/// parse_config reads kubeadm's configuration file format: YAML or JSON documents of kubeadm.k8s.io/v1beta1 to v1beta4,
/// InitConfiguration and ClusterConfiguration; other documents and fields that kubeadm knows are ignored. Without an
/// InitConfiguration the JoinConfiguration of a control plane has its place, and a ConfigMap with
/// data.ClusterConfiguration, as kubeadm keeps it in the cluster, is a ClusterConfiguration.
/// Never throws for a malformed text: every problem is in the result, with "NAME:LINE: FIELD" as subject. The values
/// are not validated, because flags may still replace them.
PKI_EXPORT [[nodiscard]] ConfigFile parse_config(std::string_view text, const std::string& name);

/// Returns a configuration in that format (v1beta4). `parse_config` returns an equal one but for
/// `layout.kubeconfig_dir`, the directory in which the text is saved.
PKI_EXPORT [[nodiscard]] std::string to_yaml(const ClusterConfig& config);

/// Returns the catalog for files of which a configuration is given, or null, and another saved, if there is one: that
/// of the first of the two that has rows. Rows that contradict one another are left out, all of them; files that were
/// made for them are found by `load` all the same (Rule::row_removed).
PKI_EXPORT [[nodiscard]] Catalog effective_catalog(const ClusterConfig* config, const std::optional<ConfigFile>& saved);

/// parse_duration reads a Go duration ("8760h", "1h30m", "0.5h") or days ("365d"), in whole seconds.
/// Throws Error(invalid_config).
PKI_EXPORT [[nodiscard]] std::chrono::seconds parse_duration(std::string_view text);
/// Returns a duration as Go writes it: "8760h0m0s".
PKI_EXPORT [[nodiscard]] std::string to_string(std::chrono::seconds duration);

/// Returns the name under which a kubelet registers itself: the host name in lower case, as kubeadm does.
PKI_EXPORT [[nodiscard]] std::string to_node_name(std::string_view host_name);

}  // namespace pki::inline PKI_ABI
