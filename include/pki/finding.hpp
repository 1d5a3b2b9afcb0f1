// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pki/abi.hpp>

namespace pki::inline PKI_ABI {

/// Rule is the closed list of what a finding can be about. Programs branch on it, in other languages on its id; the
/// text of a finding is for people and may change. `rules` describes each one.
enum class Rule {
  invalid_value,
  unknown_name,
  not_found,
  malformed,
  mismatch,
  ca_key_missing,
  locked,
  io,
  crypto,
  cancelled,
  api,
  api_unreachable,
  api_untrusted,
  api_answer_invalid,
  api_signer_missing,
  api_request_denied,
  api_request_failed,
  api_request_pending,
  value_missing,
  values_conflict,
  value_unused,
  validity_above_default,
  validity_above_ca,
  endpoint_port_differs,
  config_syntax,
  config_type,
  config_duplicate_field,
  config_unknown_field,
  config_unknown_kind,
  config_document_missing,
  config_document_duplicate,
  config_document_ignored,
  config_version_unsupported,
  config_version_deprecated,
  list_shortened,
  file_irregular,
  file_empty,
  file_too_large,
  file_hard_links,
  file_open_mode,
  file_linked,
  file_unreadable,
  directory_unsafe,
  label_refused,
  file_missing,
  certificate_missing,
  key_missing,
  public_key_missing,
  key_mismatch,
  certificate_order,
  not_yet_valid,
  expired,
  ca_cannot_sign,
  leaf_is_ca,
  extended_key_usage_missing,
  ca_missing,
  not_signed_by_ca,
  outlives_ca,
  chain_refused,
  chain_expired,
  chain_expires_first,
  serial_negative,
  signature_weak,
  server_without_names,
  name_refused,
  key_identifier_critical,
  kubeconfig_ca_differs,
  kubeconfig_ca_missing,
  kubeconfig_server_missing,
  credentials_missing,
  credentials_elsewhere,
  renewed_elsewhere,
  reference_not_read,
  kubeconfigs_not_found,
  names_missing,
  names_unexplained,
  common_name_differs,
  organization_differs,
  identity_of_another,
  server_differs,
  key_algorithm_differs,
  key_algorithm_replaced,
  validity_differs,
  path_length_differs,
  ends_with_ca,
  renewal_without_effect,
  ca_ends_soon,
  clock_behind,
  etcd_assumed_external,
  role_inferred,
  row_removed,
  write_unfinished,
  write_recovered,
  hook_failed,
  hooks_pending,
  hook_unsafe,
  restart_failed,
  restart_pending,
  old_certificate_served,
  manifest_away,
  manifest_put_back,
  ca_key_on_disk,
  key_weak,
  usages_wider,
  request_pending,
  answer_unmatched,
  answer_outdated,
  user_irrevocable,
  randomness_awaited,
  conflicts,
  usage,
  out_of_memory,
  unexpected,
};

/// RuleInfo describes one rule. The ids are stable: an id is never given to another rule.
struct RuleInfo {
  Rule rule{};                     ///< the rule described
  std::string_view id{};           ///< kebab-case, `code` in JSON: "key-mismatch"
  std::string_view description{};  ///< one line
  std::string_view reference{};    ///< the RFC section, Kubernetes document or CIS recommendation; may be empty
};

/// Returns all rules in the order of the enumeration. doc/rules.md is this table.
PKI_EXPORT [[nodiscard]] std::span<const RuleInfo> rules() noexcept;
/// Returns the id of a rule.
PKI_EXPORT [[nodiscard]] std::string_view to_string(Rule rule) noexcept;

/// Severity says what a finding means for the request: an error is in its way, or makes a file useless; a warning
/// deserves attention; an info explains what was done.
enum class Severity { info, warning, error };

/// Returns "info", "warning" or "error".
PKI_EXPORT [[nodiscard]] std::string_view to_string(Severity severity) noexcept;

/// Remedy is what to do about a finding, as a value: a program that uses the library words it with its own commands.
struct Remedy {
  /// Kind selects the action; it determines which of the other members are used.
  enum class Kind {
    none,             ///< nothing to be done, or nothing that always helps
    advice,           ///< what `text` says
    set_field,        ///< set the field `text` of the configuration
    set_option,       ///< call again with the options or arguments `text`, by their names in this library
    init,             ///< create `rows`; all rows where the list is empty
    renew,            ///< renew `rows`
    prune_sans,       ///< add the names to the configuration, or drop them in a renewal of `rows`
    restore,          ///< restore `paths` from a backup or from another control plane
    restore_or_init,  ///< restore `paths` from a backup, or move `away` away and create `rows`
    recreate,         ///< move `paths` away and create `rows`
    supply_ca_key,    ///< have the holder of the CA, the first of `rows`, sign, or put its key at `paths` and renew the
                      ///< rest
    supply_ca_key_to_init,  ///< the same, but move `away` away and create the rest of `rows`
    import_answer,          ///< import the answer to the request for `rows`
    rotate_ca,              ///< replace the CAs `rows` and everything that they signed
    rejoin_kubelet,         ///< wait for the kubelet to renew it; once it has expired, move `paths` away, create `rows`
    check_clock,            ///< correct the clock of this host
    name_config,            ///< name the configuration file of the cluster
    name_kubeconfigs,       ///< name the directory of the kubeconfigs
    list_backups,           ///< list the backups and choose one
    name_directories,       ///< use the directories `paths` (of the certificates, of the kubeconfigs); also do `text`
    recover,                ///< finish or undo the interrupted write
    restart,                ///< restart the processes that use `rows`; `paths` may name the directory of manifests
    run_hooks,              ///< run the deploy hooks for `rows`
  };

