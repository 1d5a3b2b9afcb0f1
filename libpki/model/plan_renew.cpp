#include <algorithm>
#include <iterator>

#include <pki/plan.hpp>

#include "base/calendar.hpp"
#include "model/entry_check.hpp"
#include "model/renewal_spec.hpp"
#include "model/window.hpp"

namespace pki {

namespace {

// How far clocks of machines that work together may differ; certificates begin that much before they are made.
constexpr std::chrono::minutes tolerance{5};

std::string end_text(const Certificate& certificate, std::chrono::sys_seconds now) {
  if (now > certificate.not_after) return "expired on " + base::to_date(certificate.not_after);
  return "ends in " + base::days_text(certificate.not_after - now);
}

class RenewPlanner {
 public:
  RenewPlanner(const ClusterConfig* config, const Inventory& inventory, std::chrono::sys_seconds now,
               const RenewOptions& options)
      : config_(config), inventory_(inventory), now_(now), options_(options) {}

  Plan plan() {
    plan_.catalog = inventory_.catalog;
    plan_.layout = inventory_.layout;
    check_clock();
    for (const auto& entry : inventory_.entries)
      plan_.steps.push_back(decide(entry));
    for (const auto& entry : inventory_.entries)
      if (signs_a_renewal(entry)) check_issuer(entry);
    make_plain(plan_.conflicts);
    make_plain(plan_.warnings);
    return std::move(plan_);
  }

 private:
  Step decide(const Entry& entry) {
    const auto& row = *entry.row;
    auto step = as_found(entry);
    if (row.is_ca())
      return entry.exists ? rest(step, Action::keep, "CAs are rotated, not renewed") : skip(step, "missing");
    if (row.form == Form::bare_key) return skip(step, "a key pair without certificate does not expire");
    if (!named() && row.local_etcd && config_ != nullptr && config_->external_etcd) return skip(step, "external etcd");
    if (named() && std::ranges::find(options_.rows, row.name, &CatalogRow::name) == options_.rows.end())
      return skip(step, "not asked for");
    if (entry.absent()) return decide_absent(step);
    if (entry.kubeconfig && !entry.kubeconfig->client_certificate_file.empty()) return decide_elsewhere(step, entry);
    return decide_present(step, entry, inventory_.find(row.issuer));
  }

  [[nodiscard]] bool named() const { return !options_.rows.empty(); }

  static Step as_found(const Entry& entry) {
    Step step;
    step.row = entry.row;
    step.path = entry.path;
    step.key_path = entry.key_path;
    step.spec.profile = entry.row->profile;
    if (entry.key) step.algorithm = entry.key->algorithm();
    if (entry.kubeconfig) {
      step.server = entry.kubeconfig->server;
      step.cluster = entry.kubeconfig->cluster;
    }
    if (const auto* certificate = entry.certificate()) {
      step.spec.common_name = certificate->common_name;
      step.spec.organizations = certificate->organizations;
      step.spec.sans = certificate->sans;
      step.spec.not_before = certificate->not_before;
      step.spec.not_after = certificate->not_after;
      step.old_serial = certificate->serial;
      step.old_not_before = certificate->not_before;
      step.old_not_after = certificate->not_after;
    }
    return step;
  }

  [[nodiscard]] static Step rest(Step& step, Action action, std::string reason) {
    step.action = action;
    step.reason = std::move(reason);
    return std::move(step);
  }
  static Step skip(Step& step, std::string reason) { return rest(step, Action::skip, std::move(reason)); }

  Step decide_absent(Step& step) {
    const auto& row = *step.row;
    const std::string name(row.name);
    const Remedy create(Remedy::Kind::init, {name});
    if (named())
      fail(Rule::file_missing, step.path, "missing, there is nothing to renew", name, create);
    else if (row.local_etcd && no_etcd_files())
      return skip(step, "external etcd, or none");
    else if (!row.only_on_first_control_plane())
      warn(Rule::file_missing, step.path, "missing", name, create);
    return skip(step, "missing");
  }

  // Where not one file of etcd's exists, and nothing says otherwise, etcd runs elsewhere.
  [[nodiscard]] bool no_etcd_files() const {
    return config_ == nullptr && std::ranges::all_of(inventory_.entries, [](const auto& entry) {
             return !entry.row->local_etcd || entry.absent();
           });
  }

  Step decide_elsewhere(Step& step, const Entry& entry) {
    const auto reason = "points to " + entry.kubeconfig->client_certificate_file;
    const std::string name(entry.row->name);
    const Remedy wait(Remedy::Kind::rejoin_kubelet, {name}, {entry.path.string()});
    if (named())
      fail(Rule::credentials_elsewhere, step.path, reason + ", it holds no certificate to renew", name,
           entry.row->keeper == Keeper::kubelet ? wait : model::recreate(entry));
    return skip(step, reason);
  }

  Step decide_present(Step& step, const Entry& entry, const Entry& issuer) {
    const auto* certificate = entry.certificate();
    const bool due = certificate == nullptr || !options_.if_due ||
                     is_due(*certificate, issuer.certificate(), now_, *options_.if_due);
    if (!due) {
      warn_about(entry, issuer);
      return rest(step, Action::keep,
                  end_text(*certificate, now_) + ", not within " + model::describe(*options_.if_due));
    }
    if (issuer.external()) return decide_external(step, entry, issuer);
    if (certificate != nullptr && gains_nothing(*certificate, issuer)) {
      warn(Rule::renewal_without_effect, step.path,
           "ends with its CA on " + base::to_date(certificate->not_after) + ", a renewal would not lengthen it",
           std::string(step.row->name), {Remedy::Kind::rotate_ca, {std::string(issuer.row->name)}});
      return rest(step, Action::keep, "ends with its CA, a renewal would not lengthen it");
    }
    return renew(step, entry, issuer);
  }

