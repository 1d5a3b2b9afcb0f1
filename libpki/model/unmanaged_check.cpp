// SPDX-License-Identifier: Apache-2.0
#include "model/unmanaged_check.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "base/usages.hpp"
#include "model/component.hpp"
#include "model/entry_check.hpp"
#include "model/refusals.hpp"
#include "model/remedies.hpp"
#include "model/row_state.hpp"
#include "model/trust_path.hpp"

namespace pki::model {

namespace {

const Entry* kubelet_entry(const Inventory& inventory) {
  const auto found = std::ranges::find(inventory.entries, ManagedBy::kubelet,
                                       [](const Entry& entry) { return entry.row->managed_by; });
  return found == inventory.entries.end() ? nullptr : &*found;
}

const Entry* issuer_of(const Entry* entry, const Inventory& inventory) {
  if (entry == nullptr || entry->row->issuer.empty()) return nullptr;
  return &inventory.find(entry->row->issuer);
}

bool is_of_kubelet(const UnmanagedCertificate& found) { return found.owner == "kubelet" && found.number == 1; }

bool is_reported_with(const Entry* kubeconfig, const UnmanagedCertificate& found) {
  return kubeconfig != nullptr && kubeconfig->refers_to_credentials() &&
         kubeconfig->kubeconfig->client_certificate_file == found.path.string();
}

/// Returns the profile of the kubelet's certificates, or that of any chain.
Profile profile_of(const UnmanagedCertificate& found) {
  if (!is_of_kubelet(found)) return Profile::none;
  return is_kubelet_credential(found.path) ? Profile::client : Profile::server;
}

}  // namespace

UnmanagedCheck::UnmanagedCheck(const Inventory& inventory, const std::vector<UnmanagedCertificate>& all,
                               std::chrono::sys_seconds now, const Window& window)
    : inventory_(inventory),
      all_(all),
      now_(now),
      window_(window),
      kubelet_(kubelet_entry(inventory)),
      ca_(issuer_of(kubelet_, inventory)) {}

ReportRow UnmanagedCheck::judge(const UnmanagedCertificate& found, std::vector<Finding>& notes) const {
  ReportRow row;
  row.name = found.name;
  row.path = found.path;
  row.owner = found.owner;
  row.place = found.place;
  row.certificate = found.certificate;
  if (!row.certificate || !found.problem.empty()) {
    row.state = State::invalid;
    row.reason = found.problem.empty() ? "holds no certificate" : found.problem;
    return row;
  }
  row.certificate->pem.clear();
  judge_chain(row, found);
  if (!is_of_kubelet(found)) return row;
  auto findings = check_kubelet(found);
  const auto fault = std::ranges::find_if(findings, [](const Finding& finding) {
    return finding.severity == Severity::error && finding.rule != Rule::chain_expired &&
           finding.rule != Rule::not_yet_valid;
  });
  if (fault != findings.end()) {
    row.state = State::invalid;
    row.reason = fault->message;
  }
  // The kubeconfig that refers to the file was judged with it.
  if (!is_reported_with(kubelet_, found)) std::ranges::move(findings, std::back_inserter(notes));
  return row;
}

void UnmanagedCheck::judge_chain(ReportRow& row, const UnmanagedCertificate& found) const {
  const auto* path = best_path(found.trust_paths, now_);
  set_chain_end(row, path);
  set_state_by_dates(row, nullptr, now_, window_);
  if (path != nullptr) (void)set_state_by_path(row, *path, place_text(found, path->first_to_expire), now_);
  if (!found.refusal || is_of_kubelet(found)) return;
  row.state = State::invalid;
  row.reason = describe_refusal(*found.refusal, place_text(found, found.refusal->at),
                                found.place.starts_with("cluster ") ? Profile::ca : Profile::none);
}

std::string UnmanagedCheck::place_text(const UnmanagedCertificate& found, const ChainPlace& place) const {
  if (place.of_issuer && ca_ != nullptr) return describe_place(place, *ca_, ca_);
  // The certificates of a file are next to each other, and there may be many files.
  for (const auto& each : std::span(all_).subspan(static_cast<std::size_t>(&found - all_.data()))) {
    if (each.path != found.path || each.place != found.place) break;
    if (each.number == place.number && each.certificate)
      return fmt::format("certificate {} of the file ({})", place.number, each.certificate->subject);
  }
  return fmt::format("certificate {} of the file", place.number);
}

std::vector<Finding> UnmanagedCheck::check_kubelet(const UnmanagedCertificate& found) const {
  std::vector<Finding> findings;
  const auto& certificate = *found.certificate;
  const auto profile = profile_of(found);
  const auto add = [&](Rule rule, Severity severity, std::string message) {
    findings.push_back({rule, severity, found.path.string(), std::move(message),
                        kubelet_ == nullptr ? "" : std::string(kubelet_->row->name), remedy_of(found)});
  };
  if (kubelet_ != nullptr && profile == Profile::client)
    if (auto difference = foreign_identity(certificate, *kubelet_->row, inventory_.catalog); !difference.empty())
      add(Rule::identity_of_another, Severity::warning, std::move(difference));
  const auto before = findings.size();
  for (auto& lacking : lacking_usages(certificate, base::usages_of(profile)))
    add(Rule::extended_key_usage_missing, Severity::error, std::move(lacking));
  for (auto& refusal : refusals(certificate, profile))
    add(refusal.rule, Severity::error, std::move(refusal.message));
  const bool fit = findings.size() == before;
  if (ca_ != nullptr && !found.signed_by_ca.value_or(true))
    add(Rule::not_signed_by_ca, Severity::error,
        fmt::format("not signed by {} in {}", ca_->row->name, ca_->path.string()));
  if (found.refusal && !is_known(*found.refusal, fit))
    add(Rule::chain_refused, Severity::error,
        describe_refusal(*found.refusal, place_text(found, found.refusal->at), profile));
  check_path(found, add);
  return findings;
}

// Whether the fault is reported already: that of the certificate itself, or with the CA.
bool UnmanagedCheck::is_known(const ChainRefusal& refusal, bool fit) const {
  if (!refusal.at.of_issuer) return refusal.at.number == 1 && !fit;
  return ca_ != nullptr && (ca_->refusal || (ca_->certificate() != nullptr && !ca_->certificate()->can_sign));
}

void UnmanagedCheck::check_path(const UnmanagedCertificate& found, const Add& add) const {
  const auto* path = best_path(found.trust_paths, now_);
  if (path == nullptr) return;
  const auto& certificate = *found.certificate;
  if (certificate.not_before <= now_ && now_ < path->not_before)
    add(Rule::not_yet_valid, Severity::error, "its chain is not valid before " + base::to_date(path->not_before));
  // The end of the CA is reported with the CA.
  if (path->not_after >= certificate.not_after || path->first_to_expire == ChainPlace{true, 1}) return;
  const auto place = place_text(found, path->first_to_expire);
  const auto end = base::to_date(path->not_after);
  if (now_ > path->not_after)
    add(Rule::chain_expired, Severity::error, fmt::format("{} expired on {}", place, end));
  else
    add(Rule::chain_expires_first, Severity::warning,
        fmt::format("{} expires on {}, before the certificate itself ({})", place, end,
                    base::to_date(certificate.not_after)));
}

// The kubelet makes or requests its server certificate, and needs a kubeconfig for a new client certificate.
Remedy UnmanagedCheck::remedy_of(const UnmanagedCertificate& found) const {
  const auto file = found.path.string();
  if (profile_of(found) == Profile::server) {
    auto key = found.path;
    const auto files =
        found.path.extension() == ".crt" ? fmt::format("{} and {}", file, key.replace_extension("key").string()) : file;
    return fmt::format("move {} away and restart the kubelet, which gets a new one", files);
  }
  if (kubelet_ == nullptr) return fmt::format("move {} away and have the kubelet join the cluster again", file);
  auto remedy = recreation_of(*kubelet_, ca_);
  auto& paths = remedy.kind == Remedy::Kind::recreate ? remedy.paths : remedy.away;
  if (std::ranges::find(paths, file) == paths.end()) paths.push_back(file);
  return remedy;
}

}  // namespace pki::model
