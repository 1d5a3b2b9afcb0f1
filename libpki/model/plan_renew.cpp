// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <pki/plan.hpp>

#include "base/calendar.hpp"
#include "model/clock.hpp"
#include "model/component.hpp"
#include "model/entry_check.hpp"
#include "model/inventory_check.hpp"
#include "model/refusals.hpp"
#include "model/remedies.hpp"
#include "model/renewal_spec.hpp"
#include "model/repeated.hpp"
#include "model/role.hpp"
#include "model/step.hpp"
#include "model/trust_path.hpp"
#include "model/unreadable.hpp"
#include "model/window.hpp"

namespace pki::inline PKI_ABI {

namespace {

using model::decided;

std::string end_text(std::chrono::sys_seconds end, std::chrono::sys_seconds now) {
  if (now > end) return fmt::format("expired on {}", base::to_date(end));
  return fmt::format("ends in {}", base::days_text(end - now));
}

class RenewPlanner {
 public:
  RenewPlanner(const ValidConfig* config, const Inventory& inventory, std::chrono::sys_seconds now,
               const RenewOptions& options)
      : config_(config),
        inventory_(inventory),
        now_(now),
        options_(options),
        host_(model::host_role(config == nullptr ? nullptr : &**config, inventory)),
        kubeconfigs_elsewhere_(model::lacks_kubeconfigs(host_, inventory)) {}

  Plan plan() {
    plan_.catalog = inventory_.catalog;
    plan_.layout = inventory_.layout;
    check_clock();
    if (kubeconfigs_elsewhere_ && !named())
      warn(Rule::kubeconfigs_not_found, inventory_.layout.kubeconfig_dir, "no kubeconfig is in this directory", {},
           {Remedy::Kind::name_kubeconfigs, {}});
    for (const auto& entry : inventory_.entries)
      plan_.steps.push_back(decide(entry));
    for (const auto& entry : inventory_.entries) {
      if (named() && signers_.contains(entry.row)) check_issuer(entry);
    }
    std::ranges::move(model::warnings_of_removed_rows(inventory_), std::back_inserter(plan_.warnings));
    model::join_unreadable({&plan_.conflicts, &plan_.failures, &plan_.warnings});
    for (auto* list : {&plan_.conflicts, &plan_.failures, &plan_.warnings})
      model::drop_repeated(*list);
    make_plain(plan_.conflicts);
    make_plain(plan_.failures);
    make_plain(plan_.warnings);
    return std::move(plan_);
  }

 private:
  Step decide(const Entry& entry) {
    const auto& row = *entry.row;
    auto step = model::step_of(entry);
    if (row.is_ca() && entry.exists) return decided(std::move(step), "CAs are rotated, not renewed", Keep{});
    if (row.is_ca()) return decided(std::move(step), host_.expects(entry) ? "missing" : host_.why_not(row), Skip{});
    if (row.form == Form::bare_key)
      return decided(std::move(step), "a key pair without certificate does not expire", Skip{});
    if (row.has_token()) return decided(std::move(step), "a token is not renewed", Skip{});
    if (named() && !has(options_.rows, row)) return decided(std::move(step), "not asked for", Skip{});
    if (entry.absent()) return decide_absent(std::move(step), entry);
    if (entry.external_etcd || (!named() && row.local_etcd && host_.external_etcd && !host_.etcd_inferred))
      return decide_external_etcd(std::move(step), entry);
    if (entry.refers_to_credentials()) return decide_elsewhere(std::move(step), entry);
    if (entry.kubeconfig && entry.certificate() == nullptr && entry.kubeconfig->other_credentials)
      return decide_other_credentials(std::move(step));
    return decide_present(std::move(step), entry, inventory_.find(row.issuer));
  }

  [[nodiscard]] bool named() const { return !options_.rows.empty(); }
  static bool has(const std::vector<const CatalogRow*>& rows, const CatalogRow& row) {
    return std::ranges::find(rows, row.name, &CatalogRow::name) != rows.end();
  }

  Step decide_absent(Step step, const Entry& entry) {
    const auto& row = *step.row;
    const std::string name(row.name);
    // A second one beside what the configuration names, or what is in another directory, would renew nothing.
    const bool elsewhere = kubeconfigs_elsewhere_ && row.form == Form::kubeconfig;
    const Remedy create = entry.external_etcd ? Remedy(Remedy::Kind::restore, {}, {entry.path.string()})
                          : elsewhere         ? Remedy(Remedy::Kind::name_kubeconfigs, {})
                                              : Remedy(Remedy::Kind::init, {name});
    if (named())
      fail(Rule::file_missing, step.path, "missing, there is nothing to renew", name, create);
    else if (!host_.expects(entry))
      return decided(std::move(step), host_.why_not(row), Skip{});
    else if (!row.only_on_first_control_plane() && !elsewhere)
      warn(Rule::file_missing, step.path, "missing", name, create);
    return decided(std::move(step), "missing", Skip{});
  }

