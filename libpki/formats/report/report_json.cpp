// SPDX-License-Identifier: Apache-2.0
#include "formats/report/report_json.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace pki::formats {

namespace {

// Returns a row as kubeadm shows a missing certificate: the name and nothing else. An invalid one counts as missing
// here, because readers of kubeadm's output expect a date in every other row; `state` distinguishes the two.
Json kubeadm_part(const ReportRow& row, const Report& report) {
  const auto& certificate = row.certificate;
  auto json = new_object();
  json["name"] = row.name;
  json["expirationDate"] = certificate ? json_of(row.expiration()) : Json(nullptr);
  json["residualTime"] = certificate ? report.residual(row).count() : 0;
  json["externallyManaged"] = certificate && row.externally_managed;
  if (certificate && !row.issuer.empty()) json["caName"] = row.issuer;
  json["missing"] = !certificate;
  return json;
}

Json certificates_json(const std::vector<Certificate>& certificates) {
  auto list = Json::array();
  for (const auto& each : certificates)
    list.push_back({{"subject", each.subject},
                    {"issuer", each.issuer},
                    {"serial", each.serial},
                    {"notBefore", json_of(each.not_before)},
                    {"notAfter", json_of(each.not_after)}});
  return list;
}

Json row_json(const ReportRow& row, const Report& report) {
  static const Certificate none{};
  const auto& certificate = row.certificate ? *row.certificate : none;
  auto json = kubeadm_part(row, report);
  json["path"] = row.path.string();
  json["state"] = std::string(to_string(row.state));
  json["reason"] = row.reason;
  json["notBefore"] = row.certificate ? json_of(certificate.not_before) : Json(nullptr);
  json["notAfter"] = row.certificate ? json_of(certificate.not_after) : Json(nullptr);
  json["chainEnd"] = row.certificate ? json_of(row.end()) : Json(nullptr);
  json["serial"] = certificate.serial;
  json["subject"] = certificate.subject;
  json["issuer"] = certificate.issuer;
  json["subjectAltNames"] = json_of(certificate.sans);
  json["algorithm"] = certificate.key_algorithm;
  json["owner"] = row.owner;
  if (!row.signing_key.empty()) json["signingKey"] = row.signing_key;
  if (!row.further.empty()) json["furtherCertificates"] = certificates_json(row.further);
  if (!row.trusted.empty()) json["trustedCertificates"] = certificates_json(row.trusted);
  return json;
}

Json rows_json(const std::vector<ReportRow>& rows, const Report& report) {
  auto list = Json::array();
  for (const auto& row : rows)
    list.push_back(row_json(row, report));
  return list;
}

Json served_json(const Report& report) {
  auto list = rows_json(report.served, report);
  for (std::size_t i = 0; i < report.served.size(); ++i) {
    list[i].erase("path");
    list[i].erase("owner");
    list[i]["endpoint"] = report.served[i].place;
  }
  return list;
}

Json notes_json(const std::vector<Finding>& notes) {
  auto list = Json::array();
  for (const auto& note : notes) {
    list.push_back(json_of(note));
    list.back()["alarm"] = note.severity == Severity::error;
  }
  return list;
}

Json totals_json(const Totals& totals) {
  Json json;
  json["files"] = totals.files;
  json["certificates"] = totals.certificates;
  for (const auto state :
       {State::valid, State::expiring, State::not_yet_valid, State::expired, State::missing, State::invalid})
    json["states"][std::string(to_string(state))] = totals.of(state);
  json["earliestExpirationDate"] = totals.earliest_end ? json_of(*totals.earliest_end) : Json(nullptr);
  return json;
}

}  // namespace

Json report_json(const Report& report) {
  auto json = new_object();
  json["kind"] = "CertificateExpirationInfo";
  json["apiVersion"] = "output.kubeadm.k8s.io/v1alpha3";
  json["certificates"] = rows_json(report.certificates, report);
  json["certificateAuthorities"] = rows_json(report.authorities, report);
  json["others"] = rows_json(report.others, report);
  if (!report.served.empty()) json["served"] = served_json(report);
  json["notes"] = notes_json(report.notes);
  json["role"] = std::string(to_string(report.role));
  json["roleInferred"] = report.role_inferred;
  if (report.totals) json["totals"] = totals_json(*report.totals);
  return json;
}

namespace {

/// Returns one value as text, its further lines indented by `depth` blanks.
std::string dumped(const Json& json, std::size_t depth) {
  const auto text = dump(json, 4);
  const std::string indented = "\n" + std::string(depth, ' ');
  std::string result;
  for (const char c : text) {  // a line break inside of a string is written as two characters
    if (c == '\n') {
      result += indented;
    } else {
      result += c;
    }
  }
  return result;
}

std::string report_text(const Report& report) {
  const Report rest{.catalog = report.catalog,
                    .now = report.now,
                    .within_second = report.within_second,
                    .role = report.role,
                    .role_inferred = report.role_inferred,
                    .certificates = report.certificates,
                    .authorities = report.authorities,
                    .others = {},
                    .served = report.served,
                    .notes = report.notes,
                    .totals = report.totals};
  auto shell = dumped(report_json(rest), 0);
  if (report.others.empty()) return shell;
  // There may be thousands of rows, and as Json a row takes several times the memory of its text.
  constexpr std::string_view place = "\n    \"others\": [";
  const auto at = shell.find(place) + place.size();
  auto text = shell.substr(0, at);
  for (const auto& row : report.others)
    text += (&row == &report.others.front() ? "\n        " : ",\n        ") + dumped(row_json(row, report), 8);
  return std::move(text) + "\n    " + shell.substr(at);
}

}  // namespace

}  // namespace pki::formats

namespace pki::inline PKI_ABI {

std::string to_json(const Report& report) { return formats::report_text(report) + "\n"; }

}  // namespace pki::inline PKI_ABI
