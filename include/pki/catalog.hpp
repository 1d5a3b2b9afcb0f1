// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <pki/abi.hpp>
#include <pki/finding.hpp>
#include <pki/key.hpp>

namespace pki::inline PKI_ABI {

/// The group to which no rule of authorization applies: the API server lets its members do everything, and no binding
/// takes that back.
inline constexpr std::string_view masters_group = "system:masters";

/// Profile is the purpose of a certificate; it determines basicConstraints, key usage and extended key usage.
enum class Profile {
  none,    ///< no certificate: a bare key pair, or a kubeconfig with a bearer token
  ca,      ///< keyCertSign, cRLSign, digitalSignature
  server,  ///< serverAuth
  client,  ///< clientAuth
  peer,    ///< serverAuth and clientAuth (etcd)
};

/// Form determines the files of a row.
enum class Form {
  key_pair,    ///< PATH.crt and PATH.key below the PKI directory
  kubeconfig,  ///< one file with certificate and key, or with a token, below the kubeconfig directory
  bare_key,    ///< PATH.key and PATH.pub below the PKI directory
};

/// Naming chooses the common names and organizations: those of the Kubernetes document "PKI certificates and
/// requirements", or those of kubeadm 1.29 and later.
enum class Naming { recommended, kubeadm };

/// Returns "recommended" or "kubeadm".
PKI_EXPORT [[nodiscard]] std::string_view to_string(Naming naming) noexcept;
/// Returns "none", "ca", "server", "client" or "peer".
PKI_EXPORT [[nodiscard]] std::string_view to_string(Profile profile) noexcept;

/// NamedText is a text of a row under either naming. It may contain a placeholder: see CatalogRow.
struct NamedText {
  std::string_view recommended{};  ///< under Naming::recommended
  std::string_view kubeadm{};      ///< under Naming::kubeadm

  /// Returns the text under `naming`.
  [[nodiscard]] constexpr std::string_view under(Naming naming) const noexcept {
    return naming == Naming::recommended ? recommended : kubeadm;
  }
};

/// ManagedBy names who renews the certificate of a row.
enum class ManagedBy {
  pkigen,
  kubelet,  ///< the kubelet, after it has joined; until then the certificate is embedded and ours
};

/// ReloadMode is how a process gets to use a changed file.
enum class ReloadMode {
  automatic,  ///< it reloads the file by itself, within a minute or at the next handshake
  restart,    ///< it reads the file only when it starts
};

/// Consumer is a process that reads the files of a row. Static pods have the names of their manifests.
struct Consumer {
  std::string_view process{};                   ///< "kube-apiserver"
  ReloadMode reload_mode{ReloadMode::restart};  ///< what it needs after a change
};

/// Role is the part that a host has in a cluster.
enum class Role {
  first_control_plane,    ///< where `init` ran
  joining_control_plane,  ///< each further control plane
  etcd_host,              ///< runs etcd and nothing else of the control plane
  worker,
  ca_host,  ///< offline, holds the CAs only
};

/// Returns "control-plane", "joining-control-plane", "etcd", "worker" or "ca-host".
PKI_EXPORT [[nodiscard]] std::string_view to_string(Role role) noexcept;
/// Returns the role of that name; empty for any other text.
PKI_EXPORT [[nodiscard]] std::optional<Role> parse_role(std::string_view name) noexcept;

/// RoleSet is a set of roles.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  /// Makes the set of `roles`.
  constexpr RoleSet(std::initializer_list<Role> roles) noexcept {
    for (const auto role : roles)
      bits_ |= bit(role);
  }

  /// Returns whether `role` is in the set.
  [[nodiscard]] constexpr bool contains(Role role) const noexcept { return (bits_ & bit(role)) != 0; }
  /// Adds a role.
  constexpr void insert(Role role) noexcept { bits_ |= bit(role); }
  /// Adds all roles of another set.
  constexpr void insert(const RoleSet& others) noexcept { bits_ |= others.bits_; }
  /// Returns whether every role of `others` is in the set.
  [[nodiscard]] constexpr bool includes(const RoleSet& others) const noexcept { return (others.bits_ & ~bits_) == 0; }
  /// Returns whether the set has no role.
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(const RoleSet&, const RoleSet&) = default;

 private:
  static constexpr unsigned bit(Role role) noexcept { return 1U << static_cast<unsigned>(role); }
  unsigned bits_{0};
};

