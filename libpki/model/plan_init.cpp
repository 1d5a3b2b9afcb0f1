// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <pki/plan.hpp>
#include <pki/signer.hpp>

#include "base/calendar.hpp"
#include "model/clock.hpp"
#include "model/component.hpp"
#include "model/entry_check.hpp"
#include "model/further_rows.hpp"
#include "model/identity.hpp"
#include "model/inventory_check.hpp"
#include "model/remedies.hpp"
#include "model/repeated.hpp"
#include "model/role.hpp"
#include "model/step.hpp"
#include "model/unreadable.hpp"

namespace pki::inline PKI_ABI {

namespace {

using model::decided;

/// Part is what a plan is about: everything on a host, its shared rows alone, or what it has of its own.
enum class Part { host, shared, own };

class InitPlanner {
 public:
  InitPlanner(const ValidConfig& config, const Inventory& inventory, std::chrono::sys_seconds now, Part part,
              std::span<const CatalogRow* const> rows = {})
      : given_(*config),
        inventory_(inventory),
        now_(now),
        part_(part),
        rows_(rows),
        role_(role_to_make(config, inventory)),
        config_(with_role(config, role_)) {}

  Plan plan() {
    plan_.catalog = inventory_.catalog;
    plan_.layout = inventory_.layout;
    for (const auto& entry : inventory_.entries)
      plan_.steps.push_back(decide(entry));
    save_config();
    warn_of_removed_rows();
    check_clock();
    model::join_unreadable({&plan_.conflicts, &plan_.warnings});
    for (auto* list : {&plan_.conflicts, &plan_.warnings})
      model::drop_repeated(*list);
    make_plain(plan_.conflicts);
    make_plain(plan_.warnings);
    return std::move(plan_);
  }

 private:
  Step decide(const Entry& entry) {
    const auto& row = *entry.row;
    auto step = model::step_of(entry);
    if (row.local_etcd && config_->external_etcd) return decided(std::move(step), "external etcd", Skip{});
    // A row that was named is made on any host.
    if (by_role() && !row.roles.contains(role_) && entry.absent())
      return decided(std::move(step), "not on " + model::noun(role_), Skip{});
    if (!asked_for(row) && !(row.is_ca() && issues_what_was_asked_for(row)))
      return decided(std::move(step), "not asked for", Skip{});
    if (!entry.absent()) return keep(std::move(step), entry);
    if (!asked_for(row)) return decided(std::move(step), "missing, not asked for", Skip{});
    if (by_role() && needs_shared() && row.shared) return refuse_own(std::move(step));
    if (!entry.signing_key.empty()) return refuse_second_key(std::move(step), entry);
    if (row.has_token() && rows_.empty() && has_joined())
      return decided(std::move(step), "the kubelet of this host has joined", Skip{});
    auto create = create_for(step);
    return decided(std::move(step), "missing", std::move(create));
  }

  // CAs alone are what an administrator brings before the first control plane is made.
  static Role role_to_make(const ValidConfig& config, const Inventory& inventory) {
    const auto host = model::host_role(&*config, inventory);
    return host.inferred && host.role == Role::ca_host ? Role::first_control_plane : host.role;
  }

  // The server of a row may depend on the role.
  static ValidConfig with_role(const ValidConfig& config, Role role) {
    auto copy = *config;
    copy.role = role;
    return validate(std::move(copy)).value();
  }

  // The role determines the rows; otherwise they are named, one by one or as the shared ones.
  [[nodiscard]] bool by_role() const { return rows_.empty() && part_ != Part::shared; }
  [[nodiscard]] bool joins() const { return role_ == Role::worker || role_ == Role::joining_control_plane; }
  [[nodiscard]] bool needs_shared() const { return part_ == Part::own || joins(); }

  // With a CA or token key of its own a host that joins would belong to no cluster. kubeadm refuses as well.
  Step refuse_own(Step step) {
    plan_.conflicts.push_back({step.row->is_ca() ? Rule::ca_missing : Rule::file_missing, Severity::error,
                               step.path.string(), std::string(why_not_made()), std::string(step.row->name),
                               shared_files_of(step)});
    return decided(std::move(step), "missing", Skip{});
  }

  // A new CA would have a key on this disk beside the one that the configuration names.
  Step refuse_second_key(Step step, const Entry& ca) {
    plan_.conflicts.push_back(
        {Rule::ca_missing, Severity::error, step.path.string(),
         fmt::format("missing, expected the certificate of the CA whose key is at {}", shown_key_uri(ca.signing_key)),
         std::string(step.row->name), "put the certificate of the CA in place, or remove the place of its key"});
    return decided(std::move(step), "missing", Skip{});
  }

  // It needs no token any more, and whoever removed the file had a reason.
  [[nodiscard]] bool has_joined() const {
    return std::ranges::any_of(inventory_.entries, model::is_renewed_by_kubelet);
  }

  [[nodiscard]] std::string_view why_not_made() const {
    if (role_ == Role::worker) return "missing, expected the CA certificate of the cluster that this worker joins";
    if (!joins()) return "missing, expected that of the cluster, which is made once and copied to each host";
    return "missing, expected that of the cluster: its role or a JoinConfiguration says that this control plane joins "
           "one";
  }

