// SPDX-License-Identifier: Apache-2.0
#include "model/drift.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "model/component.hpp"
#include "model/further_rows.hpp"
#include "model/identity.hpp"
#include "model/remedies.hpp"
#include "model/window.hpp"

namespace pki::model {

namespace {

// Issued certificates begin a few minutes back, so that a clock that is late does not refuse them.
constexpr std::chrono::minutes tolerance{10};

/// Drift collects how one entry differs from a configuration. Nothing of it is in the way of anything.
class Drift {
 public:
  Drift(const Entry& entry, const Entry* issuer, const ValidConfig& config, bool naming_chosen)
      : entry_(entry),
        certificate_(*entry.certificate()),
        issuer_(issuer),
        config_(config),
        naming_chosen_(naming_chosen) {}

  Findings find() {
    check_names();
    // A CA keeps its key until it is rotated; whoever keeps its key elsewhere has chosen its validity.
    if (!entry_.row->is_ca()) check_algorithm();
    if (!entry_.row->is_ca() || entry_.key_exists) check_validity();
    if (entry_.row->path_length) check_path_length(*entry_.row->path_length);
    return std::move(findings_);
  }

 private:
  void add(Rule rule, std::string message, Remedy remedy) {
    findings_.push_back({rule, Severity::warning, entry_.path.string(), std::move(message),
                         std::string(entry_.row->name), std::move(remedy)});
  }

  // A renewal keeps subject and server, and adds names.
  [[nodiscard]] Remedy renew() const { return renewal_of(entry_, issuer_); }

  [[nodiscard]] Remedy prune() const {
    auto remedy = renew();
    if (remedy.kind != Remedy::Kind::renew) return "add them to the configuration";
    remedy.kind = Remedy::Kind::prune_sans;
    return remedy;
  }

  void check_names() {
    const auto wanted = identity_of(*entry_.row, config_);
    for (auto& finding : check_identity(entry_, issuer_, config_)) {
      if (!naming_chosen_ && is_of_naming(finding.rule)) continue;
      const bool renewable = finding.rule == Rule::names_missing;
      add(finding.rule, std::move(finding.message), renewable ? renew() : std::move(finding.remedy));
    }
    const auto unknown = unexplained_sans(certificate_, wanted.sans, config_);
    if (!unknown.empty() && !entry_.row->is_ca())
      add(Rule::names_unexplained,
          fmt::format("has the names {}, which the configuration does not explain", join(unknown)), prune());
  }

  // Returns whether a difference is one between the namings, or between kubeadms.
  [[nodiscard]] bool is_of_naming(Rule rule) const {
    if (rule == Rule::common_name_differs) return has_usual_name(certificate_, *entry_.row, config_);
    return rule == Rule::organization_differs && has_usual_groups(certificate_, *entry_.row);
  }

  void check_algorithm() {
    const auto wanted = to_string(algorithm_of(*entry_.row, *config_));
    if (certificate_.key_algorithm != wanted)
      add(Rule::key_algorithm_differs, fmt::format("key is {}, expected {}", certificate_.key_algorithm, wanted),
          renew());
  }

  void check_path_length(int wanted) {
    const auto& found = certificate_.path_length;
    if (found == wanted) return;
    add(Rule::path_length_differs,
        fmt::format("its path length is {}, expected {}", found ? std::to_string(*found) : "not limited", wanted),
        {Remedy::Kind::rotate_ca, {std::string(entry_.row->name)}});
  }

  void check_validity() {
    const bool ca = entry_.row->is_ca();
    const auto wanted = validity_of(*entry_.row, *config_);
    const std::chrono::seconds span = certificate_.not_after - certificate_.not_before;
    const auto* issuer = issuer_ == nullptr ? nullptr : issuer_->certificate();
    const bool cut_by_issuer = issuer != nullptr && certificate_.not_after == issuer->not_after && span < wanted;
    const bool beginning_unknown = begins_with(certificate_, issuer) && span > wanted;
    if (cut_by_issuer || beginning_unknown || (span <= wanted + tolerance && span >= wanted - tolerance)) return;
    add(Rule::validity_differs, fmt::format("was issued for {}, expected {}", to_string(span), to_string(wanted)),
        ca ? Remedy("a CA is not renewed: change the configuration, or replace the CA and everything that it signed")
           : renew());
  }

  const Entry& entry_;
  const Certificate& certificate_;
  const Entry* issuer_;
  const ValidConfig& config_;
  bool naming_chosen_;
  Findings findings_;
};

}  // namespace

Findings check_drift(const Entry& entry, const Entry* issuer, const ValidConfig& config, bool naming_chosen) {
  return Drift(entry, issuer, config, naming_chosen).find();
}

}  // namespace pki::model
