// SPDX-License-Identifier: Apache-2.0
#include "commands/request.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include <pki/inventory.hpp>

#include "host/text_file.hpp"

namespace cli {

namespace {

using Findings = std::vector<pki::Finding>;

std::filesystem::path absolute(const std::string& path) {
  auto result = std::filesystem::absolute(path).lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

pki::Layout layout_of(const ClusterOptions& typed, const std::optional<pki::ConfigFile>& file) {
  pki::Layout layout;
  if (!typed.cert_dir.empty())
    layout.certificates_dir = absolute(typed.cert_dir);
  else if (file)
    layout.certificates_dir = file->config.layout.certificates_dir;
  layout.kubeconfig_dir =
      typed.kubeconfig_dir.empty() ? layout.certificates_dir.parent_path() : absolute(typed.kubeconfig_dir);
  return layout;
}

/// The configuration that the flags are applied to, and the name of the file that it comes from.
struct Base {
  const pki::ConfigFile& file;
  std::string name;
  std::optional<pki::RowsConfig> rows{};  ///< the saved ones, for a file that has none
};

// A configuration for kubeadm says nothing about further rows, and to forget them would leave their files unwatched.
std::optional<pki::RowsConfig> rows_of(const std::optional<pki::ConfigFile>& saved) {
  return saved && saved->problems.empty() ? saved->config.rows : std::nullopt;
}

pki::ClusterConfig apply(const Request& request, const Base& base) {
  auto config = base.file.config;
  config.layout = request.layout;
  if (!config.rows) config.rows = base.rows;
  for (const auto& setting : request.settings)
    setting(config);
  for (const auto& [ca, uri] : request.signing_keys) {
    config.signing_keys.erase(ca);
    if (!uri.empty()) config.signing_keys[ca] = uri;
  }
  return config;
}

std::string name_of(const std::string& field) { return field.substr(0, field.find('[')); }

constexpr std::string_view signing_keys_field = "signingKeys.";

// Returns the field that has another one, "certificates[0]" for "certificates[0].sans[1]"; empty for one at the top.
std::string parent_of(const std::string& field) {
  const auto end = field.find_last_of(".[");
  return end == std::string::npos ? std::string() : field.substr(0, end);
}

// Returns the line of a field or, where the file does not set it, of the nearest one that has it; 0 without any.
int line_of(std::string field, const pki::ConfigFile& file) {
  for (; !field.empty(); field = parent_of(field))
    if (const auto line = file.lines.find(field); line != file.lines.end()) return line->second;
  return 0;
}

// Returns the flag that was typed to set a field, or an empty text.
std::string typed_flag(const std::string& field, const Request& request) {
  const auto& typed = request.typed;
  if (field == "certificatesDir") return typed.cert_dir.empty() ? "" : "--cert-dir";
  if (field == "kubeconfigDir") return typed.kubeconfig_dir.empty() ? "" : "--kubeconfig-dir";
  if (field.starts_with(signing_keys_field)) {
    const auto ca = field.substr(signing_keys_field.size());
    return request.signing_keys.contains(ca) ? "--ca-key" : "";
  }
  const auto flag = flag_of(name_of(field));
  return is_typed(typed, flag) ? std::string(flag) : "";
}

// The place where the user can correct a field: the flag, or the line of the file.
std::string place_of(const std::string& field, const Request& request, const Base& base) {
  if (auto flag = typed_flag(field, request); !flag.empty()) return flag;
  if (const int line = line_of(field, base.file); line != 0)
    return base.name + ":" + std::to_string(line) + ": " + field;
  const auto flag = flag_of(name_of(field));
  return flag.empty() ? field : std::string(flag);
}

void relocate(Findings& problems, const Request& request, const Base& base) {
  for (auto& problem : problems)
    problem.subject = place_of(problem.subject, request, base);
}

// A value that does not parse has been reported; its field still has another value.
void append_new(Findings& problems, Findings found) {
  const Findings known = problems;
  std::ranges::copy_if(found, std::back_inserter(problems), [&](const auto& problem) {
    return std::ranges::find(known, problem.subject, &pki::Finding::subject) == known.end();
  });
}

// Returns the role that a JoinConfiguration implies; empty where a field names the role.
std::optional<pki::Role> implied_role(const pki::ConfigFile& file) {
  return file.lines.contains("role") ? std::nullopt : file.config.role;
}

void check_role(Findings& problems, const Request& request, const Base& base) {
  const auto implied = implied_role(base.file);
  const auto role = apply(request, base).role;
  if (!implied || role == implied) return;
  problems.push_back({pki::Rule::values_conflict,
                      pki::Severity::error,
                      "--role",
                      fmt::format("found {}, but the JoinConfiguration in {} is that of the role {}", to_string(*role),
                                  base.name, to_string(*implied)),
                      {},
                      "omit --role, or name a file without that JoinConfiguration"});
}

void keep_saved_role(pki::ClusterConfig& config, const Request& request, const std::optional<pki::ConfigFile>& saved) {
  if (!request.file || !implied_role(*request.file) || is_typed(request.typed, "--role")) return;
  if (saved && saved->problems.empty() && saved->config.role) config.role = saved->config.role;
}

// A configuration for kubeadm says nothing of the keys of CAs.
void keep_saved_signing_keys(pki::ClusterConfig& config, const Request& request,
                             const std::optional<pki::ConfigFile>& saved) {
  if (!request.file || request.file->lines.contains("signingKeys") || !saved || !saved->problems.empty()) return;
  for (const auto& [ca, uri] : saved->config.signing_keys)
    if (!request.signing_keys.contains(ca)) config.signing_keys.try_emplace(ca, uri);
}

// Without a configuration the files that are here say whether etcd is external.
Findings ask_for_etcd(pki::ClusterConfig& config, const Request& request, const Host& host) {
  const bool of_etcd = request.names_etcd || is_typed(request.typed, "--etcd-server-extra-sans") ||
                       is_typed(request.typed, "--etcd-peer-extra-sans");
  if (!host.external_etcd || config.external_etcd || of_etcd) return {};
  config.external_etcd.emplace();
  auto note = *host.external_etcd;
  note.severity = pki::Severity::warning;
  return {std::move(note)};
}

// Returns whether the saved configuration or the host can still set a field.
bool is_open(const std::string& field, const Request& request, const pki::ClusterConfig& config) {
  if (field == "nodeRegistration.name" && config.node_name.empty()) return true;
  if (field == "localAPIEndpoint.advertiseAddress" && config.advertise_address.empty()) return true;
  const bool of_layout = field == "certificatesDir" || field == "kubeconfigDir";
  return !of_layout && !request.file && typed_flag(field, request).empty();
}

// Kubeconfigs are next to the PKI directory unless a flag says otherwise, and there is no place for them in /.
void check_layout(Findings& invalid, const Request& request) {
  const auto& [certificates, kubeconfigs] = request.layout;
  if (kubeconfigs != kubeconfigs.root_path() || !request.typed.kubeconfig_dir.empty()) return;
  invalid.push_back({pki::Rule::invalid_value,
                     pki::Severity::error,
                     "certificatesDir",
                     "\"" + certificates.string() + "\" has no parent directory for the kubeconfigs but /",
                     {},
                     "pass --kubeconfig-dir, or a directory further down such as /etc/kubernetes/pki"});
}

// Returns the invalid values that no saved configuration and no host can replace.
Findings invalid_values(const Request& request, const Base& base) {
  const auto config = apply(request, base);
  auto invalid = pki::validate(config).problems;
  std::erase_if(invalid, [&](const auto& problem) { return is_open(problem.subject, request, config); });
  check_layout(invalid, request);
  relocate(invalid, request, base);
  return invalid;
}

Findings ask_host(pki::ClusterConfig& config, const Host& host) {
  if (config.node_name.empty()) config.node_name = host.node_name();
  if (!config.advertise_address.empty()) return {};
  config.advertise_address = host.default_route_address();
  if (!config.advertise_address.empty() || config.role == pki::Role::worker) return {};
  return {{pki::Rule::value_missing,
           pki::Severity::error,
           "--apiserver-advertise-address",
           "this host has no default route to take the address from",
           {},
           pki::Remedy::set_field("localAPIEndpoint.advertiseAddress")}};
}

// Returns the same configuration with the naming of the files that are here, where nothing else chooses one: every
// naming is right, and another one for some files of a cluster helps nobody.
pki::ValidConfig with_naming_of_files(pki::ValidConfig config, const Request& request, const Base& base,
                                      const Host& host) {
  if (base.file.lines.contains("naming") || is_typed(request.typed, "--naming")) return config;
  const auto naming = host.naming(config);
  if (!naming) return config;
  auto changed = *config;
  changed.naming = *naming;
  return pki::validate(std::move(changed)).value();
}

}  // namespace

Request parse_request(const ClusterOptions& typed) {
  Request request{.typed = typed, .file = {}, .settings = {}, .signing_keys = {}, .layout = {}, .problems = {}};
  if (!typed.config_file.empty())
    request.file = pki::parse_config(read_text_file(typed.config_file), typed.config_file);
  request.layout = layout_of(typed, request.file);
  auto settings = parse_settings(typed);
  request.settings = std::move(settings.values);
  auto keys = parse_signing_keys(typed.signing);
  request.signing_keys = std::move(keys.uris);
  const pki::ConfigFile none;
  // A key may be that of a CA that the saved configuration adds.
  const auto saved =
      request.signing_keys.empty() ? std::nullopt : pki::load_saved_config(request.layout, pki::Links::follow);
  const Base base{request.file ? *request.file : none, typed.config_file, rows_of(saved)};
  request.problems = base.file.problems;
  append_new(request.problems, std::move(settings.problems));
  std::ranges::move(keys.problems, std::back_inserter(request.problems));
  append_new(request.problems, invalid_values(request, base));
  check_role(request.problems, request, base);
  return request;
}

pki::Catalog catalog_of(const Request& request) {
  const auto saved = pki::load_saved_config(request.layout, pki::Links::follow);
  const pki::ConfigFile none;
  const auto config = apply(request, {request.file ? *request.file : none, {}, rows_of(saved)});
  return pki::effective_catalog(&config, saved);
}

Completed complete(const Request& request, const std::optional<pki::ConfigFile>& saved, const Host& host) {
  const pki::ConfigFile none;
  const bool from_saved = !request.file && saved;
  const Base base = request.file ? Base{*request.file, request.typed.config_file, rows_of(saved)}
                                 : Base{from_saved ? *saved : none, request.layout.saved_config().string()};
  Completed completed{.config = {}, .problems = base.file.problems, .warnings = base.file.warnings};
  auto config = apply(request, base);
  keep_saved_role(config, request, saved);
  keep_saved_signing_keys(config, request, saved);
  if (!request.file && !saved) completed.warnings = ask_for_etcd(config, request, host);
  std::ranges::move(ask_host(config, host), std::back_inserter(completed.problems));
  auto validation = pki::validate(std::move(config));
  relocate(validation.problems, request, base);
  append_new(completed.problems, std::move(validation.problems));
  relocate(validation.warnings, request, base);
  std::ranges::move(validation.warnings, std::back_inserter(completed.warnings));
  if (completed.problems.empty())
    completed.config = with_naming_of_files(std::move(validation).value(), request, base, host);
  return completed;
}

}  // namespace cli