  // A control plane signs with the keys of the cluster.
  [[nodiscard]] Remedy shared_files_of(const Step& step) const {
    Remedy copy(Remedy::Kind::restore, {}, {step.path.string()});
    if (role_ != Role::worker) copy.paths.push_back(step.key_path.string());
    return copy;
  }

  [[nodiscard]] bool asked_for(const CatalogRow& row) const {
    if (part_ == Part::shared) return row.shared;
    return rows_.empty() || std::ranges::find(rows_, row.name, &CatalogRow::name) != rows_.end();
  }

  [[nodiscard]] bool issues_what_was_asked_for(const CatalogRow& ca) const {
    return std::ranges::any_of(inventory_.catalog.rows(),
                               [&](const CatalogRow& row) { return row.issuer == ca.name && asked_for(row); });
  }

  Create create_for(const Step& step) {
    const auto& row = *step.row;
    auto identity = model::identity_of(row, config_);
    if (row.has_token()) return create_with_token(step, std::move(identity));
    Create create{.spec = {.profile = row.profile,
                           .common_name = std::move(identity.common_name),
                           .organizations = std::move(identity.organizations),
                           .sans = std::move(identity.sans),
                           .path_length = row.path_length,
                           .not_before = now_ - base::backdate,
                           .not_after = now_ + model::validity_of(row, *config_)},
                  .algorithm = std::string(to_string(model::algorithm_of(row, *config_))),
                  .cluster = config_->cluster_name,
                  .server = std::move(identity.server)};
    if (!row.issuer.empty()) fit_to_issuer(create.spec, step);
    if (!row.server.empty() && create.server.empty()) refuse_without_server(step);
    return create;
  }

  // The kubeconfig trusts the CA, which signs nothing for it: the key may be elsewhere.
  Create create_with_token(const Step& step, model::Identity identity) {
    const auto& issuer = step_of(step.row->issuer);
    if (issuer.action() == Action::skip) refuse_without_issuer(step, issuer);
    if (identity.server.empty()) refuse_without_server(step);
    return {.spec = {.profile = Profile::none, .common_name = std::move(identity.common_name)},
            .algorithm = {},
            .cluster = config_->cluster_name,
            .server = std::move(identity.server)};
  }

  [[nodiscard]] const Step& step_of(std::string_view row) const {
    return *std::ranges::find(plan_.steps, row, [](const Step& step) { return step.row->name; });
  }

  void refuse_without_server(const Step& step) {
    plan_.conflicts.push_back({Rule::value_missing, Severity::error, step.path.string(),
                               "missing, and nothing names the API server of the cluster that this worker joins",
                               std::string(step.row->name), Remedy::set_field("controlPlaneEndpoint")});
  }

  // The validity of a certificate is within that of its issuer; and there must be an issuer that can sign.
  void fit_to_issuer(CertSpec& spec, const Step& step) {
    const auto& issuer = step_of(step.row->issuer);
    if (issuer.action() == Action::skip) return refuse_without_issuer(step, issuer);
    if (const auto* created = issuer.spec()) {
      spec.not_before = std::max(spec.not_before, created->not_before);
      spec.not_after = std::min(spec.not_after, created->not_after);
      return;
    }
    if (!issuer.found.certificate) return;  // the issuer is a conflict itself
    if (const auto& entry = inventory_.find(step.row->issuer); entry.external()) return refuse_external(step, entry);
    const auto& ca = *issuer.found.certificate;
    spec.not_before = std::max(spec.not_before, ca.not_before);
    if (spec.not_after <= ca.not_after) return;
    plan_.warnings.push_back(
        {Rule::ends_with_ca, Severity::warning, step.path.string(),
         fmt::format("will end with its CA on {}, before the configured validity", base::to_date(ca.not_after)),
         std::string(step.row->name)});
    spec.not_after = ca.not_after;
  }

  void refuse_without_issuer(const Step& step, const Step& issuer) {
    if (is_refused(issuer)) return;
    const std::string ca(issuer.row->name);
    const std::string row(step.row->name);
    const bool is_replaced = issuer.row->local_etcd && config_->external_etcd;
    auto message = is_replaced ? fmt::format("missing, and its CA {} does not exist with an external etcd", ca)
                               : fmt::format("its CA {} is missing, expected {}", ca, issuer.path.string());
    plan_.conflicts.push_back({Rule::ca_missing, Severity::error, step.path.string(), std::move(message), row,
                               is_replaced ? Remedy{} : issuer_for(step, issuer)});
  }

  [[nodiscard]] bool is_refused(const Step& step) const {
    return std::ranges::any_of(plan_.conflicts, [&](const Finding& conflict) {
      return conflict.rule == Rule::ca_missing && conflict.row == step.row->name;
    });
  }

  [[nodiscard]] Remedy issuer_for(const Step& step, const Step& issuer) const {
    if (joins() || (part_ == Part::own && issuer.row->shared)) return shared_files_of(issuer);
    return {Remedy::Kind::init, {std::string(issuer.row->name), std::string(step.row->name)}};
  }

