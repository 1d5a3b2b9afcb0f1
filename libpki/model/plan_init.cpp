#include <algorithm>
#include <iterator>
#include <span>

#include <pki/plan.hpp>

#include "base/calendar.hpp"
#include "model/entry_check.hpp"
#include "model/identity.hpp"

namespace pki {

namespace {

class InitPlanner {
 public:
  InitPlanner(const ClusterConfig& config, const Inventory& inventory, std::chrono::sys_seconds now,
              std::span<const CatalogRow* const> rows)
      : config_(config), inventory_(inventory), now_(now), rows_(rows) {}

  Plan plan() {
    plan_.catalog = inventory_.catalog;
    plan_.layout = inventory_.layout;
    for (const auto& entry : inventory_.entries)
      plan_.steps.push_back(decide(entry));
    remember();
    make_plain(plan_.conflicts);
    make_plain(plan_.warnings);
    return std::move(plan_);
  }

 private:
  Step decide(const Entry& entry) {
    const auto& row = *entry.row;
    Step step;
    step.row = &row;
    step.path = entry.path;
    step.key_path = entry.key_path;
    if (row.local_etcd && config_.external_etcd) return skip(step, "external etcd");
    if (!asked_for(row) && !(row.is_ca() && issues_what_was_asked_for(row))) return skip(step, "not asked for");
    if (entry.absent()) return asked_for(row) ? create(step) : skip(step, "missing, not asked for");
    return keep(step, entry);
  }

  [[nodiscard]] bool asked_for(const CatalogRow& row) const {
    return rows_.empty() || std::ranges::find(rows_, row.name, &CatalogRow::name) != rows_.end();
  }

  [[nodiscard]] bool issues_what_was_asked_for(const CatalogRow& ca) const {
    return std::ranges::any_of(rows_, [&](const auto* row) { return row->issuer == ca.name; });
  }

  static Step skip(Step& step, std::string reason) {
    step.action = Action::skip;
    step.reason = std::move(reason);
    return step;
  }

  Step create(Step& step) {
    const auto identity = model::identity_of(*step.row, config_);
    step.action = Action::create;
    step.reason = "missing";
    step.server = identity.server;
    step.cluster = config_.cluster_name;
    step.algorithm = to_string(config_.algorithm);
    step.spec.profile = step.row->profile;
    step.spec.common_name = identity.common_name;
    step.spec.organizations = identity.organizations;
    step.spec.sans = identity.sans;
    step.spec.not_before = now_ - base::backdate;
    step.spec.not_after = now_ + (step.row->is_ca() ? config_.ca_validity : config_.leaf_validity);
    if (!step.row->issuer.empty()) fit_to_issuer(step);
    return step;
  }

  // A certificate lies within the life of its issuer; and there must be an issuer that can sign.
  void fit_to_issuer(Step& step) {
    const auto& issuer = *std::ranges::find(plan_.steps, step.row->issuer, [](const Step& s) { return s.row->name; });
    const auto& entry = inventory_.find(step.row->issuer);
    if (issuer.action == Action::skip) return refuse_without_issuer(step, issuer);
    if (issuer.action == Action::keep && entry.certificate() == nullptr) return;  // the issuer is a conflict itself
    if (entry.external()) return refuse_external(step, entry);
    step.spec.not_before = std::max(step.spec.not_before, issuer.spec.not_before);
    if (step.spec.not_after <= issuer.spec.not_after) return;
    if (issuer.action == Action::keep)
      plan_.warnings.push_back(
          {Rule::ends_with_ca, Severity::warning, step.path.string(),
           "will end with its CA on " + base::to_date(issuer.spec.not_after) + ", before the configured validity",
           std::string(step.row->name)});
    step.spec.not_after = issuer.spec.not_after;
  }

  void refuse_without_issuer(const Step& step, const Step& issuer) {
    const std::string ca(issuer.row->name);
    const std::string row(step.row->name);
    plan_.conflicts.push_back({Rule::ca_missing,
                               Severity::error,
                               step.path.string(),
                               "its CA " + ca + " is missing, expected " + issuer.path.string(),
                               row,
                               {Remedy::Kind::init, {ca, row}}});
  }

  void refuse_external(const Step& step, const Entry& issuer) {
    const std::string name(issuer.row->name);
    plan_.conflicts.push_back({Rule::ca_key_missing,
                               Severity::error,
                               step.path.string(),
                               "missing, and " + name + " cannot sign it: its key is not here (external CA)",
                               std::string(step.row->name),
                               {Remedy::Kind::supply_ca_key, {name}, {issuer.key_path.string()}}});
  }

  Step keep(Step& step, const Entry& entry) {
    const auto* issuer = step.row->issuer.empty() ? nullptr : &inventory_.find(step.row->issuer);
    auto findings = model::check_entry(entry, issuer, now_);
    std::ranges::move(model::check_identity(entry, model::identity_of(*step.row, config_)),
                      std::back_inserter(findings));
    step.action = Action::keep;
    step.reason = entry.external() ? "sound, its key is not here (external CA)" : "sound";
    if (const auto* certificate = entry.certificate()) describe(step, *certificate);
    if (entry.key) step.algorithm = entry.key->algorithm();
    if (entry.kubeconfig && !entry.kubeconfig->client_certificate_file.empty())
      step.reason = "points to " + entry.kubeconfig->client_certificate_file;
    const bool public_half_missing = step.row->form == Form::bare_key && entry.key && !entry.exists;
    if (public_half_missing) {
      step.action = Action::complete;
      step.reason = "public key missing";
      std::erase_if(findings, [](const Finding& finding) { return finding.severity != Severity::error; });
    }
    if (has_errors(findings)) step.reason = "conflict";
    for (auto& finding : findings)
      (finding.severity == Severity::error ? plan_.conflicts : plan_.warnings).push_back(std::move(finding));
    return step;
  }

  static void describe(Step& step, const Certificate& certificate) {
    step.spec.profile = step.row->profile;
    step.spec.common_name = certificate.common_name;
    step.spec.organizations = certificate.organizations;
    step.spec.sans = certificate.sans;
    step.spec.not_before = certificate.not_before;
    step.spec.not_after = certificate.not_after;
  }

  void remember() {
    const auto& remembered = inventory_.remembered;
    if (remembered && !remembered->problems.empty())
      std::ranges::copy(remembered->problems, std::back_inserter(plan_.conflicts));
    else if (!remembered || remembered->config != config_)
      plan_.remember = config_;
  }

  const ClusterConfig& config_;
  const Inventory& inventory_;
  std::chrono::sys_seconds now_;
  std::span<const CatalogRow* const> rows_;
  Plan plan_;
};

}  // namespace

Plan plan_init(const ClusterConfig& config, const Inventory& inventory, std::chrono::sys_seconds now,
               std::span<const CatalogRow* const> rows) {
  if (const auto findings = validate(config); !findings.empty()) throw Error(Errc::invalid_config, findings.front());
  for (const auto* row : rows)
    (void)inventory.find(row->name);  // throws for a row of another catalog
  return InitPlanner(config, inventory, now, rows).plan();
}

}  // namespace pki
