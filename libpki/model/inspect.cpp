// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/report.hpp>
#include <pki/signer.hpp>

#include "base/calendar.hpp"
#include "base/not_readable.hpp"
#include "base/words.hpp"
#include "model/component.hpp"
#include "model/drift.hpp"
#include "model/entry_check.hpp"
#include "model/further_rows.hpp"
#include "model/inventory_check.hpp"
#include "model/remedies.hpp"
#include "model/role.hpp"
#include "model/role_notes.hpp"
#include "model/row_state.hpp"
#include "model/trust_check.hpp"
#include "model/trust_path.hpp"
#include "model/unmanaged_check.hpp"
#include "model/unreadable.hpp"
#include "model/window.hpp"

namespace pki::inline PKI_ABI {

namespace {

constexpr std::chrono::seconds usual_leaf_life = std::chrono::days{365};

// Returns whether a file was read in spite of a finding: then it is only open to other users, see disk::Found.
bool was_read(const Entry& entry, const Finding& finding) {
  if (finding.subject == entry.key_path.string()) return entry.key.has_value();
  if (finding.subject != entry.path.string()) return false;  // one part of a kubeconfig
  if (entry.row->form == Form::bare_key) return !entry.public_key_sha256.empty();
  if (entry.row->form == Form::key_pair) return entry.certificate() != nullptr;
  return entry.kubeconfig && finding.rule != Rule::credentials_missing &&
         (entry.refers_to_credentials() || (entry.certificate() != nullptr && entry.key));
}

std::string reason_of(const Finding& finding, const std::filesystem::path& path) {
  return finding.subject == path.string() ? finding.message : finding.subject + ": " + finding.message;
}

class Inspector {
 public:
  Inspector(const Inventory& inventory, const std::vector<UnmanagedCertificate>& others, std::chrono::sys_seconds now,
            const Window& window)
      : inventory_(inventory), others_(others), window_(window) {
    report_.catalog = inventory.catalog;
    report_.now = now;
  }

  Report report() {
    choose_config();
    choose_role();
    if (has_something() || inventory_.certificates_dir_exists) {
      for (const auto& entry : inventory_.entries)
        take(entry);
    }
    const model::UnmanagedCheck check(inventory_, others_, report_.now, window_);
    for (const auto& found : others_) {
      report_.others.push_back(check.judge(found, report_.notes));
      if (found.problem == base::not_readable) unreadable_.add(found.path);
    }
    std::ranges::sort(report_.certificates, {}, &ReportRow::name);
    std::ranges::sort(report_.authorities, {}, &ReportRow::name);
    for (auto& ca : report_.authorities)
      check_rest(ca);
    std::ranges::copy_if(inventory_.notes, std::back_inserter(report_.notes),
                         [&](const Finding& finding) { return !unreadable_.take(finding); });
    if (auto statement = unreadable_.statement()) note(std::move(*statement));
    make_plain(report_.notes);
    return std::move(report_);
  }

 private:
  void note(Finding finding) { report_.notes.push_back(std::move(finding)); }

  // An invalid configuration is not compared with anything.
  void choose_config() {
    if (!inventory_.saved_config) return;
    auto findings = inventory_.saved_config->problems;
    if (findings.empty()) {
      auto validation = validate(inventory_.saved_config->config);
      config_ = std::move(validation.config);
      findings = std::move(validation.problems);
    }
    for (auto& finding : findings) {
      if (unreadable_.take(finding)) continue;
      finding.message += "; nothing is compared with this configuration";
      finding.severity = Severity::warning;
      note(std::move(finding));
    }
  }

  [[nodiscard]] bool has_something() const { return !std::ranges::all_of(inventory_.entries, &Entry::absent); }

  void choose_role() {
    host_ = model::host_role(config_ ? &**config_ : nullptr, inventory_);
    report_.role = host_.role;
    report_.role_inferred = host_.inferred;
    std::ranges::move(model::notes_on_role(host_, inventory_), std::back_inserter(report_.notes));
  }

