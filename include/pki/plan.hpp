#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/certificate.hpp>
#include <pki/config.hpp>
#include <pki/inventory.hpp>
#include <pki/report.hpp>

#pragma GCC visibility push(default)  // what libpki.so promises
namespace pki {

/// Action is what a plan does with one row.
enum class Action {
  create,    ///< key and certificate, or key pair, are made
  complete,  ///< the public half of a sound bare key is written
  renew,     ///< same identity, new dates, new key unless asked
  keep,      ///< sound, or not due: not touched
  external,  ///< due, but its issuer's key is elsewhere: not touched
  skip,      ///< does not exist in this cluster (external etcd) or was not asked for
};

[[nodiscard]] std::string_view to_string(Action action) noexcept;

/// Step is what a plan does with one row, and all that doing it needs.
struct Step {
  const CatalogRow* row{nullptr};
  Action action{Action::skip};
  std::string reason;                       ///< for people: "missing", "sound", "external etcd"
  std::filesystem::path path;               ///< as in Entry
  std::filesystem::path key_path;           ///< as in Entry
  std::string algorithm;                    ///< of the key that is there or will be made, as PrivateKey::algorithm
  CertSpec spec;                            ///< create: what to sign; keep: subject, names and dates as found
  std::string server;                       ///< kubeconfig: URL of the API server
  std::string cluster;                      ///< kubeconfig: name of the cluster
  bool reuse_key{false};                    ///< renew: keep the key that is there
  std::string old_serial;                   ///< renewals: of the certificate that is there
  std::chrono::sys_seconds old_not_before;  ///< renewals: its beginning
  std::chrono::sys_seconds old_not_after;   ///< renewals: its end
  std::vector<std::string> differences;     ///< renew: how the new one differs from it, for people
};

/// Plan is everything decided and nothing done. With `conflicts` it must not be carried out.
struct Plan {
  Catalog catalog{default_catalog()};  ///< that of the inventory; owns the rows of the steps
  Layout layout;
  std::vector<Step> steps;         ///< one a row, in catalog order
  std::vector<Finding> conflicts;  ///< every one, a file a problem
  std::vector<Finding> warnings;
  std::optional<ClusterConfig> remember;  ///< what to keep as layout.remembered_config(), where that differs
  /// changes says whether carrying the plan out writes anything.
  [[nodiscard]] bool changes() const noexcept;
};

/// plan_init decides what `init` makes: what is missing is created, what is sound is kept, what is wrong is a
/// conflict. `rows`, when not empty, are the only rows to make; an issuer that they need must be there or among
/// them. `now` dates the new certificates and judges the old ones. Pure: no disk, no clock, no OpenSSL.
/// Throws Error(invalid_config) when `config` is not valid.
[[nodiscard]] Plan plan_init(const ClusterConfig& config, const Inventory& inventory, std::chrono::sys_seconds now,
                             std::span<const CatalogRow* const> rows = {});

/// RenewOptions is what `renew` was asked for.
struct RenewOptions {
  std::vector<const CatalogRow*> rows{};  ///< the rows to renew; empty: all
  std::optional<Window> if_due{};         ///< renew only what ends within it; empty: renew whatever the dates
  bool reuse_key{false};                  ///< keep the private keys
  bool prune_sans{false};                 ///< drop names that the configuration does not explain
};

/// plan_renew decides what `renew` makes. Identity comes from the certificate on disk; `config`, where there is one,
/// adds the names that are missing and sets algorithm and validity. CAs and bare keys are never renewed. Rows whose
/// issuer is external are reported, and are a conflict only where they were named. An expired issuer, or a clock that
/// is behind the newest certificate, is a conflict. Pure.
[[nodiscard]] Plan plan_renew(const ClusterConfig* config, const Inventory& inventory, std::chrono::sys_seconds now,
                              const RenewOptions& options = {});

/// to_json describes a plan as one JSON object, documented in README.md; it holds no secrets.
[[nodiscard]] std::string to_json(const Plan& plan);

}  // namespace pki
#pragma GCC visibility pop