  // The files for an external etcd are not ours, even where its CA key is here.
  Step decide_external_etcd(Step step, const Entry& entry) {
    const auto others = model::renewal_of(entry, nullptr);
    const std::string name(entry.row->name);
    if (named())
      fail(Rule::renewed_elsewhere, step.path,
           "cannot be renewed: the configuration names it for an external etcd, whose certificates others make", name,
           others);
    else if (host_.expects(entry))
      report_elsewhere(step, entry, "it belongs to an external etcd", others);
    return decided(std::move(step), "external etcd", Skip{});
  }

  Step decide_other_credentials(Step step) {
    const std::string name(step.row->name);
    if (named())
      fail(Rule::credentials_missing, step.path, "its user has other credentials, it holds no certificate to renew",
           name, {});
    return decided(std::move(step), "its user has other credentials than a certificate", Skip{});
  }

  Step decide_elsewhere(Step step, const Entry& entry) {
    const auto& facts = *entry.kubeconfig;
    auto reason =
        "points to " + (facts.client_certificate_file.empty() ? facts.client_key_file : facts.client_certificate_file);
    const std::string name(entry.row->name);
    const auto& issuer = inventory_.find(entry.row->issuer);
    const auto anew = model::recreation_of(entry, &issuer);
    const Remedy wait(Remedy::Kind::rejoin_kubelet, {name},
                      anew.kind == Remedy::Kind::recreate ? anew.paths : anew.away);
    const bool rotated = model::is_renewed_by_kubelet(entry);
    if (named())
      fail(Rule::credentials_elsewhere, step.path, reason + ", it holds no certificate to renew", name,
           rotated || entry.row->managed_by == ManagedBy::kubelet ? wait : anew);
    else if (!rotated)
      report_elsewhere(step, entry, reason, anew);
    else if (entry.certificate() != nullptr && now_ > end_of(entry))
      report_elsewhere(step, entry, "the kubelet renews it only while it is valid", wait);
    if (!named()) warn_about(entry, issuer);
    return decided(std::move(step), std::move(reason), Skip{});
  }

  // An unattended run may be all that looks at the certificate.
  void report_elsewhere(const Step& step, const Entry& entry, const std::string& why, const Remedy& remedy) {
    const auto* certificate = entry.certificate();
    const bool expired = certificate != nullptr && now_ > end_of(entry);
    if (certificate != nullptr && options_.if_due && !expired &&
        !model::ends_within(end_of(entry), *certificate, inventory_.find(entry.row->issuer).certificate(), now_,
                            *options_.if_due))
      return;
    const auto end = certificate == nullptr ? std::string() : end_text(end_of(entry), now_) + ", and ";
    Finding finding{Rule::renewed_elsewhere,     expired ? Severity::error : Severity::warning,
                    step.path.string(),          fmt::format("{}is not renewed: {}", end, why),
                    std::string(step.row->name), remedy};
    (expired ? plan_.failures : plan_.warnings).push_back(std::move(finding));
  }

  Step decide_present(Step step, const Entry& entry, const Entry& issuer) {
    const auto* certificate = entry.certificate();
    const auto end = end_of(entry);
    const bool due = certificate == nullptr || !options_.if_due ||
                     model::ends_within(end, *certificate, issuer.certificate(), now_, *options_.if_due);
    if (!due) {
      warn_about(entry, issuer);
      return decided(std::move(step),
                     fmt::format("{}, not within {}", end_text(end, now_), model::describe(*options_.if_due)), Keep{});
    }
    if (issuer.external() && !has(options_.requested, *entry.row))
      return decide_external(std::move(step), entry, issuer);
    if (certificate != nullptr && gains_nothing(entry, issuer)) {
      warn(Rule::renewal_without_effect, step.path,
           fmt::format("ends with its CA on {}, a renewal would not lengthen it", base::to_date(end)),
           std::string(step.row->name), {Remedy::Kind::rotate_ca, {std::string(issuer.row->name)}});
      return decided(std::move(step), "ends with its CA, a renewal would not lengthen it", Keep{});
    }
    return decide_due(std::move(step), entry, issuer);
  }