  void take(const Entry& entry) {
    const auto& row = *entry.row;
    if (entry.request) note_request(entry);
    if (!host_.shows(entry)) return;
    if (row.form == Form::bare_key) return check_bare_key(entry);
    // A node that has joined needs it no more, and it cannot expire unseen.
    if (row.has_token() && entry.absent()) return;
    // A control plane needs no kubelet.
    if (row.managed_by == ManagedBy::kubelet && !entry.exists && host_.role != Role::worker) return;
    auto& rows = row.is_ca()                            ? report_.authorities
                 : row.managed_by == ManagedBy::kubelet ? report_.others
                                                        : report_.certificates;
    rows.push_back(judge(entry));
    if (entry.key_exists && !entry.signing_key.empty())
      note({Rule::ca_key_on_disk, Severity::warning, entry.key_path.string(),
            "a key of this CA, which has its key at " + shown_key_uri(entry.signing_key), std::string(row.name),
            "make sure that the other one signs, and remove this file"});
  }

  void note_request(const Entry& entry) {
    note({Rule::request_pending,
          Severity::info,
          entry.path.string(),
          fmt::format("its certificate was requested on {}, and the answer has not been imported",
                      base::to_day(entry.request->requested)),
          std::string(entry.row->name),
          {Remedy::Kind::import_answer, {std::string(entry.row->name)}}});
  }

  [[nodiscard]] const Entry* issuer_of(const CatalogRow& row) const {
    const auto found =
        std::ranges::find(inventory_.entries, row.issuer, [](const Entry& entry) { return entry.row->name; });
    return row.issuer.empty() || found == inventory_.entries.end() ? nullptr : &*found;
  }

  [[nodiscard]] ReportRow describe_row(const Entry& entry, const Entry* issuer) const {
    const auto& row = *entry.row;
    ReportRow result;
    result.name = row.name;
    result.row = &row;
    result.path = entry.path;
    result.externally_managed =
        entry.external_etcd || (row.is_ca() ? entry.external() : issuer != nullptr && issuer->external());
    result.owner = model::is_renewed_by_kubelet(entry) ? "kubelet"
                   : entry.refers_to_credentials()     ? "unknown"
                   : result.externally_managed         ? "external"
                                                       : "pkigen";
    result.signing_key = shown_key_uri(entry.signing_key);
    if (row.managed_by == ManagedBy::pkigen) result.issuer = row.issuer;
    if (entry.kubeconfig) set_trusted(result, *entry.kubeconfig);
    if (const auto* certificate = entry.certificate()) {
      result.certificate = *certificate;
      result.certificate->pem.clear();
      result.further.assign(entry.certificates.begin() + 1, entry.certificates.end());
      for (auto& further : result.further)
        further.pem.clear();
      set_end(result, entry, issuer);
    }
    return result;
  }

  static void set_trusted(ReportRow& row, const KubeconfigFacts& facts) {
    row.place = "user " + base::shown_name(facts.user);
    row.trusted = facts.ca_certificates;
    for (auto& each : row.trusted)
      each.pem.clear();
    row.trusted_place = facts.ca_file.empty() ? "cluster " + base::shown_name(facts.cluster) : facts.ca_file;
  }

  // The path of a kubeconfig's certificate ends with the CA of the cluster. Where that is not here, what the kubeconfig
  // trusts counts.
  void set_end(ReportRow& row, const Entry& entry, const Entry* issuer) const {
    model::set_chain_end(row, model::best_path(entry, report_.now));
    if (issuer != nullptr) return;
    const auto end = model::end_of_trust(entry, report_.now);
    if (end && *end < row.end()) row.chain_end = end;
  }

