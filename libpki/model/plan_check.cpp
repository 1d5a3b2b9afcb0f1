// SPDX-License-Identifier: Apache-2.0
#include "model/plan_check.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/calendar.hpp"

namespace pki::model {

namespace {

[[noreturn]] void refuse(const Step& step, Errc code, Rule rule, std::string message) {
  const std::string row(step.row->name);
  auto subject = step.path.empty() ? row : step.path.string();
  throw Error(code, {rule, Severity::error, std::move(subject), std::move(message), row});
}

class PlanCheck {
 public:
  PlanCheck(const Plan& plan, const Inventory& inventory) : plan_(plan), inventory_(inventory) {}

  void check() const {
    check_rows();
    for (const auto& step : plan_.steps) {
      check_decision(step);
      if (step.spec() != nullptr && step.row->profile != Profile::none) check_certificate(step);
    }
  }

 private:
  void check_rows() const {
    std::set<std::string_view> names;
    for (const auto& step : plan_.steps) {
      if (step.row == nullptr) throw Error(Errc::mismatch, step.path.string(), "a step of the plan has no row");
      if (!names.insert(step.row->name).second)
        refuse(step, Errc::mismatch, Rule::mismatch, "the plan has two steps for this row");
    }
  }

  void check_decision(const Step& step) const {
    const auto* entry = find_entry(step.row->name);
    if (step.action() == Action::complete && (step.row->form != Form::bare_key || entry == nullptr || !entry->key))
      refuse(step, Errc::not_found, Rule::key_missing, "there is no key pair without certificate to complete");
    if (const auto* renew = std::get_if<Renew>(&step.what)) check_renewal(step, *renew, entry);
  }

  static void check_renewal(const Step& step, const Renew& renew, const Entry* entry) {
    if (step.row->is_ca()) refuse(step, Errc::invalid_config, Rule::invalid_value, "a CA is rotated, not renewed");
    if (entry == nullptr || entry->certificate() == nullptr)
      refuse(step, Errc::not_found, Rule::certificate_missing, "the inventory has no certificate to renew");
    if (renew.reuse_key && !entry->key)
      refuse(step, Errc::not_found, Rule::key_missing, "the inventory has no key to use again");
    if ((step.row->form == Form::kubeconfig) != entry->kubeconfig.has_value())
      refuse(step, Errc::mismatch, Rule::mismatch, "the form of the row is not that of the file in the inventory");
  }

  void check_certificate(const Step& step) const {
    const auto& spec = *step.spec();
    if (spec.profile != step.row->profile)
      refuse(step, Errc::mismatch, Rule::mismatch,
             fmt::format("planned with the profile {}, expected that of its row, {}", to_string(spec.profile),
                         to_string(step.row->profile)));
    if (!step.row->issuer.empty()) return check_end(step, spec);
    if (!step.row->is_ca())
      refuse(step, Errc::invalid_config, Rule::invalid_value, "a certificate that is not a CA needs an issuer");
  }

  // A certificate that begins before its issuer does not verify at its beginning, which is asked of OpenSSL.
  void check_end(const Step& step, const CertSpec& spec) const {
    const auto end = end_of_issuer(step);
    if (spec.not_after <= end) return;
    refuse(step, Errc::mismatch, Rule::outlives_ca,
           fmt::format("planned to end on {}, after its CA {}, which ends on {}", base::to_date(spec.not_after),
                       step.row->issuer, base::to_date(end)));
  }

  // A CA is made after its issuer, so that nothing signs itself in a circle.
  [[nodiscard]] std::chrono::sys_seconds end_of_issuer(const Step& step) const {
    const auto ca = step.row->issuer;
    const auto maker = std::ranges::find(plan_.steps, ca, [](const Step& other) { return other.row->name; });
    const auto* entry = find_entry(ca);
    const auto* row = maker != plan_.steps.end() ? maker->row : entry != nullptr ? entry->row : nullptr;
    if (row != nullptr && !row->is_ca())
      refuse(step, Errc::mismatch, Rule::mismatch, fmt::format("its issuer {} is not a CA", ca));
    if (maker != plan_.steps.end() && maker->action() == Action::create) {
      if (step.row->is_ca() && &*maker >= &step)
        refuse(step, Errc::mismatch, Rule::mismatch, fmt::format("its issuer {} is not an earlier step", ca));
      return maker->spec()->not_after;
    }
    const auto* found = entry != nullptr ? entry->certificate() : nullptr;
    if (found == nullptr)
      refuse(step, Errc::not_found, Rule::ca_missing,
             fmt::format("its CA {} is neither made by the plan nor in the inventory", ca));
    return found->not_after;
  }

  [[nodiscard]] const Entry* find_entry(std::string_view name) const {
    const auto found = std::ranges::find_if(
        inventory_.entries, [&](const Entry& entry) { return entry.row != nullptr && entry.row->name == name; });
    return found == inventory_.entries.end() ? nullptr : &*found;
  }

  const Plan& plan_;
  const Inventory& inventory_;
};

}  // namespace

void check_plan(const Plan& plan, const Inventory& inventory) {
  if (!plan.conflicts.empty())
    throw Error(Errc::mismatch, plan.conflicts.front().subject, plan.conflicts.front().message,
                "solve the conflicts of the plan first");
  PlanCheck(plan, inventory).check();
}

}  // namespace pki::model