  Remedy() = default;
  /// Makes a remedy of any kind but advice, set_field and set_option.
  Remedy(Kind what, std::vector<std::string> which_rows, std::vector<std::string> which_paths = {},
         std::vector<std::string> which_away = {})
      : kind(what), rows(std::move(which_rows)), paths(std::move(which_paths)), away(std::move(which_away)) {}
  /// Converts free advice, which names no command; empty advice is no remedy.
  template <std::convertible_to<std::string_view> Text>
  Remedy(const Text& advice) : text(std::string_view(advice)) {
    if (!text.empty()) kind = Kind::advice;
  }

  /// Returns the remedy of a configuration field that is not set.
  [[nodiscard]] static Remedy set_field(std::string_view field) {
    Remedy remedy(field);
    remedy.kind = Kind::set_field;
    return remedy;
  }

  /// Returns the remedy of an option that the caller did not set: "allowed_sans".
  [[nodiscard]] static Remedy set_option(std::string_view option) {
    Remedy remedy(option);
    remedy.kind = Kind::set_option;
    return remedy;
  }

  Kind kind{Kind::none};             ///< the action
  std::vector<std::string> rows{};   ///< names of catalog rows
  std::vector<std::string> paths{};  ///< absolute paths, octet for octet
  std::vector<std::string> away{};   ///< absolute paths of files in the way of new ones, octet for octet
  std::string text{};                ///< advice, or the name of a field or an option

  friend bool operator==(const Remedy&, const Remedy&) = default;
};

/// Returns a remedy in words that name no command: "renew apiserver". Empty for Kind::none.
PKI_EXPORT [[nodiscard]] std::string to_text(const Remedy& remedy);

/// Finding is one thing that was found, as a value. The writing rules of Error apply to its texts.
struct Finding {
  Rule rule{Rule::unexpected};         ///< what it is about
  Severity severity{Severity::error};  ///< what it means for the request
  std::string subject{};               ///< the file, catalog row or configuration field concerned; may be empty
  std::string message{};               ///< what was found and what was expected
  std::string row{};                   ///< name of the catalog row concerned; may be empty
  Remedy remedy{};                     ///< what to do about it

  friend bool operator==(const Finding&, const Finding&) = default;
};

/// Returns whether one of the findings is an error.
PKI_EXPORT [[nodiscard]] bool has_errors(std::span<const Finding> findings) noexcept;

/// Returns `text` in a form that fits into a message: on one line, in UTF-8, without control characters (they become
/// `\x1b`, so that no file can write to a terminal or forge a line of a log), and cut after `most` bytes. Octets that
/// are not UTF-8 become `\xff`.
PKI_EXPORT [[nodiscard]] std::string to_plain(std::string_view text, std::size_t most = 2048);

/// Applies to_plain to every text but the paths of remedies. The library does so to every finding that it returns.
PKI_EXPORT void make_plain(Finding& finding);
/// Applies to_plain to every text of every finding.
PKI_EXPORT void make_plain(std::vector<Finding>& findings);

}  // namespace pki::inline PKI_ABI