  // Without this a CA near its end would have every leaf renewed on each run.
  [[nodiscard]] bool gains_nothing(const Entry& entry, const Entry& issuer) const {
    const auto* ca = issuer.certificate();
    return options_.if_due && ca != nullptr && now_ <= ca->not_after &&
           model::renewed_end(entry, *ca, config_, now_) <= end_of(entry);
  }

  // The end of the chain where that is earlier.
  [[nodiscard]] std::chrono::sys_seconds end_of(const Entry& entry) const {
    return entry.certificate() == nullptr ? now_ : model::effective_end(entry, now_);
  }

  Step decide_external(Step step, const Entry& entry, const Entry& issuer) {
    const std::string ca(issuer.row->name);
    if (named())
      fail(
          Rule::ca_key_missing, step.path,
          fmt::format("cannot be renewed: the key of {} is not here (external CA){}", ca, model::requested_text(entry)),
          std::string(step.row->name), model::supply_of(entry, issuer));
    else
      report_external(step, entry, issuer);
    warn_about(entry, issuer);
    const auto end = entry.certificate() != nullptr ? end_text(end_of(entry), now_) + ", " : "";
    return decided(std::move(step),
                   fmt::format("{}the key of {} is not here (external CA){}", end, ca, model::requested_text(entry)),
                   External{});
  }

  // An unattended run may be all that looks at the certificate.
  void report_external(const Step& step, const Entry& entry, const Entry& issuer) {
    if (entry.certificate() == nullptr) return;
    const auto end = end_of(entry);
    const bool expired = now_ > end;
    if (!expired && !options_.if_due) return;
    const std::string ca(issuer.row->name);
    Finding finding{Rule::ca_key_missing,
                    expired ? Severity::error : Severity::warning,
                    step.path.string(),
                    fmt::format("{}, and cannot be renewed: the key of {} is not here (external CA){}",
                                end_text(end, now_), ca, model::requested_text(entry)),
                    std::string(step.row->name),
                    model::supply_of(entry, issuer)};
    (expired ? plan_.failures : plan_.warnings).push_back(std::move(finding));
  }

  Step decide_due(Step step, const Entry& entry, const Entry& issuer) {
    if (auto errors = judge(entry, &issuer); !errors.empty()) {
      std::ranges::move(errors, std::back_inserter(named() ? plan_.conflicts : plan_.failures));
      return decided(std::move(step), named() ? "conflict" : "cannot be renewed", Keep{});
    }
    if (!named() && !may_sign(issuer)) return decided(std::move(step), "its CA cannot sign", Keep{});
    signers_.insert(issuer.row);
    const auto* ca = issuer.certificate();
    if (ca == nullptr) return decided(std::move(step), "conflict", Keep{});  // check_issuer reports it
    auto renewed = model::renewed_from(entry, *ca, config_, now_, options_);
    std::ranges::move(renewed.warnings, std::back_inserter(plan_.warnings));
    const auto elsewhere =
        issuer.external() ? fmt::format(", the holder of {} signs it", issuer.row->name) : std::string();
    return decided(std::move(step), reason_to_renew(end_of(entry)) + elsewhere, std::move(renewed.what));
  }

  // The faults of a CA are reported once, whatever the number of its rows.
  bool may_sign(const Entry& ca) {
    const auto [known, is_new] = able_.try_emplace(ca.row, false);
    if (is_new) {
      auto errors = judge(ca, nullptr);
      known->second = errors.empty() && ca.certificate() != nullptr;
      std::ranges::move(errors, std::back_inserter(plan_.failures));
    }
    return known->second;
  }

  [[nodiscard]] std::string reason_to_renew(std::chrono::sys_seconds end) const {
    const auto text = end_text(end, now_);
    if (!options_.if_due) return "asked for, " + text;
    return now_ > end ? text : fmt::format("{}, within {}", text, model::describe(*options_.if_due));
  }

  // Returns the errors that are in the way of a renewal. It fixes dates, a chain that other certificates than its CA
  // spoil, and a CA that a kubeconfig does not list yet; the mode of a file that was read in spite of it (the subject
  // is then the file itself) stays, with a warning.
  std::vector<Finding> judge(const Entry& entry, const Entry* issuer) {
    auto errors = errors_of(entry, issuer);
    for (const auto& error : errors)
      if (is_tolerated(error) && error.remedy.kind != Remedy::Kind::renew) add_warning(error);
    std::erase_if(errors, is_tolerated);
    return errors;
  }

