// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <pki/inventory.hpp>

namespace pki::model {

/// infer_role returns the role of a host from the files that are there, where nothing else says it. Any file that only
/// control planes have makes it a control plane, so that one that lost files is still missed them. It is a worker only
/// with a kubelet.conf, no key of a CA and no file that workers do not have; an etcd host only with a certificate of
/// etcd and nothing but files of etcd; a CA host only with CAs alone, one of them with its key.
[[nodiscard]] Role infer_role(const Inventory& inventory);

/// Returns a role with its article, for people: "a worker".
[[nodiscard]] std::string noun(Role role);

/// HostRole is what a host has in its cluster: which rows it must have, and who says so.
struct HostRole {
  Role role{Role::first_control_plane};
  bool inferred{false};          ///< the role, by infer_role
  bool external_etcd{false};     ///< etcd runs elsewhere
  bool etcd_inferred{false};     ///< `external_etcd`, from the files that are there
  bool etcd_files_named{false};  ///< the configuration names the files for the external etcd

  /// Returns whether the files of `entry` must be on this host.
  [[nodiscard]] bool expects(const Entry& entry) const;
  /// Returns whether a report has a row for `entry`: it is expected, or there anyway.
  [[nodiscard]] bool shows(const Entry& entry) const;
  /// Returns why a row is not expected: "not on a worker", "external etcd".
  [[nodiscard]] std::string why_not(const CatalogRow& row) const;
};

/// Returns the role of the host of `inventory`: that of `config`, which may be null, or the saved one, or the inferred
/// one. Without a configuration etcd is external where no file of etcd is, or nothing but what an API server needs to
/// reach one elsewhere.
[[nodiscard]] HostRole host_role(const ClusterConfig* config, const Inventory& inventory);

/// Returns the note that etcd is taken for an external one.
[[nodiscard]] Finding etcd_note(const HostRole& host, const Inventory& inventory);

/// Returns whether the host should have kubeconfigs and has other files but none of these: then they are elsewhere.
[[nodiscard]] bool lacks_kubeconfigs(const HostRole& host, const Inventory& inventory);

}  // namespace pki::model