  void refuse_external(const Step& step, const Entry& issuer) {
    const std::string name(issuer.row->name);
    const auto& entry = inventory_.find(step.row->name);
    plan_.conflicts.push_back({Rule::ca_key_missing, Severity::error, step.path.string(),
                               fmt::format("missing, and {} cannot sign it: its key is not here (external CA){}", name,
                                           model::requested_text(entry)),
                               std::string(step.row->name), model::supply_of(entry, issuer)});
  }

  Step keep(Step step, const Entry& entry) {
    const auto* issuer = step.row->issuer.empty() ? nullptr : &inventory_.find(step.row->issuer);
    auto findings = model::check_entry(without_references(entry), issuer, now_);
    std::ranges::move(model::check_identity(entry, issuer, config_), std::back_inserter(findings));
    auto result = decided(std::move(step), reason_to_keep(entry), Keep{});
    if (entry.row->form == Form::bare_key && entry.key && !entry.exists) {
      result = decided(std::move(result), "public key missing", Complete{});
      std::erase_if(findings, [](const Finding& finding) { return finding.severity != Severity::error; });
    }
    if (has_errors(findings)) result.reason = "conflict";
    for (auto& finding : findings)
      (finding.severity == Severity::error ? plan_.conflicts : plan_.warnings).push_back(std::move(finding));
    return result;
  }

  // The files to which a kubeconfig refers are neither made nor replaced here, and no reason to make nothing.
  static Entry without_references(Entry entry) {
    if (!entry.refers_to_credentials()) return entry;
    entry.certificates.clear();
    entry.key.reset();
    for (auto& problem : entry.problems)
      if (problem.subject != entry.path.string()) problem.severity = Severity::warning;
    return entry;
  }

  static std::string reason_to_keep(const Entry& entry) {
    if (entry.refers_to_credentials()) {
      const auto& facts = *entry.kubeconfig;
      return "points to " +
             (facts.client_certificate_file.empty() ? facts.client_key_file : facts.client_certificate_file);
    }
    if (entry.row->has_token() && entry.certificate() == nullptr) return "valid, with a token";
    if (entry.kubeconfig && entry.certificate() == nullptr) return "its user has other credentials";
    if (!entry.signing_key.empty()) return "valid, its key is at " + shown_key_uri(entry.signing_key);
    return entry.external() ? "valid, its key is not here (external CA)" : "valid";
  }

  void save_config() {
    if (part_ == Part::shared) return;
    const auto& saved = inventory_.saved_config;
    if (saved && !saved->problems.empty()) {
      std::ranges::copy(saved->problems, std::back_inserter(plan_.conflicts));
      return;
    }
    auto wanted = given_;
    if (!wanted.role && saved) wanted.role = saved->config.role;
    if (!wanted.rows && saved) wanted.rows = saved->config.rows;
    const bool unsaid = !wanted.role;
    if (unsaid && by_role()) wanted.role = role_;  // single rows may be for any host
    auto known = saved ? saved->config : wanted;
    if (unsaid) known.role = wanted.role;  // nothing is written for that alone
    if (!saved || known != wanted) plan_.config_to_save = std::move(wanted);
  }

  // Their files are in nobody's way.
  void warn_of_removed_rows() {
    std::ranges::move(model::warnings_of_removed_rows(inventory_), std::back_inserter(plan_.warnings));
  }

  // A file that is kept may have said the same.
  void check_clock() {
    auto behind = model::check_clock(inventory_, now_);
    const auto known = [&](const Finding& conflict) {
      return conflict.rule == Rule::not_yet_valid && conflict.subject == behind->subject;
    };
    if (behind && std::ranges::none_of(plan_.conflicts, known)) plan_.conflicts.push_back(std::move(*behind));
  }

  const ClusterConfig& given_;
  const Inventory& inventory_;
  std::chrono::sys_seconds now_;
  Part part_;
  std::span<const CatalogRow* const> rows_;
  Role role_;
  ValidConfig config_;  // with the role
  Plan plan_;
};

}  // namespace

Plan plan_init(const ValidConfig& config, const Inventory& inventory, std::chrono::sys_seconds now,
               std::span<const CatalogRow* const> rows) {
  model::check_inventory(inventory);
  model::check_has_rows(inventory, *config);
  for (const auto* row : rows)
    (void)inventory.find(row->name);  // throws for a row of another catalog
  return InitPlanner(config, inventory, now, Part::host, rows).plan();
}

Plan plan_shared(const ValidConfig& config, const Inventory& inventory, std::chrono::sys_seconds now) {
  model::check_inventory(inventory);
  model::check_has_rows(inventory, *config);
  return InitPlanner(config, inventory, now, Part::shared).plan();
}

Plan plan_node(const ValidConfig& config, const Inventory& inventory, std::chrono::sys_seconds now) {
  model::check_inventory(inventory);
  model::check_has_rows(inventory, *config);
  return InitPlanner(config, inventory, now, Part::own).plan();
}

}  // namespace pki::inline PKI_ABI
