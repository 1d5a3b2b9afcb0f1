// SPDX-License-Identifier: Apache-2.0
#include "print/remedy_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <pki/shell.hpp>

namespace cli {

namespace {

using Kind = pki::Remedy::Kind;

/// MissingField is a field that may be missing, and the flag that sets it.
struct MissingField {
  std::string_view field;
  std::string_view flag;
};

constexpr std::array missing_fields{
    MissingField{"nodeRegistration.name", "--node-name"},
    MissingField{"localAPIEndpoint.advertiseAddress", "--apiserver-advertise-address"},
    MissingField{"networking.serviceSubnet", "--service-cidr"},
    MissingField{"clusterName", "--cluster-name"},
};

/// LibraryOption is an option or argument of the library, and what sets it here.
struct LibraryOption {
  std::string_view name;
  std::string_view words;
};

constexpr std::array library_options{
    LibraryOption{"allowed_sans", "pass --allow-san NAME"},
    LibraryOption{"allow_masters", "pass --allow-masters"},
    LibraryOption{"profile and validity", "pass --profile client|server|peer and --valid-for TIME"},
    LibraryOption{"config", "name the configuration of the host that asks with --config FILE"},
    LibraryOption{"config or allowed_sans",
                  "name the configuration of the host that asks with --config FILE, or pass --allow-san NAME"},
};

constexpr std::string_view usual_manifests_dir = "/etc/kubernetes/manifests";

CallFlags& call_flags() {
  static CallFlags flags;
  return flags;
}

std::string listed(std::vector<std::string> paths) {
  std::ranges::transform(paths, paths.begin(), pki::to_shell_word);
  return fmt::format("{}", fmt::join(paths, " and "));
}

void add_flag(std::string& command, std::string_view flag, const std::string& value) {
  if (!value.empty()) command += fmt::format(" {} {}", flag, pki::to_shell_word(value));
}

std::string with_flags(std::string command, const CallFlags& flags) {
  add_flag(command, "--cert-dir", flags.cert_dir);
  add_flag(command, "--kubeconfig-dir", flags.kubeconfig_dir);
  add_flag(command, "--config", flags.config);
  return command;
}

// A command in backquotes, with the flags of this call that it takes.
std::string command(std::string_view words, const std::vector<std::string>& rows, const CallFlags& flags) {
  auto text = fmt::format("pkigen {}", words);
  for (const auto& row : rows)
    text += " " + pki::to_shell_word(row);
  return "`" + with_flags(std::move(text), flags) + "`";
}

// `recover` and `backups` take no configuration file: the directory that this call took from it is named instead.
std::string command_below(std::string_view words, const pki::Remedy& remedy, const CallFlags& flags) {
  CallFlags own = flags;
  own.config.clear();
  if (own.cert_dir.empty() && !flags.config.empty() && !remedy.paths.empty()) own.cert_dir = remedy.paths.front();
  return command(words, {}, own);
}

std::string set_field_text(const std::string& field) {
  const auto found = std::ranges::find(missing_fields, field, &MissingField::field);
  return found == missing_fields.end() ? fmt::format("set {} in the configuration file", field)
                                       : fmt::format("pass {}", found->flag);
}

std::string set_option_text(const pki::Remedy& remedy) {
  const auto found = std::ranges::find(library_options, remedy.text, &LibraryOption::name);
  return found == library_options.end() ? pki::to_text(remedy) : std::string(found->words);
}

std::string init_text(const pki::Remedy& remedy, const CallFlags& flags) {
  return fmt::format("{} creates {}", command("init", remedy.rows, flags), remedy.rows.size() > 1 ? "them" : "it");
}

std::string restore_or_init_text(const pki::Remedy& remedy, const CallFlags& flags) {
  return fmt::format("restore {} from a backup, or move {} away and run {}", listed(remedy.paths), listed(remedy.away),
                     command("init", remedy.rows, flags));
}

std::string supply_text(const pki::Remedy& remedy, const CallFlags& flags) {
  const std::vector<std::string> rest(remedy.rows.begin() + 1, remedy.rows.end());
  const auto away = remedy.away.empty() ? std::string() : fmt::format("move {} away, then ", listed(remedy.away));
  return fmt::format("{}{} requests it from the holder of {}, or put the CA key at {} and run {}", away,
                     command("csr create --bundle requests.json", rest, flags), remedy.rows.front(),
                     listed(remedy.paths), command(remedy.kind == Kind::supply_ca_key ? "renew" : "init", rest, flags));
}

std::string recreate_text(const pki::Remedy& remedy, const CallFlags& flags) {
  return fmt::format("move {} away and run {}", listed(remedy.paths), command("init", remedy.rows, flags));
}

std::string rejoin_text(const pki::Remedy& remedy, const CallFlags& flags) {
  return fmt::format(
      "the kubelet renews it while it is valid; once it has expired, move {} away, run {} and restart the kubelet",
      listed(remedy.paths), command("init", remedy.rows, flags));
}

std::string restart_text(const pki::Remedy& remedy, const CallFlags& flags) {
  std::string words = "renew --if-needed --restart-static-pods";
  for (const auto& directory : remedy.paths)
    if (directory != usual_manifests_dir) add_flag(words, "--manifests-dir", directory);
  return command(words, {}, flags) + " restarts the static pods that use them";
}

std::string name_directories_text(const pki::Remedy& remedy) {
  std::string flags;
  add_flag(flags, "--cert-dir", remedy.paths.front());
  if (remedy.paths.size() > 1) add_flag(flags, "--kubeconfig-dir", remedy.paths[1]);
  return fmt::format("name the directories themselves:{}{}", flags, remedy.text.empty() ? "" : "; " + remedy.text);
}

void put_into_words(std::vector<pki::Finding>& findings) {
  for (auto& finding : findings)
    finding.remedy = hint_of(finding);
}

}  // namespace

std::string remedy_text(const pki::Remedy& remedy, const CallFlags& flags) {
  switch (remedy.kind) {
    case Kind::set_field:
      return set_field_text(remedy.text);
    case Kind::set_option:
      return set_option_text(remedy);
    case Kind::init:
      return init_text(remedy, flags);
    case Kind::renew:
      return command("renew", remedy.rows, flags) + " corrects this";
    case Kind::prune_sans:
      return fmt::format("add them to the configuration, or drop them with {}",
                         command("renew --prune-sans", remedy.rows, flags));
    case Kind::restore_or_init:
      return restore_or_init_text(remedy, flags);
    case Kind::recreate:
      return recreate_text(remedy, flags);
    case Kind::rejoin_kubelet:
      return rejoin_text(remedy, flags);
    case Kind::supply_ca_key:
    case Kind::supply_ca_key_to_init:
      return supply_text(remedy, flags);
    case Kind::import_answer:
      return "it was requested: import the certificate with " + command("csr import FILE", {}, flags);
    case Kind::name_config:
      return "name the configuration of the cluster with --config FILE";
    case Kind::name_kubeconfigs:
      return "name their directory with --kubeconfig-dir";
    case Kind::list_backups:
      return command_below("backups", remedy, flags) + " lists them";
    case Kind::restart:
      return restart_text(remedy, flags);
    case Kind::run_hooks:
      return command("renew --if-needed", {}, flags) + " with the deploy hooks runs them again";
    case Kind::name_directories:
      return name_directories_text(remedy);
    case Kind::recover:
      return command_below("recover", remedy, flags) + " finishes or undoes it, and so does every command that writes";
    case Kind::none:
    case Kind::advice:
    case Kind::restore:
    case Kind::rotate_ca:
    case Kind::check_clock:
      break;  // no command of ours helps
  }
  return pki::to_text(remedy);
}

void set_call_flags(CallFlags flags) { call_flags() = std::move(flags); }

std::string own_command(std::string_view words) { return with_flags(fmt::format("pkigen {}", words), call_flags()); }

std::string command_for(std::string_view words, const pki::Layout& layout) {
  const bool usual = layout.kubeconfig_dir == layout.certificates_dir.parent_path();
  return with_flags(fmt::format("pkigen {}", words),
                    {.cert_dir = layout.certificates_dir.string(),
                     .kubeconfig_dir = usual ? std::string() : layout.kubeconfig_dir.string(),
                     .config = {}});
}

std::string hint_of(const pki::Finding& finding) { return remedy_text(finding.remedy, call_flags()); }

std::vector<pki::Finding> in_words(std::vector<pki::Finding> findings) {
  put_into_words(findings);
  return findings;
}

pki::Plan in_words(pki::Plan plan) {
  put_into_words(plan.conflicts);
  put_into_words(plan.failures);
  put_into_words(plan.warnings);
  return plan;
}

pki::Creation in_words(pki::Creation creation) {
  creation.plan = in_words(std::move(creation.plan));
  put_into_words(creation.written.notes);
  return creation;
}

pki::Renewal in_words(pki::Renewal renewal) {
  renewal.plan = in_words(std::move(renewal.plan));
  put_into_words(renewal.written.notes);
  put_into_words(renewal.failures);
  return renewal;
}

pki::Report in_words(pki::Report report) {
  put_into_words(report.notes);
  return report;
}

}  // namespace cli
