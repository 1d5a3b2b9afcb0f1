// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <pki/abi.hpp>
#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/config.hpp>
#include <pki/inventory.hpp>
#include <pki/report.hpp>

namespace pki::inline PKI_ABI {

/// Create makes a key and a certificate, or a key pair without certificate.
struct Create {
  CertSpec spec{};          ///< what to sign; for a bare key its profile is `none`
  std::string algorithm{};  ///< of the new key, as PrivateKey::algorithm
  std::string cluster{};    ///< kubeconfig: name of the cluster
  std::string server{};     ///< kubeconfig: URL of the API server
};

/// Complete writes the public half of a valid bare key.
struct Complete {};

/// Renew makes a certificate of the same identity with new dates, and a new key unless asked to keep it.
struct Renew {
  CertSpec spec{};                         ///< what to sign
  std::string algorithm{};                 ///< of the key, new or not
  bool reuse_key{false};                   ///< the key on disk is kept
  std::vector<std::string> differences{};  ///< how the new certificate differs from the old one, for people
};

/// Keep leaves a row as it is: it is valid, or not due.
struct Keep {};

/// External leaves a row as it is: it is due, but the key of its issuer is not here.
struct External {};

/// Skip leaves a row as it is: it does not exist in this cluster (external etcd), or was not asked for.
struct Skip {};

/// Action is the kind of a step.
enum class Action { create, complete, renew, keep, external, skip };

/// Returns the name of the enumerator: "create".
PKI_EXPORT [[nodiscard]] std::string_view to_string(Action action) noexcept;

/// Existing is the part of an Entry that a plan reports.
struct Existing {
  std::string algorithm{};                   ///< of the key, as PrivateKey::algorithm; empty without a key
  std::optional<Certificate> certificate{};  ///< without its PEM text
};

/// Step is what a plan does with one row, and all that doing it needs.
struct Step {
  const CatalogRow* row{nullptr};    ///< of Plan::catalog
  std::filesystem::path path{};      ///< as in Entry
  std::filesystem::path key_path{};  ///< as in Entry
  std::string reason{};              ///< for people: "missing", "valid", "external etcd"
  Existing found{};                  ///< before the step
  std::variant<Create, Complete, Renew, Keep, External, Skip> what{Skip{}};  ///< in the order of Action

  /// Returns the kind of the step.
  [[nodiscard]] Action action() const noexcept { return static_cast<Action>(what.index()); }
  /// Returns what the new certificate says; null unless the step creates or renews.
  PKI_EXPORT [[nodiscard]] const CertSpec* spec() const noexcept;
  /// Returns the algorithm of the key after the step, as PrivateKey::algorithm; empty without a key.
  PKI_EXPORT [[nodiscard]] const std::string& algorithm() const noexcept;
};

/// Plan holds every decision, none of which is carried out. With `conflicts` it must not be.
struct Plan {
  Catalog catalog{default_catalog()};             ///< that of the inventory; owns the rows of the steps
  Layout layout{};                                ///< that of the inventory
  std::vector<Step> steps{};                      ///< one for each row, in catalog order
  std::vector<Finding> conflicts{};               ///< all of them
  std::vector<Finding> failures{};                ///< why single rows cannot be renewed, while the others are
  std::vector<Finding> warnings{};                ///< for people; none of them stops the plan
  std::optional<ClusterConfig> config_to_save{};  ///< the configuration to save, if it differs from the saved one

  /// Returns whether carrying the plan out writes anything.
  PKI_EXPORT [[nodiscard]] bool changes() const noexcept;
};

/// plan_init decides what `init` makes: it creates what is missing and keeps what is valid; anything else is a
/// conflict. `rows`, if not empty, are the only rows of the inventory's catalog to make; the issuers that they need
/// must exist or be among them. `now` dates the new certificates and judges the old ones; one before the notBefore of
/// the newest certificate is a conflict. Pure: no disk, no clock, no OpenSSL. Throws Error(unknown_name) for a row that
/// the inventory lacks, Error(mismatch) for an inventory that does not fit its catalog.
PKI_EXPORT [[nodiscard]] Plan plan_init(const ValidConfig& config, const Inventory& inventory,
                                        std::chrono::sys_seconds now, std::span<const CatalogRow* const> rows = {});

/// plan_shared plans the rows that all hosts of a cluster share (CatalogRow::shared): the CAs and the service account
/// key pair, for any role of `config`. It saves no configuration, because that belongs to one host. Existing files are
/// judged as by `plan_init`. Pure. Throws Error(mismatch) as plan_init does.
PKI_EXPORT [[nodiscard]] Plan plan_shared(const ValidConfig& config, const Inventory& inventory,
                                          std::chrono::sys_seconds now);

/// plan_node plans the rows that a host of the role of `config` does not share with others, and saves its
/// configuration. `inventory` has the shared files with the keys of the CAs that sign (see `shared_files`), and the
/// files that the host has already. Unlike plan_init it makes no shared row for any role: a missing one is a conflict,
/// so that no host gets a CA of its own. Pure. Throws Error(mismatch) as plan_init does.
PKI_EXPORT [[nodiscard]] Plan plan_node(const ValidConfig& config, const Inventory& inventory,
                                        std::chrono::sys_seconds now);

/// RenewOptions restricts and changes what plan_renew does.
struct RenewOptions {
  std::vector<const CatalogRow*> rows{};  ///< the rows to renew; empty: all
  std::optional<Window> if_due{};         ///< renew only what expires within it; empty: whatever the dates
  bool reuse_key{false};                  ///< keep the private keys
  bool prune_sans{false};                 ///< drop names that the configuration does not explain
  /// Rows whose certificates the holder of an external CA signs meanwhile: they are planned as if its key were here.
  std::vector<const CatalogRow*> requested{};
};

/// plan_renew decides what `renew` makes. The identity comes from the certificate on disk; `config`, which may be null,
/// adds the names that are missing and sets algorithm and validity. CAs and bare keys are never renewed. A row that
/// was named and cannot be renewed (it is invalid, its issuer is external, invalid or expired) is a conflict.
/// Without names each row that can be renewed is. One that is due and cannot be renewed is a failure; where its
/// issuer is external, a warning until it has expired. A `now` before the notBefore of the newest certificate is a
/// conflict. Pure. Throws Error(not_found) where no file of a PKI is, Error(unknown_name) for a row that the inventory
/// lacks, Error(invalid_config) for one that cannot be renewed and for `prune_sans` without a configuration,
/// Error(mismatch) for an inventory that does not fit its catalog.
PKI_EXPORT [[nodiscard]] Plan plan_renew(const ValidConfig* config, const Inventory& inventory,
                                         std::chrono::sys_seconds now, const RenewOptions& options = {});

/// Returns a plan as one JSON object, documented in doc/json.md; it holds no secrets.
PKI_EXPORT [[nodiscard]] std::string to_json(const Plan& plan);

}  // namespace pki::inline PKI_ABI