  // Without this a CA near its end would have every leaf renewed on each run.
  [[nodiscard]] bool gains_nothing(const Certificate& certificate, const Entry& issuer) const {
    const auto* ca = issuer.certificate();
    return options_.if_due && ca != nullptr && now_ <= ca->not_after &&
           model::renewed_end(certificate, *ca, config_, now_) <= certificate.not_after;
  }

  Step decide_external(Step& step, const Entry& entry, const Entry& issuer) {
    const std::string ca(issuer.row->name);
    if (named())
      fail(Rule::ca_key_missing, step.path, "cannot be renewed: the key of " + ca + " is not here (external CA)",
           std::string(step.row->name), {Remedy::Kind::supply_ca_key, {ca}, {issuer.key_path.string()}});
    warn_about(entry, issuer);
    const auto* certificate = entry.certificate();
    const auto end = certificate != nullptr ? end_text(*certificate, now_) + ", " : "";
    return rest(step, Action::external, end + "the key of " + ca + " is not here (external CA)");
  }

  Step renew(Step& step, const Entry& entry, const Entry& issuer) {
    if (auto errors = judge(entry, &issuer); !errors.empty()) {
      std::ranges::move(errors, std::back_inserter(plan_.conflicts));
      return rest(step, Action::keep, "conflict");
    }
    step.action = Action::renew;
    step.reason = reason_to_renew(*entry.certificate());
    const auto* ca = issuer.certificate();
    if (ca == nullptr) return std::move(step);  // check_issuer says why
    auto renewed = model::renewed_from(entry, *ca, config_, now_, options_);
    step.spec = std::move(renewed.spec);
    step.algorithm = std::move(renewed.algorithm);
    step.differences = std::move(renewed.differences);
    step.reuse_key = options_.reuse_key;
    std::ranges::move(renewed.warnings, std::back_inserter(plan_.warnings));
    return std::move(step);
  }

  [[nodiscard]] std::string reason_to_renew(const Certificate& certificate) const {
    const auto end = end_text(certificate, now_);
    if (!options_.if_due) return "asked for, " + end;
    return now_ > certificate.not_after ? end : end + ", within " + model::describe(*options_.if_due);
  }

  // Returns the errors that a renewal does not repair. It repairs dates, a CA that a kubeconfig does not list yet, and
  // the mode of a file that could be read all the same (then the finding is about the file itself).
  std::vector<Finding> judge(const Entry& entry, const Entry* issuer) {
    auto copy = entry;
    if (copy.kubeconfig) copy.kubeconfig->ca_certificates.clear();
    if (copy.certificate() != nullptr && copy.key) {
      const auto of_the_file = [&](const auto& finding) {
        return finding.subject == entry.path.string() || finding.subject == entry.key_path.string();
      };
      for (const auto& finding : copy.problems)
        if (of_the_file(finding)) add_warning(finding);
      std::erase_if(copy.problems, of_the_file);
    }
    const auto* certificate = entry.certificate();
    const bool ca = entry.row->is_ca();
    const auto then = certificate == nullptr ? now_
                      : ca                   ? std::max(now_, certificate->not_before)
                                             : certificate->not_before;
    return model::only(model::check_entry(copy, issuer, then), Severity::error);
  }

  void warn_about(const Entry& entry, const Entry& issuer) {
    for (auto& finding : judge(entry, &issuer))
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

  [[nodiscard]] bool signs_a_renewal(const Entry& ca) const {
    return std::ranges::any_of(plan_.steps, [&](const auto& step) {
      return step.action == Action::renew && step.row->issuer == ca.row->name;
    });
  }

  void check_issuer(const Entry& ca) { std::ranges::move(judge(ca, nullptr), std::back_inserter(plan_.conflicts)); }

  void check_clock() {
    const Entry* newest = nullptr;
    for (const auto& entry : inventory_.entries)
      if (entry.certificate() != nullptr &&
          (newest == nullptr || entry.certificate()->not_before > newest->certificate()->not_before))
        newest = &entry;
    if (newest == nullptr || now_ >= newest->certificate()->not_before - tolerance) return;
    fail(Rule::clock_behind, newest->path,
         "not valid before " + base::to_date(newest->certificate()->not_before) + ", and it is " + base::to_date(now_),
         std::string(newest->row->name), {Remedy::Kind::check_clock, {}});
  }

  const ClusterConfig* config_;
  const Inventory& inventory_;
  std::chrono::sys_seconds now_;
  const RenewOptions& options_;
  Plan plan_;
};

void check_request(const ClusterConfig* config, const RenewOptions& options) {
  for (const auto* row : options.rows) {
    if (row->is_ca()) throw Error(Errc::invalid_config, std::string(row->name), "a CA is rotated, not renewed");
    if (row->form == Form::bare_key)
      throw Error(Errc::invalid_config, std::string(row->name), "a key pair without certificate is not renewed");
  }
  if (options.prune_sans && config == nullptr)
    throw Error(Errc::invalid_config, "", "names can be pruned only against a configuration, and there is none",
                {Remedy::Kind::name_config, {}});
  if (config == nullptr) return;
  if (const auto findings = validate(*config); !findings.empty()) throw Error(Errc::invalid_config, findings.front());
}

}  // namespace

Plan plan_renew(const ClusterConfig* config, const Inventory& inventory, std::chrono::sys_seconds now,
                const RenewOptions& options) {
  check_request(config, options);
  for (const auto* row : options.rows)
    (void)inventory.find(row->name);  // throws for a row of another catalog
  return RenewPlanner(config, inventory, now, options).plan();
}

}  // namespace pki
