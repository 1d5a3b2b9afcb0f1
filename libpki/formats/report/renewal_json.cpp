// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <pki/renewal.hpp>

#include "formats/report/json.hpp"

namespace pki::inline PKI_ABI {

namespace {

using formats::Json;
using formats::json_of;

constexpr auto not_done = "; not done";

// With conflicts, and after a pre-hook that failed, the plan was not carried out.
bool refused(const Renewal& renewal) {
  return !renewal.plan.conflicts.empty() || (!renewal.dry_run && renewal.issued.empty());
}

const char* action_word(const Step& step, bool not_renewed) {
  switch (step.action()) {
    case Action::renew:
      return not_renewed ? "kept" : "renewed";
    case Action::external:
      return "external";
    case Action::skip:
      return "skipped";
    default:
      return "kept";
  }
}

Json dates_json(const std::string& serial, std::chrono::sys_seconds not_before, std::chrono::sys_seconds not_after) {
  return {{"serial", serial.empty() ? Json(nullptr) : Json(serial)},
          {"notBefore", json_of(not_before)},
          {"notAfter", json_of(not_after)}};
}

// Returns the new certificate; in a dry run the planned one, without a serial.
Json new_json(const Step& step, const CertSpec& spec, const Renewal& renewal) {
  const auto made = std::ranges::find(renewal.issued, step.row, &Issued::row);
  if (made == renewal.issued.end()) return dates_json({}, spec.not_before, spec.not_after);
  const auto& certificate = made->certificate;
  return dates_json(certificate.serial, certificate.not_before, certificate.not_after);
}

Json old_json(const Existing& found) {
  if (!found.certificate) return nullptr;
  return dates_json(found.certificate->serial, found.certificate->not_before, found.certificate->not_after);
}

Json row_json(const Step& step, const Renewal& renewal) {
  const auto* renew = std::get_if<Renew>(&step.what);
  const bool renewed = renew != nullptr && !refused(renewal);
  auto json = formats::new_object();
  json["name"] = std::string(step.row->name);
  json["action"] = action_word(step, refused(renewal));
  json["reason"] = step.reason + (renew != nullptr && !renewed ? not_done : "");
  json["path"] = step.path.string();
  json["keyPath"] = step.key_path.string();
  json["algorithm"] = step.algorithm();
  json["newKey"] = renewed && !renew->reuse_key;
  json["sans"] = json_of(renew != nullptr         ? renew->spec.sans
                         : step.found.certificate ? step.found.certificate->sans
                                                  : std::vector<GeneralName>{});
  json["old"] = old_json(step.found);
  json["new"] = renewed ? new_json(step, renew->spec, renewal) : Json(nullptr);
  json["differences"] = renew != nullptr ? renew->differences : std::vector<std::string>{};
  return json;
}

Json names_json(const std::vector<std::string_view>& names) {
  auto list = Json::array();
  for (const auto name : names)
    list.push_back(std::string(name));
  return list;
}

}  // namespace

std::string to_json(const Renewal& renewal) {
  const auto& plan = renewal.plan;
  const auto rows = refused(renewal) ? std::vector<const CatalogRow*>{} : renewed_rows(plan);
  const auto restarts = required_restarts(rows);
  auto json = formats::json_object("Renewal");
  json["dryRun"] = renewal.dry_run;
  json["changed"] = !refused(renewal) && plan.changes();
  json["certificatesDir"] = plan.layout.certificates_dir.string();
  json["kubeconfigDir"] = plan.layout.kubeconfig_dir.string();
  json["rows"] = Json::array();
  for (const auto& step : plan.steps)
    json["rows"].push_back(row_json(step, renewal));
  json["restart"] = names_json(restarts.restart);
  json["reload"] = names_json(restarts.reload);
  json["backup"] = renewal.written.backup.empty() ? Json(nullptr) : Json(renewal.written.backup);
  json["conflicts"] = json_of(plan.conflicts);
  json["warnings"] = json_of(plan.warnings);
  json["notes"] = json_of(renewal.written.notes);
  json["failures"] = json_of(plan.failures);
  for (const auto& failure : renewal.failures)
    json["failures"].push_back(json_of(failure));
  return formats::to_text(json);
}

}  // namespace pki::inline PKI_ABI
