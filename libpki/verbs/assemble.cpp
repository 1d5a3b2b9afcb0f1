// SPDX-License-Identifier: Apache-2.0
#include "verbs/assemble.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/not_readable.hpp"
#include "base/parallel.hpp"
#include "base/words.hpp"
#include "crypto/certificate_scan.hpp"
#include "disk/permissions.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "model/place.hpp"
#include "model/remedies.hpp"
#include "model/signing_keys.hpp"
#include "verbs/chains.hpp"
#include "verbs/references.hpp"

namespace pki::verbs {

namespace {

using std::filesystem::path;

constexpr disk::ReadRules public_file{.max_size = disk::certificate_limit, .secret = false};
constexpr disk::ReadRules key_file{.max_size = disk::key_limit, .secret = true};
constexpr disk::ReadRules kubeconfig_file{.max_size = disk::kubeconfig_limit, .secret = true};

// Runs one parser; its error becomes a problem of the entry and does not end the report.
template <class Parse>
void attempt(Entry& entry, Parse parse) {
  try {
    parse();
  } catch (const Error& error) {
    entry.problems.push_back(error.finding());
  }
}

std::string text_of(const disk::Found& found) { return {found.content.begin(), found.content.end()}; }

// Content that was read despite a problem (a mode that is too open) is parsed as well, so that all faults are reported.
void add_problem(Entry& entry, const disk::Found& found) {
  if (found.problem) entry.problems.push_back(*found.problem);
}

/// Raw holds the files of one row as they were read.
struct Raw {
  disk::Found main;
  disk::Found key;
};

void parse_key(Entry& entry, const disk::Found& found, KeyCheck check) {
  entry.key_exists = found.exists;
  add_problem(entry, found);
  if (!found.content.empty())
    attempt(entry, [&] { entry.key = parse_private_key(found.content, entry.key_path.string(), check); });
}

// Certificates and public keys are for everybody: they are copied to other hosts, and into the cluster.
void check_public(Entry& entry, const disk::Found& found) {
  if ((found.mode & 077U) == 0 || !crypto::holds_private_key(found.content)) return;
  entry.problems.push_back(
      {Rule::file_open_mode, Severity::error, entry.path.string(),
       fmt::format("holds a private key, and is open to other users (mode {:04o})", found.mode),
       std::string(entry.row->name),
       fmt::format("remove the private key from {}, and replace that key where others may have read it",
                   entry.path.string())});
}

void parse_key_pair(Entry& entry, const Raw& raw, KeyCheck check) {
  const auto& found = raw.main;
  entry.exists = found.exists;
  add_problem(entry, found);
  if (!found.content.empty())
    attempt(entry, [&] { entry.certificates = parse_certificates(text_of(found), entry.path.string()); });
  check_public(entry, found);
  parse_key(entry, raw.key, check);
}

void parse_bare_key(Entry& entry, const Raw& raw, KeyCheck check) {
  const auto& found = raw.main;
  entry.exists = found.exists;
  add_problem(entry, found);
  if (!found.content.empty())
    attempt(entry, [&] { entry.public_key_sha256 = parse_public_key_sha256(text_of(found), entry.path.string()); });
  check_public(entry, found);
  parse_key(entry, raw.key, check);
}

void fail(Entry& entry, std::string message) {
  entry.problems.push_back({Rule::credentials_missing, Severity::error, entry.path.string(), std::move(message),
                            std::string(entry.row->name)});
}

void parse_credentials(Entry& entry, const formats::Kubeconfig& parsed, KeyCheck check) {
  const auto subject = entry.path.string();
  auto& facts = *entry.kubeconfig;
  if (!parsed.ca_pem.empty())
    attempt(entry, [&] {
      facts.ca_certificates = parse_certificates(parsed.ca_pem, subject + ": certificate-authority-data");
    });
  if (!parsed.client_certificate_pem.empty())
    attempt(entry, [&] {
      entry.certificates = parse_certificates(parsed.client_certificate_pem, subject + ": client-certificate-data");
    });
  if (!parsed.client_key_pem.empty())
    attempt(entry, [&] { entry.key = parse_private_key(parsed.client_key_pem, subject + ": client-key-data", check); });
  const bool has_certificate = !parsed.client_certificate_pem.empty() || !parsed.client_certificate_file.empty();
  const bool has_key = !parsed.client_key_pem.empty() || !parsed.client_key_file.empty();
  if (!has_certificate && !parsed.other_credentials)
    fail(entry, "no client certificate for the user of the current context, expected one");
  if (has_certificate && !has_key)
    fail(entry, "a client certificate without its key for the user of the current context");
}

// The data is judged, and what refuses the file is said.
void check_conflicts(Entry& entry, const formats::Kubeconfig& parsed) {
  const auto refuse = [&](const std::string& what, std::string remedy) {
    entry.problems.push_back({Rule::values_conflict, Severity::error, entry.path.string(),
                              fmt::format("has {}; kubectl and every component refuse such a file", what),
                              std::string(entry.row->name), std::move(remedy)});
  };
  if (!parsed.overridden.empty()) {
    const auto names = base::join(parsed.overridden);
    refuse(names + " beside the data for the same",
           fmt::format("remove {} from the file, the data takes precedence", names));
  }
  if (parsed.skips_verification && !(parsed.ca_pem.empty() && parsed.ca_file.empty()))
    refuse("insecure-skip-tls-verify beside a CA",
           "remove insecure-skip-tls-verify from the file, the server is verified then");
}

void parse_kubeconfig_file(Entry& entry, const disk::Found& found, KeyCheck check) {
  entry.exists = entry.key_exists = found.exists;
  add_problem(entry, found);
  if (found.content.empty()) return;
  attempt(entry, [&] {
    const auto parsed = formats::parse_kubeconfig(found.content, entry.path.string());
    const auto resolved = [&](const std::string& file) {
      return formats::resolve_reference(entry.path, file).string();
    };
    entry.kubeconfig = KubeconfigFacts{.cluster = parsed.cluster,
                                       .user = parsed.user,
                                       .server = parsed.server,
                                       .ca_certificates = {},
                                       .ca_refusals = {},
                                       .ca_file = resolved(parsed.ca_file),
                                       .client_certificate_file = resolved(parsed.client_certificate_file),
                                       .client_key_file = resolved(parsed.client_key_file),
                                       .other_credentials = parsed.other_credentials,
                                       .text = found.content};
    check_conflicts(entry, parsed);
    parse_credentials(entry, parsed, check);
  });
}

// The files for an external etcd may be anywhere, and belong to others. Its CA key is not looked for.
void place_external_etcd(Entry& entry, const ExternalEtcd& etcd) {
  if (!entry.row->etcd_client) return;
  const auto& file = entry.row->is_ca() ? etcd.ca_file : etcd.cert_file;
  if (!path(file).is_absolute()) return;
  entry.external_etcd = true;
  entry.path = path(file).lexically_normal();
  entry.key_path = entry.row->is_ca() ? path() : path(etcd.key_file).lexically_normal();
}

disk::Found read_outside(const path& file, const Outside& outside) {
  disk::Found found;
  if (file.empty()) return found;
  auto read = outside.read(file);
  found.exists = read.error != ENOENT && read.error != ENOTDIR;
  const bool denied = disk::is_denied(read.error);
  if (found.exists && !read.problem.empty())
    found.problem = Finding{denied ? Rule::file_unreadable : Rule::io,
                            Severity::error,
                            file.string(),
                            std::move(read.problem),
                            {},
                            denied ? base::as_root : ""};
  found.content = std::move(read.content);
  return found;
}

Raw read_raw(const Entry& entry, const Reader& read, const Outside& outside) {
  if (entry.external_etcd) return {read_outside(entry.path, outside), read_outside(entry.key_path, outside)};
  if (entry.row->form == Form::kubeconfig) return {read(entry.path, kubeconfig_file), {}};
  auto main = read(entry.path, public_file);
  return {std::move(main), read(entry.key_path, key_file)};
}

void parse(Entry& entry, const Raw& raw, KeyCheck check) {
  switch (entry.row->form) {
    case Form::key_pair:
      return parse_key_pair(entry, raw, check);
    case Form::bare_key:
      return parse_bare_key(entry, raw, check);
    case Form::kubeconfig:
      return parse_kubeconfig_file(entry, raw.main, check);
  }
}

const Entry* issuer_of(const Entry& entry, const Inventory& inventory) {
  return entry.row->issuer.empty() ? nullptr : &inventory.find(entry.row->issuer);
}

// A file to which a kubeconfig refers. Who may not read it cannot know whether it has to be replaced.
bool is_of_reference(const Finding& problem, const Entry& entry) {
  if (!entry.kubeconfig || problem.severity != Severity::error) return false;
  const auto& facts = *entry.kubeconfig;
  return std::ranges::any_of(std::array{facts.ca_file, facts.client_certificate_file, facts.client_key_file},
                             [&](const std::string& file) { return !file.empty() && problem.subject == file; });
}

// A reader of one file does not know what replaces it.
void set_remedies(Inventory& inventory) {
  constexpr std::array useless{Rule::file_empty, Rule::file_too_large, Rule::malformed};
  for (auto& entry : inventory.entries) {
    for (auto& problem : entry.problems) {
      if (is_of_reference(problem, entry)) {
        problem.remedy = model::recreation_of(entry, issuer_of(entry, inventory));
        continue;
      }
      if (std::ranges::find(useless, problem.rule) == useless.end()) continue;
      const bool key = !entry.key_path.empty() && problem.subject.starts_with(entry.key_path.string());
      problem.remedy = model::replacement_of(entry, issuer_of(entry, inventory), key ? entry.key_path : entry.path);
    }
  }
}

/// Returns the configuration of the caller, or the saved one; null without a valid one.
const ClusterConfig* effective_config(const ClusterConfig* config, const std::optional<ConfigFile>& saved) {
  if (config != nullptr) return config;
  return saved && saved->problems.empty() ? &saved->config : nullptr;
}

// Whoever validates the configuration reports invalid ones.
void place_signing_keys(Inventory& inventory, const std::map<std::string, std::string>& keys) {
  if (model::check_signing_keys(keys, inventory.catalog).empty()) use_signing_keys(inventory, keys);
}

}  // namespace

Inventory assemble(const Layout& layout, const Reader& read, KeyCheck check, const Catalog& catalog,
                   const Outside& outside) {
  Inventory inventory;
  inventory.catalog = catalog;
  inventory.layout = layout;
  auto& entries = inventory.entries;
  std::vector<Raw> raws;
  for (const auto& row : catalog.rows()) {
    auto& entry = entries.emplace_back(model::place_of(row, layout));
    if (outside.etcd && outside.read) place_external_etcd(entry, *outside.etcd);
    raws.push_back(read_raw(entry, read, outside));
  }
  // Files are read one after the other, so that the system calls are the same each time, and parsed in parallel.
  base::in_parallel(entries.size(), 0, [&](std::size_t i) { parse(entries[i], raws[i], check); });
  for (auto& entry : entries)
    if (entry.kubeconfig && outside.read) read_references(entry, outside, check);
  judge_chains(inventory);
  place_signing_keys(inventory, outside.signing_keys);
  set_remedies(inventory);
  return inventory;
}

std::optional<ConfigFile> read_saved_config(const Layout& layout, const Reader& read) {
  const auto path = layout.saved_config();
  const auto found = read(path, {.max_size = disk::config_limit, .secret = false});
  if (!found.exists) return std::nullopt;
  ConfigFile file;
  if (found.problem)
    file.problems.push_back(*found.problem);
  else
    file = parse_config({found.content.data(), found.content.size()}, path.string());
  file.config.layout.kubeconfig_dir = layout.kubeconfig_dir;
  return file;
}

Inventory assemble_all(const Layout& layout, const Sources& sources, KeyCheck check,
                       const std::optional<Catalog>& catalog) {
  auto saved = read_saved_config(layout, sources.read);
  const auto* config = effective_config(sources.config, saved);
  Outside outside{.read = sources.read_outside};
  if (config != nullptr) {
    outside.etcd = config->external_etcd;
    outside.signing_keys = config->signing_keys;
  }
  auto inventory =
      assemble(layout, sources.read, check, catalog ? *catalog : effective_catalog(sources.config, saved), outside);
  inventory.saved_config = std::move(saved);
  return inventory;
}

}  // namespace pki::verbs
