// SPDX-License-Identifier: Apache-2.0
#include "model/further_rows.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "model/catalog_check.hpp"
#include "model/rows_check.hpp"

namespace pki::model {

namespace {

constexpr std::string_view kubeconfig_extension = ".conf";
constexpr RoleSet control_planes{Role::first_control_plane, Role::joining_control_plane};

const std::string& or_name(const std::string& text, const std::string& name) { return text.empty() ? name : text; }

std::string path_of(const LeafConfig& leaf) {
  if (!leaf.path.empty() || leaf.form != Form::kubeconfig || leaf.name.ends_with(kubeconfig_extension))
    return or_name(leaf.path, leaf.name);
  return leaf.name + std::string(kubeconfig_extension);
}

NamedText same(std::string_view text) { return {text, text}; }

}  // namespace

FurtherRows::FurtherRows(const RowsConfig& config) {
  const auto all = default_catalog().rows();
  rows_.assign(all.begin(), all.end());
  fields_.resize(rows_.size());
  add_optional(config);
  first_own_ = rows_.size();
  add_authorities(config);
  add_leaves(config);
  spread_roles();
  follow_etcd();
  apply_overrides(config);
}

void FurtherRows::add_optional(const RowsConfig& config) {
  for (std::size_t i = 0; i < config.optional.size(); ++i) {
    const auto* row = find_row(optional_rows(), config.optional[i]);
    const bool known = row == nullptr || find_row(rows_, row->name) != nullptr;
    if (known) continue;  // check_rows reports it
    rows_.push_back(*row);
    fields_.push_back(fmt::format("optionalRows[{}]", i));
  }
}

void FurtherRows::add_authorities(const RowsConfig& config) {
  for (std::size_t i = 0; i < config.authorities.size(); ++i) {
    const auto& ca = config.authorities[i];
    rows_.push_back({.name = ca.name,
                     .issuer = ca.issuer,
                     .profile = Profile::ca,
                     .common_name = same(or_name(ca.common_name, ca.name)),
                     .path = or_name(ca.path, ca.name),
                     .roles = {Role::first_control_plane, Role::joining_control_plane, Role::ca_host},
                     .shared = true,
                     .path_length = ca.path_length,
                     .validity = ca.validity.value_or(std::chrono::seconds{0}),
                     .algorithm = ca.algorithm,
                     .description = "CA of the configuration"});
    fields_.push_back(fmt::format("certificateAuthorities[{}]", i));
  }
}

void FurtherRows::add_leaves(const RowsConfig& config) {
  for (std::size_t i = 0; i < config.leaves.size(); ++i) {
    const auto& leaf = config.leaves[i];
    const auto organizations = keep(leaf.organizations);
    auto& consumers = consumers_.emplace_back();
    for (const auto& consumer : leaf.consumers)
      consumers.push_back({consumer.process, consumer.reload_mode});
    const bool kubeconfig = leaf.form == Form::kubeconfig;
    rows_.push_back(
        {.name = leaf.name,
         .issuer = leaf.issuer,
         .profile = leaf.profile,
         .form = leaf.form,
         .common_name = same(or_name(leaf.common_name, leaf.name)),
         .organization = same(organizations.empty() ? std::string_view() : organizations.front()),
         .further_organizations = organizations.subspan(organizations.empty() ? 0 : 1),
         .sans = keep(leaf.sans),
         .server = kubeconfig && leaf.server.empty() ? "{control_plane_url}" : std::string_view(leaf.server),
         .path = keep(path_of(leaf)),
         .roles = leaf.roles.empty() ? control_planes : leaf.roles,
         .consumers = consumers,
         .validity = leaf.validity.value_or(std::chrono::seconds{0}),
         .algorithm = leaf.algorithm,
         .description = kubeconfig ? "kubeconfig of the configuration" : "certificate of the configuration"});
    fields_.push_back(fmt::format("certificates[{}]", i));
  }
}

// A host needs the CA of each of its certificates to verify it.
void FurtherRows::spread_roles() {
  for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
    const auto issuer = std::ranges::find(rows_, row->issuer, &CatalogRow::name);
    const bool is_own = issuer != rows_.end() && issuer->is_ca() && !field_of(*issuer).empty();
    if (is_own) issuer->roles.insert(row->roles);
  }
}

// Certificates of etcd's CA exist only where the cluster has that CA.
void FurtherRows::follow_etcd() {
  for (auto& row : rows_) {
    const auto* issuer = find_row(rows_, row.issuer);
    if (issuer != nullptr && issuer->local_etcd && !field_of(row).empty()) row.local_etcd = true;
  }
}

void FurtherRows::apply_overrides(const RowsConfig& config) {
  for (const auto& change : config.overrides) {
    const auto row = std::ranges::find_if(rows_, [&](const CatalogRow& each) { return has_name(each, change.name); });
    if (row == rows_.end() || is_own(*row)) continue;  // check_rows reports it
    if (change.validity) row->validity = *change.validity;
    if (change.algorithm) row->algorithm = change.algorithm;
  }
}

std::span<const std::string_view> FurtherRows::keep(std::span<const std::string> texts) {
  return lists_.emplace_back(texts.begin(), texts.end());
}

std::chrono::seconds validity_of(const CatalogRow& row, const ClusterConfig& config) {
  if (row.validity.count() > 0) return row.validity;
  return row.is_ca() ? config.ca_validity : config.leaf_validity;
}

KeyAlgorithm algorithm_of(const CatalogRow& row, const ClusterConfig& config) {
  return row.algorithm.value_or(config.algorithm);
}

}  // namespace pki::model

namespace pki::inline PKI_ABI {

Catalog catalog_of(const ClusterConfig& config) {
  if (!config.rows) return default_catalog();
  if (auto problems = model::check_rows(*config.rows); !problems.empty())
    throw Error(Errc::invalid_config, std::move(problems));
  return Catalog(model::FurtherRows(*config.rows).rows());
}

Catalog effective_catalog(const ClusterConfig* config, const std::optional<ConfigFile>& saved) {
  const auto* rows = config != nullptr && config->rows ? &*config->rows : nullptr;
  if (rows == nullptr && saved && saved->config.rows) rows = &*saved->config.rows;
  if (rows == nullptr || !model::check_rows(*rows).empty()) return default_catalog();
  return Catalog(model::FurtherRows(*rows).rows());
}

}  // namespace pki::inline PKI_ABI