  ReportRow judge(const Entry& entry) {
    const auto* issuer = issuer_of(*entry.row);
    // A CA that is missing or invalid has its own row, and its fault is reported once.
    if (issuer != nullptr && issuer->certificate() == nullptr) issuer = nullptr;
    const auto* ca = issuer == nullptr ? nullptr : issuer->certificate();
    auto row = describe_row(entry, issuer);
    const auto faults = note_faults(entry, issuer);
    if (!entry.exists) {
      row.state = State::missing;
      row.reason = faults.empty() ? "no such file" : reason_of(faults.front(), entry.path);
      row.optional = entry.row->only_on_first_control_plane() && entry.absent();
    } else if (!faults.empty()) {
      row.state = State::invalid;
      row.reason = reason_of(faults.front(), entry.path);
    } else if (entry.certificate() == nullptr && has(entry, Rule::file_unreadable)) {
      row.state = State::invalid;
      row.reason = base::not_readable;
    } else if (entry.refers_to_credentials() && entry.certificate() == nullptr) {
      judge_reference(row, entry);
    } else if (entry.kubeconfig && entry.kubeconfig->other_credentials && entry.certificate() == nullptr) {
      row.reason = entry.row->has_token() ? "a token, whose end is not in the file"
                                          : "its user has other credentials than a certificate";
      compare(entry, issuer);
    } else if (entry.certificate() == nullptr) {
      row.state = State::invalid;
      row.reason = "holds no certificate";
    } else {
      model::set_state_by_dates(row, ca, report_.now, window_);
      judge_path(row, entry, issuer);
      if (row.state == State::valid && entry.refers_to_credentials())
        row.reason = "points to " + file_of(entry).string();
      compare(entry, issuer);
    }
    return row;
  }

  static bool has(const Entry& entry, Rule rule) {
    return std::ranges::find(entry.problems, rule, &Finding::rule) != entry.problems.end();
  }

  static std::filesystem::path file_of(const Entry& entry) {
    const auto& facts = *entry.kubeconfig;
    const auto& file = facts.client_certificate_file.empty() ? facts.client_key_file : facts.client_certificate_file;
    return (entry.path.parent_path() / file).lexically_normal();
  }

  // With a configuration the names are known exactly; those of a kubelet may be of a node that has another name.
  void compare(const Entry& entry, const Entry* issuer) {
    if (entry.row->has_token()) {
      if (config_) std::ranges::move(model::check_identity(entry, issuer, *config_), std::back_inserter(report_.notes));
      return;
    }
    if (entry.certificate() == nullptr) return;
    const bool ours = entry.row->managed_by == ManagedBy::pkigen && !entry.external_etcd;
    if (config_ && ours && !entry.refers_to_credentials()) {
      const bool naming_chosen = inventory_.saved_config->lines.contains("naming");
      std::ranges::move(model::check_drift(entry, issuer, *config_, naming_chosen), std::back_inserter(report_.notes));
      return;
    }
    auto difference = model::foreign_identity(*entry.certificate(), *entry.row, inventory_.catalog);
    if (!difference.empty() && !entry.external_etcd)
      note({Rule::identity_of_another, Severity::warning, entry.path.string(), std::move(difference),
            std::string(entry.row->name), model::recreation_of(entry, issuer_of(*entry.row))});
  }

  // Returns the findings that make the entry useless, after adding a note for each finding.
  std::vector<Finding> note_faults(const Entry& entry, const Entry* issuer) {
    if (entry.absent()) return {};
    // Dates are judged by judge_dates and judge_path.
    std::vector<Finding> faults;
    for (auto& finding : model::check_entry(entry, issuer, report_.now, model::Dates::ignore)) {
      if (unreadable_.take(finding)) continue;
      const bool harmless =
          std::ranges::find(entry.problems, finding) != entry.problems.end() && was_read(entry, finding);
      // Without its public half a bare key verifies nothing, though `init` can write it.
      const bool useless = finding.rule == Rule::public_key_missing;
      if (finding.severity == Severity::error && !harmless && finding.rule != Rule::chain_expired)
        faults.push_back(finding);
      if (useless) finding.severity = Severity::error;
      note(std::move(finding));
    }
    return faults;
  }

