// SPDX-License-Identifier: Apache-2.0
#include <pki/request.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "model/inventory_check.hpp"
#include "model/remedies.hpp"
#include "model/step.hpp"

namespace pki::inline PKI_ABI {

namespace {

using Rows = std::vector<const CatalogRow*>;

// The planners of certificates decide what a request asks for: the holder of a CA signs as if its key were here.
Inventory with_keys_of_cas(Inventory inventory) {
  for (auto& entry : inventory.entries)
    if (entry.external()) entry.key_exists = true;
  return inventory;
}

class RequestPlanner {
 public:
  RequestPlanner(const ValidConfig& config, const Inventory& inventory, std::chrono::sys_seconds now,
                 const RequestOptions& options)
      : config_(config), inventory_(inventory), as_signed_(with_keys_of_cas(inventory)), now_(now), options_(options) {}

  Plan plan() {
    plan_.catalog = inventory_.catalog;
    plan_.layout = inventory_.layout;
    for (const auto& entry : inventory_.entries)
      plan_.steps.push_back(decide(entry));
    if (named() ? !absent_.empty() : has_absent()) take(plan_init(config_, as_signed_, now_, absent_), Action::create);
    if (!present_.empty()) take(plan_renewals(), Action::renew);
    make_plain(plan_.conflicts);
    make_plain(plan_.failures);
    make_plain(plan_.warnings);
    return std::move(plan_);
  }

 private:
  [[nodiscard]] bool named() const { return !options_.rows.empty(); }
  [[nodiscard]] bool is_named(const CatalogRow& row) const {
    return std::ranges::find(options_.rows, row.name, &CatalogRow::name) != options_.rows.end();
  }

  // Rows that may be requested are decided by the other planners.
  Step decide(const Entry& entry) {
    const auto& row = *entry.row;
    auto step = model::step_of(entry);
    if (named() && !is_named(row)) return model::decided(std::move(step), "not asked for", Skip{});
    if (row.has_token()) return model::decided(std::move(step), "it has a token instead of a certificate", Skip{});
    if (row.issuer.empty()) return model::decided(std::move(step), "not signed by a CA", Skip{});
    if (row.is_ca() && !entry.absent()) return model::decided(std::move(step), "CAs are rotated, not renewed", Keep{});
    const auto& issuer = inventory_.find(row.issuer);
    if (!issuer.external()) return decide_own(std::move(step), entry, issuer);
    if (entry.external_etcd) return model::decided(std::move(step), "external etcd", Skip{});
    if (entry.request)
      return model::decided(std::move(step), "requested on " + base::to_day(entry.request->requested), Keep{});
    wanted_.insert(&row);
    auto& list = entry.absent() ? absent_ : present_;
    if (named() || !entry.absent()) list.push_back(&row);
    return model::decided(std::move(step), entry.absent() ? "not on this host" : "not due", Skip{});
  }

  Step decide_own(Step step, const Entry& entry, const Entry& issuer) {
    const std::string ca(issuer.row->name);
    const bool missing = issuer.absent();
    if (named() && missing)
      refuse(Rule::ca_missing, entry, fmt::format("its CA {} is missing, expected {}", ca, issuer.path.string()),
             {Remedy::Kind::restore, {}, {issuer.path.string()}});
    else if (named())
      refuse(Rule::invalid_value, entry, fmt::format("is not requested: the key of {} is on this host", ca),
             {entry.absent() ? Remedy::Kind::init : Remedy::Kind::renew, {std::string(entry.row->name)}});
    return model::decided(std::move(step), missing ? "its CA is missing" : "its CA is on this host", Skip{});
  }

  void refuse(Rule rule, const Entry& entry, std::string message, Remedy remedy) {
    plan_.conflicts.push_back({rule, Severity::error, entry.path.string(), std::move(message),
                               std::string(entry.row->name), std::move(remedy)});
  }

  [[nodiscard]] bool has_absent() const {
    return std::ranges::any_of(wanted_, [&](const CatalogRow* row) { return inventory_.find(row->name).absent(); });
  }

  Plan plan_renewals() const {
    RenewOptions options{.rows = named() ? present_ : Rows{}, .reuse_key = options_.reuse_key};
    if (!named()) options.if_due = options_.if_due;
    return plan_renew(options_.keep_identity ? nullptr : &config_, as_signed_, now_, options);
  }

  // Takes the steps for the rows that are to be requested, and what is said about them and their CAs.
  void take(Plan other, Action action) {
    for (std::size_t i = 0; i < plan_.steps.size(); ++i)
      if (wanted_.contains(plan_.steps[i].row) && other.steps[i].action() == action)
        plan_.steps[i] = std::move(other.steps[i]);
    take(std::move(other.conflicts), plan_.conflicts, action);
    take(std::move(other.failures), plan_.failures, action);
    take(std::move(other.warnings), plan_.warnings, action);
    if (other.config_to_save) plan_.config_to_save = std::move(other.config_to_save);
  }

  void take(std::vector<Finding> findings, std::vector<Finding>& list, Action action) {
    for (auto& finding : findings) {
      const auto* row = inventory_.catalog.try_find_row(finding.row);
      const bool of_host = row == nullptr || finding.rule == Rule::clock_behind;
      const bool matters = of_host || (row->issuer.empty() ? signs_wanted(*row) : is_taken(*row, action));
      if (matters && std::ranges::find(list, finding) == list.end()) list.push_back(std::move(finding));
    }
  }

  [[nodiscard]] bool signs_wanted(const CatalogRow& ca) const {
    return std::ranges::any_of(wanted_, [&](const CatalogRow* row) { return row->issuer == ca.name; });
  }

  [[nodiscard]] bool is_taken(const CatalogRow& row, Action action) const {
    return wanted_.contains(&row) && inventory_.find(row.name).absent() == (action == Action::create);
  }

  const ValidConfig& config_;
  const Inventory& inventory_;
  Inventory as_signed_;
  std::chrono::sys_seconds now_;
  const RequestOptions& options_;
  std::set<const CatalogRow*> wanted_;  // the rows that may be requested
  Rows absent_;                         // of these, the named ones that are to be created
  Rows present_;                        // of these, the ones that are to be renewed
  Plan plan_;
};

void check_rows(const Inventory& inventory, const RequestOptions& options) {
  for (const auto* row : options.rows) {
    (void)inventory.find(row->name);  // throws for a row of another catalog
    if (row->is_ca() && !inventory.find(row->name).absent())
      throw Error(Errc::invalid_config, std::string(row->name), "a CA that is here is not requested");
    if (row->issuer.empty())
      throw Error(
          Errc::invalid_config, std::string(row->name),
          row->is_ca() ? "a CA that signs itself is not requested" : "a key pair without certificate is not requested");
    if (row->has_token())
      throw Error(Errc::invalid_config, std::string(row->name), "a kubeconfig with a token is not requested",
                  {Remedy::Kind::init, {std::string(row->name)}});
  }
}

}  // namespace

Plan plan_request(const ValidConfig& config, const Inventory& inventory, std::chrono::sys_seconds now,
                  const RequestOptions& options) {
  model::check_inventory(inventory);
  check_rows(inventory, options);
  if (std::ranges::none_of(inventory.entries, &Entry::external))
    throw Error(Errc::not_found, inventory.layout.certificates_dir.string(),
                "nothing to request: no certificate of a CA is here without its key");
  return RequestPlanner(config, inventory, now, options).plan();
}

}  // namespace pki::inline PKI_ABI