/// CatalogRow describes one certificate, kubeconfig or key pair of a cluster. The texts and lists of a row belong to
/// its Catalog. Common names, organizations, alternative names and servers may contain one placeholder each:
/// {node_name}, {dns_domain}, {advertise_address}, {first_service_ip}, {control_plane_host}, {control_plane_url},
/// {local_url}, {common_name}, {apiserver_extra_sans}, {etcd_server_extra_sans} or {etcd_peer_extra_sans}.
struct CatalogRow {
  std::string_view name{};                      ///< kubeadm's name, "apiserver" or "admin.conf"
  std::span<const std::string_view> aliases{};  ///< further names that commands accept
  /// Name of the CA row that signs, or that a kubeconfig with a token trusts; empty for a root CA and for a bare key.
  std::string_view issuer{};
  Profile profile{Profile::client};  ///< purpose of the certificate
  Form form{Form::key_pair};         ///< the files that the row consists of
  NamedText common_name{};           ///< CN of the subject, and the user of a kubeconfig; empty for a bare key
  NamedText organization{};          ///< empty: no organization
  std::span<const std::string_view> further_organizations{};  ///< after `organization`, under either naming
  std::string_view former_organization{};    ///< that of kubeadm before 1.29 where it differs; accepted, never issued
  std::span<const std::string_view> sans{};  ///< subject alternative names in order
  std::string_view server{};                 ///< kubeconfigs only: URL of the API server
  std::string_view path{};                   ///< stem of a key pair, file name of a kubeconfig
  RoleSet roles{Role::first_control_plane, Role::joining_control_plane};  ///< the hosts that have its files
  bool shared{false};                                                     ///< all control planes have the same files
  bool local_etcd{false};                   ///< exists only where the cluster runs its own etcd
  bool etcd_client{false};                  ///< of those, the rows that an API server needs for an external etcd, too
  ManagedBy managed_by{ManagedBy::pkigen};  ///< who renews it
  int served_on{0};                         ///< usual TLS port of the process that serves it; 0: not served
  std::span<const Consumer> consumers{};    ///< the processes that read it
  std::optional<int> path_length{};         ///< CAs only: how many CAs may be below it (RFC 5280 4.2.1.9); empty: any
  std::chrono::seconds validity{0};         ///< validity period of new certificates; 0: that of the configuration
  std::optional<KeyAlgorithm> algorithm{};  ///< of new keys; empty: that of the configuration
  std::string_view description{};           ///< for people

  /// Returns whether the row is a CA.
  [[nodiscard]] constexpr bool is_ca() const noexcept { return profile == Profile::ca; }
  /// Returns whether the row is a kubeconfig whose user has a bearer token instead of a certificate.
  [[nodiscard]] constexpr bool has_token() const noexcept {
    return form == Form::kubeconfig && profile == Profile::none;
  }
  /// Returns whether a joining control plane does without the row, so that its absence is no alarm.
  [[nodiscard]] constexpr bool only_on_first_control_plane() const noexcept {
    return roles == RoleSet{Role::first_control_plane};
  }
};

/// Catalog is an ordered list of rows, issuers before the rows that they sign. It owns its rows and all their texts;
/// copies share them, so a pointer to a row is valid as long as one copy of its catalog.
class PKI_EXPORT Catalog {
 public:
  /// Copies `rows`. Throws Error(invalid_config) with the first finding of `check_catalog`.
  explicit Catalog(std::span<const CatalogRow> rows);
  // Without moves no catalog is ever empty.
  Catalog(const Catalog&) = default;
  Catalog& operator=(const Catalog&) = default;
  ~Catalog() = default;

  /// Returns all rows, in order.
  [[nodiscard]] std::span<const CatalogRow> rows() const noexcept;
  /// Returns the row with this name or alias. Throws Error(unknown_name) with a list of the names.
  [[nodiscard]] const CatalogRow& find_row(std::string_view name) const;
  /// Returns the row with this name or alias, or null.
  [[nodiscard]] const CatalogRow* try_find_row(std::string_view name) const noexcept;

 private:
  struct Storage;
  std::shared_ptr<const Storage> storage_;
};

/// Returns every error in `rows`: duplicate names and files, issuers that are not earlier CAs, unknown placeholders,
/// fields that contradict one another. The subject is the name of the row. Empty: a Catalog can be made.
PKI_EXPORT [[nodiscard]] std::vector<Finding> check_catalog(std::span<const CatalogRow> rows);

/// Returns the catalog of kubeadm's files, in the order of its `init phase certs all`.
PKI_EXPORT [[nodiscard]] const Catalog& default_catalog();
/// Returns the rows that a configuration switches on by name (RowsConfig::optional). Their issuers are rows of
/// default_catalog().
PKI_EXPORT [[nodiscard]] std::span<const CatalogRow> optional_rows() noexcept;

}  // namespace pki::inline PKI_ABI
