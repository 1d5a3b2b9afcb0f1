// SPDX-License-Identifier: Apache-2.0
#include "model/role.hpp"

#include <pki/external_etcd.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pki::model {

namespace {

// Files that the configuration names are wherever it says, and no sign of a role.
template <class Condition>
bool has_any(const Inventory& inventory, Condition condition) {
  return std::ranges::any_of(inventory.entries, [&](const Entry& entry) {
    return !entry.absent() && !entry.external_etcd && condition(entry);
  });
}

bool is_of_control_planes_alone(const Entry& entry) {
  const auto& row = *entry.row;
  // An etcd host may have made the client certificate of the API servers.
  return !row.local_etcd && !row.roles.contains(Role::worker) && !row.roles.contains(Role::etcd_host) &&
         !row.roles.contains(Role::ca_host);
}

bool is_certificate_of_control_planes(const Entry& entry) {
  return is_of_control_planes_alone(entry) && entry.row->profile != Profile::none;
}

bool is_of_no_worker(const Entry& entry) { return !entry.row->roles.contains(Role::worker); }
bool is_credential_of_worker(const Entry& entry) { return !is_of_no_worker(entry) && !entry.row->is_ca(); }
bool is_of_etcd_process(const Entry& entry) { return entry.row->local_etcd && !entry.row->etcd_client; }
bool is_of_no_etcd(const Entry& entry) { return !entry.row->local_etcd; }
bool is_leaf(const Entry& entry) { return !entry.row->is_ca(); }
bool is_ca_with_key(const Entry& entry) {
  return entry.row->is_ca() && (entry.key_exists || !entry.signing_key.empty());
}

// Nothing of etcd is here, or the CA certificate and the client certificate of the API server alone.
bool infer_external_etcd(const Inventory& inventory) {
  const auto is_of_etcd = [](const Entry& entry) { return entry.row->local_etcd; };
  if (std::ranges::none_of(inventory.entries, is_of_etcd)) return false;
  if (!has_any(inventory, is_of_etcd)) return has_any(inventory, is_of_no_etcd);
  return !has_any(inventory, is_of_etcd_process) &&
         has_any(inventory, [&](const Entry& entry) { return is_of_etcd(entry) && entry.external(); }) &&
         has_any(inventory, [&](const Entry& entry) { return is_of_etcd(entry) && is_leaf(entry); });
}

bool names_files(const ExternalEtcd& etcd) { return !etcd.ca_file.empty() || !etcd.cert_file.empty(); }

std::optional<Role> saved_role(const Inventory& inventory) {
  const auto& saved = inventory.saved_config;
  return saved && saved->problems.empty() ? saved->config.role : std::nullopt;
}

}  // namespace

Role infer_role(const Inventory& inventory) {
  if (has_any(inventory, is_of_control_planes_alone)) return Role::first_control_plane;
  if (has_any(inventory, is_credential_of_worker))
    return has_any(inventory, is_of_no_worker) || has_any(inventory, is_ca_with_key) ? Role::first_control_plane
                                                                                     : Role::worker;
  if (has_any(inventory, is_of_etcd_process) && !has_any(inventory, is_of_no_etcd)) return Role::etcd_host;
  if (has_any(inventory, is_ca_with_key) && !has_any(inventory, is_leaf)) return Role::ca_host;
  return Role::first_control_plane;
}

std::string noun(Role role) {
  constexpr std::array<std::string_view, 5> nouns{"a control plane", "a joining control plane", "an etcd host",
                                                  "a worker", "a CA host"};
  return std::string(nouns[static_cast<std::size_t>(role)]);
}

bool HostRole::expects(const Entry& entry) const {
  const auto& row = *entry.row;
  if (!row.roles.contains(role)) return false;
  if (!row.local_etcd || !external_etcd) return true;
  return etcd_files_named ? entry.external_etcd : row.etcd_client && !entry.absent();
}

bool HostRole::shows(const Entry& entry) const {
  const bool replaced = entry.row->local_etcd && external_etcd;
  return expects(entry) || (!entry.absent() && !replaced);
}

std::string HostRole::why_not(const CatalogRow& row) const {
  if (row.roles.contains(role)) return etcd_inferred ? "external etcd, or none" : "external etcd";
  return "not on " + noun(role);
}

HostRole host_role(const ClusterConfig* config, const Inventory& inventory) {
  HostRole host;
  auto known = config != nullptr ? config->role : std::nullopt;
  if (!known) known = saved_role(inventory);
  host.inferred = !known;
  host.role = known ? *known : infer_role(inventory);
  if (host.role == Role::etcd_host || host.role == Role::worker) return host;
  if (config != nullptr) {
    host.external_etcd = config->external_etcd.has_value();
    host.etcd_files_named = host.external_etcd && names_files(*config->external_etcd);
  } else {
    host.external_etcd = host.etcd_inferred = infer_external_etcd(inventory);
  }
  return host;
}

Finding etcd_note(const HostRole& host, const Inventory& inventory) {
  const bool client = std::ranges::any_of(
      inventory.entries, [&](const Entry& entry) { return entry.row->local_etcd && host.expects(entry); });
  return {Rule::etcd_assumed_external,
          Severity::info,
          inventory.layout.certificates_dir.string(),
          client ? "of etcd nothing is here but what an API server needs to reach it, and no configuration says that "
                   "there should be: taken for a cluster with external etcd, the other rows are left out"
                 : "no etcd certificate is here and no configuration says that there should be: taken for a cluster "
                   "with external etcd, those rows are left out",
          {},
          {Remedy::Kind::name_config, {}}};
}

bool lacks_kubeconfigs(const HostRole& host, const Inventory& inventory) {
  const auto is_kubeconfig = [](const Entry& entry) { return entry.row->form == Form::kubeconfig; };
  if (has_any(inventory, is_kubeconfig) || !has_any(inventory, std::not_fn(is_kubeconfig))) return false;
  return std::ranges::count_if(inventory.entries, [&](const Entry& entry) {
           return is_kubeconfig(entry) && entry.row->managed_by == ManagedBy::pkigen && host.expects(entry);
         }) > 1;
}

}  // namespace pki::model

namespace pki::inline PKI_ABI {

// CAs alone are what an administrator brings before the first control plane is made.
std::optional<Finding> assume_external_etcd(const Inventory& inventory) {
  if (inventory.saved_config) return std::nullopt;
  const auto host = model::host_role(nullptr, inventory);
  if (!host.etcd_inferred) return std::nullopt;
  const bool has_etcd = std::ranges::any_of(
      inventory.entries, [](const Entry& entry) { return entry.row->local_etcd && !entry.absent(); });
  if (!has_etcd && !model::has_any(inventory, model::is_certificate_of_control_planes)) return std::nullopt;
  return model::etcd_note(host, inventory);
}

}  // namespace pki::inline PKI_ABI
