// SPDX-License-Identifier: Apache-2.0
#include "model/remedies.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/calendar.hpp"
#include "model/component.hpp"

namespace pki::model {

namespace {

using Kind = Remedy::Kind;
using Paths = std::vector<std::string>;

bool is_missing(const std::string& file, const Entry& entry) {
  return std::ranges::any_of(entry.problems, [&](const Finding& problem) {
    return problem.rule == Rule::reference_not_read && problem.subject == file;
  });
}

// The kubelet goes on with the file that it maintains beside a new kubeconfig.
void add_credential(Paths& paths, const Entry& entry) {
  if (!is_renewed_by_kubelet(entry)) return;
  const auto& file = entry.kubeconfig->client_certificate_file;
  if (!is_missing(file, entry)) paths.push_back(file);
}

Paths files_of(const Entry& entry) {
  Paths paths{entry.path.string()};
  if (!entry.key_path.empty()) paths.push_back(entry.key_path.string());
  add_credential(paths, entry);
  return paths;
}

Paths found_files_of(const Entry& entry) {
  Paths paths;
  if (entry.exists) paths.push_back(entry.path.string());
  if (entry.key_exists && !entry.key_path.empty()) paths.push_back(entry.key_path.string());
  return paths;
}

std::vector<std::string> name_of(const Entry& entry) { return {std::string(entry.row->name)}; }

// A token needs no signature.
bool is_elsewhere(const Entry& entry, const Entry* issuer) {
  return issuer != nullptr && issuer->external() && !entry.row->has_token();
}

// A new CA or token key would not be trusted by what exists: only a leaf can be created anew.
bool can_be_recreated(const Entry& entry, const Entry* issuer) {
  return !entry.row->is_ca() && entry.row->form != Form::bare_key && !is_elsewhere(entry, issuer);
}

// The certificates for an external etcd are made by others, wherever the files are.
Remedy asking_etcd() { return "have whoever manages etcd issue it"; }

Remedy restore_or_init(const Entry& entry, const Entry* issuer, Paths wrong) {
  if (entry.external_etcd || !can_be_recreated(entry, issuer)) return {Kind::restore, {}, std::move(wrong)};
  return {Kind::restore_or_init, name_of(entry), std::move(wrong), found_files_of(entry)};
}

std::vector<std::string> names_of(const Entry& ca, const Entry& entry) {
  return {std::string(ca.row->name), std::string(entry.row->name)};
}

}  // namespace

std::string requested_text(const Entry& entry) {
  return entry.request ? ", requested on " + base::to_day(entry.request->requested) : std::string();
}

Remedy supply_of(const Entry& entry, const Entry& ca) {
  if (entry.request) return {Kind::import_answer, name_of(entry)};
  const bool renews = entry.certificate() != nullptr;
  return {renews ? Kind::supply_ca_key : Kind::supply_ca_key_to_init, names_of(ca, entry), {ca.key_path.string()}};
}

Remedy renewal_of(const Entry& entry, const Entry* issuer) {
  if (entry.external_etcd) return asking_etcd();
  // A renewal leaves the files to which a kubeconfig refers alone.
  if (entry.refers_to_credentials()) return recreation_of(entry, issuer);
  if (entry.row->is_ca()) return {Kind::rotate_ca, name_of(entry)};
  return is_elsewhere(entry, issuer) ? supply_of(entry, *issuer) : Remedy(Kind::renew, name_of(entry));
}

Remedy recreation_of(const Entry& entry, const Entry* issuer) {
  if (entry.external_etcd) return asking_etcd();
  if (is_elsewhere(entry, issuer)) {
    if (entry.request) return supply_of(entry, *issuer);
    auto away = found_files_of(entry);
    add_credential(away, entry);
    return {Kind::supply_ca_key_to_init, names_of(*issuer, entry), {issuer->key_path.string()}, std::move(away)};
  }
  return {Kind::recreate, name_of(entry), files_of(entry)};
}

Remedy replacement_of(const Entry& entry, const Entry* issuer, const std::filesystem::path& wrong) {
  return restore_or_init(entry, issuer, {wrong.string()});
}

Remedy replacement_of(const Entry& entry, const Entry* issuer) {
  // The fault is in the files to which the kubeconfig refers: a backup of it would refer to them as well.
  if (entry.refers_to_credentials()) return recreation_of(entry, issuer);
  return restore_or_init(entry, issuer, found_files_of(entry));
}

}  // namespace pki::model
