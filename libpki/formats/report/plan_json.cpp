// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>
#include <string>
#include <variant>

#include <pki/creation.hpp>

#include "formats/report/json.hpp"

namespace pki::inline PKI_ABI {

namespace {

using formats::Json;
using formats::json_of;

// Of a certificate that is there, or of one that will be.
template <class T>
void describe(Json& json, const T& certificate) {
  json["subject"] = {{"commonName", certificate.common_name}, {"organizations", certificate.organizations}};
  json["sans"] = json_of(certificate.sans);
  json["notBefore"] = json_of(certificate.not_before);
  json["notAfter"] = json_of(certificate.not_after);
}

// Returns the serial after the step; null without a certificate, and before the certificate is made.
Json serial_json(const Step& step, std::span<const Issued> issued) {
  const auto made = std::ranges::find(issued, step.row, &Issued::row);
  if (made != issued.end()) return made->certificate.serial;
  if (step.spec() != nullptr || !step.found.certificate) return nullptr;
  return step.found.certificate->serial;
}

Json step_json(const Step& step, std::span<const Issued> issued) {
  auto json = formats::new_object();
  json["name"] = std::string(step.row == nullptr ? "" : step.row->name);
  json["action"] = std::string(to_string(step.action()));
  json["reason"] = step.reason;
  json["path"] = step.path.string();
  json["keyPath"] = step.key_path.string();
  json["algorithm"] = step.algorithm();
  if (const auto* spec = step.spec())
    describe(json, *spec);
  else
    describe(json, step.found.certificate.value_or(Certificate{}));
  const bool dated = step.spec() != nullptr ? step.row == nullptr || step.row->profile != Profile::none
                                            : step.found.certificate.has_value();
  if (!dated) json["notBefore"] = json["notAfter"] = nullptr;
  json["serial"] = serial_json(step, issued);
  const auto* create = std::get_if<Create>(&step.what);
  json["cluster"] = create != nullptr ? create->cluster : "";
  json["server"] = create != nullptr ? create->server : "";
  return json;
}

Json plan_json(const Plan& plan, std::span<const Issued> issued) {
  auto json = formats::json_object("Plan");
  json["certificatesDir"] = plan.layout.certificates_dir.string();
  json["kubeconfigDir"] = plan.layout.kubeconfig_dir.string();
  json["steps"] = Json::array();
  for (const auto& step : plan.steps)
    json["steps"].push_back(step_json(step, issued));
  json["conflicts"] = json_of(plan.conflicts);
  json["failures"] = json_of(plan.failures);
  json["warnings"] = json_of(plan.warnings);
  json["savedConfig"] = plan.config_to_save ? Json(plan.layout.saved_config().string()) : Json(nullptr);
  json["rememberedConfig"] = json["savedConfig"];  // its name in earlier versions
  return json;
}

}  // namespace

std::string to_json(const Plan& plan) { return formats::to_text(plan_json(plan, {})); }

std::string to_json(const Creation& creation) {
  auto json = plan_json(creation.plan, creation.issued);
  const auto& written = creation.written;
  json["dryRun"] = creation.dry_run;
  json["changed"] = creation.dry_run ? creation.plan.changes() : written.changed > 0;
  json["backup"] = written.backup.empty() ? Json(nullptr) : Json(written.backup);
  json["notes"] = json_of(written.notes);
  return formats::to_text(json);
}

}  // namespace pki::inline PKI_ABI