  // The state of a kubeconfig without a certificate is that of the file that it points to.
  void judge_reference(ReportRow& row, const Entry& entry) {
    const auto file = file_of(entry);
    row.reason = "points to " + file.string();
    if (std::ranges::find(others_, file, &UnmanagedCertificate::path) != others_.end()) return;
    row.reason += ", which was not read";
    if (has(entry, Rule::reference_not_read)) return;
    const bool alarm = row.owner != "kubelet";
    if (alarm) row.state = State::invalid;
    note({Rule::reference_not_read, alarm ? Severity::error : Severity::warning, entry.path.string(), row.reason,
          std::string(entry.row->name)});
  }

  void judge_path(ReportRow& row, const Entry& entry, const Entry* issuer) {
    const auto* path = model::best_path(entry, report_.now);
    if (path == nullptr) {
      if (row.chain_end && row.state != State::valid) row.reason.insert(0, "the last CA that it trusts ");
      return;
    }
    const auto place = model::describe_place(path->first_to_expire, entry, issuer);
    if (!model::set_state_by_path(row, *path, place, report_.now)) return;
    note({Rule::not_yet_valid,
          Severity::error,
          entry.path.string(),
          row.reason,
          row.name,
          {Remedy::Kind::check_clock, {}}});
  }

  void check_bare_key(const Entry& entry) {
    if (!entry.absent()) {
      note_faults(entry, nullptr);
      return;
    }
    if (std::ranges::any_of(inventory_.entries, [](const Entry& other) { return !other.absent(); }))
      note({Rule::file_missing,
            Severity::error,
            entry.key_path.string(),
            "missing, and so is " + entry.path.string() + ": nothing can sign service account tokens",
            std::string(entry.row->name),
            {Remedy::Kind::restore, {}, {entry.key_path.string(), entry.path.string()}}});
  }

  [[nodiscard]] std::chrono::seconds leaf_life(const ReportRow& ca) const {
    std::chrono::seconds longest{0};
    if (config_) {
      for (const auto& row : inventory_.catalog.rows())
        if (row.issuer == ca.name && !row.is_ca()) longest = std::max(longest, model::validity_of(row, **config_));
      return longest.count() == 0 ? (*config_)->leaf_validity : longest;
    }
    for (const auto& row : report_.certificates)
      if (row.certificate && row.issuer == ca.name)
        longest = std::max(longest, model::life_of(*row.certificate, &*ca.certificate));
    return longest.count() == 0 ? usual_leaf_life : longest;
  }

  // If a CA ends before a new leaf would, each renewal is shorter than the one before.
  void check_rest(ReportRow& ca) {
    if (!ca.certificate || ca.state == State::expired || ca.state == State::invalid) return;
    const std::chrono::seconds left = ca.end() - report_.now;
    if (left >= leaf_life(ca)) return;
    if (ca.state == State::valid) {
      ca.state = State::expiring;
      ca.reason = "expires on " + base::to_date(ca.end()) + ", before a new certificate would";
    }
    note({Rule::ca_ends_soon,
          Severity::warning,
          ca.path.string(),
          "ends in " + to_human(left) + ", sooner than a certificate that it signs today would (" +
              model::describe({.span = leaf_life(ca), .percent = {}}) + ")",
          ca.name,
          {Remedy::Kind::rotate_ca, {ca.name}}});
  }

  const Inventory& inventory_;
  const std::vector<UnmanagedCertificate>& others_;
  const Window& window_;
  std::optional<ValidConfig> config_;
  model::HostRole host_;
  model::Unreadable unreadable_;
  Report report_;
};

}  // namespace

Report inspect(const Inventory& inventory, const std::vector<UnmanagedCertificate>& others,
               std::chrono::sys_seconds now, const Window& window) {
  model::check_inventory(inventory);
  return Inspector(inventory, others, now, window).report();
}

}  // namespace pki::inline PKI_ABI
