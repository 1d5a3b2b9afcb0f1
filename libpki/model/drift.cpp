#include "model/drift.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

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
  Drift(const Entry& entry, const Entry* issuer, const ValidConfig& config)
      : entry_(entry), certificate_(*entry.certificate()), issuer_(issuer), config_(config) {}

  Findings find() {
    check_names();
    // A CA keeps its key until it is rotated; the holder of an external CA's key chooses its validity.
    if (!entry_.row->is_ca()) check_algorithm();
    if (!entry_.external()) check_validity();
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
    for (auto& finding : check_identity(entry_, issuer_, wanted)) {
      const bool renewable = finding.rule == Rule::names_missing;
      add(finding.rule, std::move(finding.message), renewable ? renew() : std::move(finding.remedy));
    }
    std::vector<GeneralName> unknown;
    std::ranges::copy_if(certificate_.sans, std::back_inserter(unknown),
                         [&](const auto& name) { return std::ranges::find(wanted.sans, name) == wanted.sans.end(); });
    if (!unknown.empty() && !entry_.row->is_ca())
      add(Rule::names_unexplained,
          fmt::format("has the names {}, which the configuration does not explain", join(unknown)), prune());
  }

  void check_algorithm() {
    if (certificate_.key_algorithm != to_string(config_->algorithm))
      add(Rule::key_algorithm_differs,
          fmt::format("key is {}, expected {}", certificate_.key_algorithm, to_string(config_->algorithm)), renew());
  }

  void check_validity() {
    const bool ca = entry_.row->is_ca();
    const auto wanted = ca ? config_->ca_validity : config_->leaf_validity;
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
  Findings findings_;
};

}  // namespace

Findings check_drift(const Entry& entry, const Entry* issuer, const ValidConfig& config) {
  return Drift(entry, issuer, config).find();
}

}  // namespace pki::model