  // A certificate that some verifiers refuse serves the others: it is renewed, but not without a word.
  static bool is_tolerated(const Finding& error) {
    return model::is_refusal(error.rule) || error.rule == Rule::chain_expired ||
           (error.rule == Rule::chain_refused && error.remedy.kind == Remedy::Kind::renew);
  }

  std::vector<Finding> errors_of(const Entry& entry, const Entry* issuer) {
    auto copy = entry;
    if (copy.kubeconfig) copy.kubeconfig->ca_certificates.clear();
    if (copy.certificate() != nullptr && copy.key) {
      const auto of_the_file = [&](const auto& finding) {
        return finding.subject == entry.path.string() || finding.subject == entry.key_path.string();
      };
      for (const auto& finding : copy.problems) {
        if (of_the_file(finding)) add_warning(finding);
      }
      std::erase_if(copy.problems, of_the_file);
    }
    const auto* certificate = entry.certificate();
    const bool ca = entry.row->is_ca();
    const auto then = ca && certificate != nullptr ? std::max(now_, certificate->not_before) : now_;
    return model::only(model::check_entry(copy, issuer, then, ca ? model::Dates::judge : model::Dates::ignore),
                       Severity::error);
  }

  void warn_about(const Entry& entry, const Entry& issuer) {
    for (auto& finding : errors_of(entry, &issuer))
      add_warning(std::move(finding));
  }

  void add_warning(Finding finding) {
    finding.severity = Severity::warning;
    plan_.warnings.push_back(std::move(finding));
  }

  void warn(Rule rule, const std::filesystem::path& path, std::string message, std::string row, Remedy remedy) {
    plan_.warnings.push_back(
        {rule, Severity::warning, path.string(), std::move(message), std::move(row), std::move(remedy)});
  }

  void fail(Rule rule, const std::filesystem::path& path, std::string message, std::string row, Remedy remedy) {
    plan_.conflicts.push_back(
        {rule, Severity::error, path.string(), std::move(message), std::move(row), std::move(remedy)});
  }

  void check_issuer(const Entry& ca) { std::ranges::move(judge(ca, nullptr), std::back_inserter(plan_.conflicts)); }

  void check_clock() {
    if (auto behind = model::check_clock(inventory_, now_)) plan_.conflicts.push_back(std::move(*behind));
  }

  const ValidConfig* config_;
  const Inventory& inventory_;
  std::chrono::sys_seconds now_;
  const RenewOptions& options_;
  model::HostRole host_;
  bool kubeconfigs_elsewhere_;
  std::set<const CatalogRow*> signers_;     // the CAs that must sign
  std::map<const CatalogRow*, bool> able_;  // whether a CA can sign
  Plan plan_;
};

void check_request(const ValidConfig* config, const Inventory& inventory, const RenewOptions& options) {
  for (const auto* row : options.rows) {
    if (row->is_ca()) throw Error(Errc::invalid_config, std::string(row->name), "a CA is rotated, not renewed");
    if (row->form == Form::bare_key)
      throw Error(Errc::invalid_config, std::string(row->name), "a key pair without certificate is not renewed");
    if (row->has_token())
      throw Error(Errc::invalid_config, std::string(row->name), "a kubeconfig with a token is not renewed",
                  {Remedy::Kind::recreate, {std::string(row->name)}, {inventory.find(row->name).path.string()}});
  }
  if (options.prune_sans && config == nullptr)
    throw Error(Errc::invalid_config, "", "names can be pruned only against a configuration, and there is none",
                {Remedy::Kind::name_config, {}});
}

}  // namespace

Plan plan_renew(const ValidConfig* config, const Inventory& inventory, std::chrono::sys_seconds now,
                const RenewOptions& options) {
  model::check_inventory(inventory);
  check_request(config, inventory, options);
  for (const auto* list : {&options.rows, &options.requested})
    for (const auto* row : *list)
      (void)inventory.find(row->name);  // throws for a row of another catalog
  if (std::ranges::all_of(inventory.entries, &Entry::absent)) {
    const auto directory = inventory.layout.certificates_dir.string();
    if (!inventory.certificates_dir_exists)
      throw Error(Errc::not_found, directory, "nothing to renew: this directory does not exist");
    throw Error(Errc::not_found, directory, "nothing to renew: no file of a PKI is here", {Remedy::Kind::init, {}});
  }
  return RenewPlanner(config, inventory, now, options).plan();
}

}  // namespace pki::inline PKI_ABI
