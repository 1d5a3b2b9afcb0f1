#include "model/drift.hpp"

#include <algorithm>
#include <iterator>

#include "base/calendar.hpp"
#include "model/entry_check.hpp"
#include "model/identity.hpp"
#include "model/window.hpp"

namespace pki::model {

namespace {

// Issued certificates begin a few minutes back, so that a clock that is late does not refuse them.
constexpr std::chrono::minutes tolerance{10};

constexpr auto ca_hint = "a CA is never renewed: change the configuration, or replace the CA and all that it signed";

std::string renew_hint(const CatalogRow& row) {
  return row.is_ca() ? ca_hint : "`pkigen renew " + std::string(row.name) + "` makes it so";
}

void check_identity(std::vector<Problem>& drift, const Entry& entry, const ClusterConfig& config) {
  const auto wanted = identity_of(*entry.row, config);
  auto findings = check_identity(entry, wanted);
  for (auto* list : {&findings.problems, &findings.warnings})
    for (auto& problem : *list)
      drift.push_back({problem.subject, problem.message, renew_hint(*entry.row)});
  std::vector<GeneralName> unknown;
  std::ranges::copy_if(entry.certificate()->sans, std::back_inserter(unknown),
                       [&](const auto& name) { return std::ranges::find(wanted.sans, name) == wanted.sans.end(); });
  if (!unknown.empty() && !entry.row->is_ca())
    drift.push_back({entry.path.string(),
                     "has the names " + join(unknown) + ", which the configuration does not explain",
                     "add them to the configuration, or drop them with `pkigen renew --prune-sans " +
                         std::string(entry.row->name) + "`"});
}

void check_algorithm(std::vector<Problem>& drift, const Entry& entry, const ClusterConfig& config) {
  const auto& found = entry.certificate()->key_algorithm;
  if (found != to_string(config.algorithm))
    drift.push_back({entry.path.string(), "key is " + found + ", expected " + std::string(to_string(config.algorithm)),
                     renew_hint(*entry.row)});
}

void check_validity(std::vector<Problem>& drift, const Entry& entry, const Certificate* issuer,
                    const ClusterConfig& config) {
  const auto& certificate = *entry.certificate();
  const auto wanted = entry.row->is_ca() ? config.ca_validity : config.leaf_validity;
  const std::chrono::seconds span = certificate.not_after - certificate.not_before;
  const bool cut_by_issuer = issuer != nullptr && certificate.not_after == issuer->not_after && span < wanted;
  const bool beginning_unknown = begins_with(certificate, issuer) && span > wanted;
  if (cut_by_issuer || beginning_unknown || (span <= wanted + tolerance && span >= wanted - tolerance)) return;
  drift.push_back({entry.path.string(), "was issued for " + to_string(span) + ", expected " + to_string(wanted),
                   renew_hint(*entry.row)});
}

}  // namespace

std::vector<Problem> check_drift(const Entry& entry, const Certificate* issuer, const ClusterConfig& config) {
  std::vector<Problem> drift;
  check_identity(drift, entry, config);
  // What others hold the key of is theirs to choose, and a CA's key is for as long as the CA lives.
  if (!entry.row->is_ca()) check_algorithm(drift, entry, config);
  if (!entry.external()) check_validity(drift, entry, issuer, config);
  return drift;
}

}  // namespace pki::model
