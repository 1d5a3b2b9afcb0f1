// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/plan.hpp>

#include "crypto/key_maker.hpp"
#include "model/identity.hpp"

// Inventories made by hand: what `load` would find, without disk and without cryptography.
namespace build {

using namespace std::chrono_literals;

constexpr std::chrono::sys_seconds now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 0h + 48min + 15s;
constexpr std::chrono::seconds day = 24h;

inline pki::ClusterConfig config() {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  config.control_plane_endpoint = "api.example:6443";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {"/k/pki", "/k"};
  return config;
}

inline pki::ValidConfig valid(const pki::ClusterConfig& config) { return pki::validate(config).value(); }

inline pki::PrivateKey key(const std::string& digest, const std::string& algorithm = "ECDSA-P256") {
  return pki::crypto::PrivateKeyMaker::make(pki::SecretString("not a key"), algorithm, "public " + digest, digest);
}

inline pki::Certificate certificate(const pki::CatalogRow& row, const pki::ClusterConfig& config) {
  const auto identity = pki::model::identity_of(row, valid(config));
  const std::string name(row.name);
  pki::Certificate certificate;
  certificate.pem = "certificate of " + name;
  certificate.subject = "CN=" + identity.common_name;
  certificate.issuer = row.is_ca() ? certificate.subject : "CN=issuer of " + name;
  certificate.common_name = identity.common_name;
  certificate.organizations = identity.organizations;
  certificate.serial = "5e" + std::to_string(name.size());
  certificate.not_before = now - 30 * day;
  certificate.not_after = certificate.not_before + (row.is_ca() ? 3650 * day : 365 * day);
  certificate.is_ca = certificate.can_sign = certificate.self_signed = row.is_ca();
  if (row.profile == pki::Profile::server || row.profile == pki::Profile::peer)
    certificate.extended_key_usages.push_back("serverAuth");
  if (row.profile == pki::Profile::client || row.profile == pki::Profile::peer)
    certificate.extended_key_usages.push_back("clientAuth");
  certificate.sans = identity.sans;
  certificate.public_key_sha256 = "key of " + name;
  return certificate;
}

inline pki::Entry absent_entry(const pki::CatalogRow& row, const pki::ClusterConfig& config) {
  const auto& [certificates_dir, kubeconfig_dir] = config.layout;
  const std::string path(row.path);
  pki::Entry entry;
  entry.row = &row;
  entry.path = row.form == pki::Form::kubeconfig
                   ? kubeconfig_dir / path
                   : certificates_dir / (path + (row.form == pki::Form::bare_key ? ".pub" : ".crt"));
  if (row.form != pki::Form::kubeconfig) entry.key_path = certificates_dir / (path + ".key");
  return entry;
}

inline pki::Entry sound_entry(const pki::CatalogRow& row, const pki::ClusterConfig& config) {
  const std::string digest = "key of " + std::string(row.name);
  auto entry = absent_entry(row, config);
  entry.exists = entry.key_exists = true;
  entry.key = key(digest);
  if (row.form == pki::Form::bare_key) {
    entry.public_key_sha256 = digest;
    return entry;
  }
  if (!row.has_token()) entry.certificates = {certificate(row, config)};
  entry.signed_by_issuer = !row.issuer.empty();
  if (row.form != pki::Form::kubeconfig) return entry;
  const auto identity = pki::model::identity_of(row, valid(config));
  entry.kubeconfig =
      pki::KubeconfigFacts{.user = identity.common_name,
                           .server = identity.server,
                           .ca_certificates = {certificate(pki::default_catalog().find_row(row.issuer), config)},
                           .other_credentials = row.has_token()};
  if (row.has_token()) entry.key.reset();
  return entry;
}

inline pki::Inventory inventory(const pki::ClusterConfig& config,
                                pki::Entry (*entry)(const pki::CatalogRow&, const pki::ClusterConfig&)) {
  pki::Inventory inventory{.catalog = catalog_of(config), .layout = config.layout};
  for (const auto& row : inventory.catalog.rows())
    inventory.entries.push_back(entry(row, config));
  return inventory;
}

inline pki::Plan plan_init(const pki::ClusterConfig& config, const pki::Inventory& inventory,
                           std::chrono::sys_seconds when, std::span<const pki::CatalogRow* const> rows = {}) {
  return pki::plan_init(valid(config), inventory, when, rows);
}

/// nothing is a host on which nobody ran init.
inline pki::Inventory nothing(const pki::ClusterConfig& config) { return inventory(config, absent_entry); }

/// sound is what `init` left there a month ago, with the configuration that it kept.
inline pki::Inventory sound(const pki::ClusterConfig& config) {
  auto result = inventory(config, sound_entry);
  result.saved_config.emplace().config = config;
  return result;
}

/// at is a row's entry, to damage it.
inline pki::Entry& at(pki::Inventory& inventory, std::string_view name) {
  return const_cast<pki::Entry&>(inventory.find(name));
}

inline void lose_certificate(pki::Entry& entry) {
  entry.exists = entry.signed_by_issuer = false;
  entry.certificates.clear();
  entry.public_key_sha256.clear();
}

inline void lose_key(pki::Entry& entry) {
  entry.key_exists = false;
  entry.key.reset();
}

inline void lose(pki::Entry& entry) {
  lose_certificate(entry);
  lose_key(entry);
  entry.kubeconfig.reset();
}

/// lose takes a row's files away.
inline void lose(pki::Inventory& inventory, std::string_view name) { lose(at(inventory, name)); }

/// make_external takes a CA's key away, which is no damage.
inline void make_external(pki::Inventory& inventory, std::string_view name) { lose_key(at(inventory, name)); }

/// Returns the usual configuration for a host of `role`.
inline pki::ClusterConfig with_role(pki::Role role) {
  auto wanted = config();
  wanted.role = role;
  return wanted;
}

/// host has nothing but the files of `rows`.
inline pki::Inventory host(std::initializer_list<std::string_view> rows) {
  auto inventory = nothing(config());
  for (const auto name : rows)
    at(inventory, name) = sound_entry(pki::default_catalog().find_row(name), config());
  return inventory;
}

}  // namespace build
