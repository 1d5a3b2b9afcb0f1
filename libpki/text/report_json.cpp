#include "text/report_json.hpp"

#include <string>

namespace pki::text {

namespace {

// What kubeadm says of a certificate that is not there: the name and nothing else. One that cannot be read counts as
// missing here, because a reader of kubeadm's output takes every other row to have a date; `state` tells them apart.
Json kubeadm_part(const ReportRow& row, std::chrono::sys_seconds now) {
  const auto& certificate = row.certificate;
  Json json;
  json["name"] = row.name;
  json["expirationDate"] = certificate ? json_of(certificate->not_after) : Json(nullptr);
  json["residualTime"] = certificate ? (certificate->not_after - now).count() : 0;
  json["externallyManaged"] = certificate && row.externally_managed;
  if (certificate && !row.issuer.empty()) json["caName"] = row.issuer;
  json["missing"] = !certificate;
  return json;
}

Json row_json(const ReportRow& row, std::chrono::sys_seconds now) {
  static const Certificate none{};
  const auto& certificate = row.certificate ? *row.certificate : none;
  auto json = kubeadm_part(row, now);
  json["path"] = row.path.string();
  json["state"] = std::string(to_string(row.state));
  json["reason"] = row.reason;
  json["notBefore"] = json_of(certificate.not_before);
  json["serial"] = certificate.serial;
  json["subject"] = certificate.subject;
  json["issuer"] = certificate.issuer;
  json["subjectAltNames"] = json_of(certificate.sans);
  json["algorithm"] = certificate.key_algorithm;
  json["owner"] = row.owner;
  return json;
}

Json rows_json(const std::vector<ReportRow>& rows, std::chrono::sys_seconds now) {
  auto list = Json::array();
  for (const auto& row : rows)
    list.push_back(row_json(row, now));
  return list;
}

Json served_json(const std::vector<ReportRow>& rows, std::chrono::sys_seconds now) {
  auto list = rows_json(rows, now);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    list[i].erase("path");
    list[i].erase("owner");
    list[i]["endpoint"] = rows[i].place;
  }
  return list;
}

Json notes_json(const std::vector<Note>& notes) {
  auto list = Json::array();
  for (const auto& note : notes) {
    list.push_back(json_of(note.problem));
    list.back()["alarm"] = note.alarm;
  }
  return list;
}

}  // namespace

Json report_json(const Report& report) {
  Json json;
  json["kind"] = "CertificateExpirationInfo";
  json["apiVersion"] = "output.kubeadm.k8s.io/v1alpha3";
  json["certificates"] = rows_json(report.certificates, report.now);
  json["certificateAuthorities"] = rows_json(report.authorities, report.now);
  json["others"] = rows_json(report.others, report.now);
  if (!report.served.empty()) json["served"] = served_json(report.served, report.now);
  json["notes"] = notes_json(report.notes);
  return json;
}

}  // namespace pki::text

namespace pki {

std::string to_json(const Report& report) {
  return text::report_json(report).dump(4, ' ', false, text::Json::error_handler_t::replace) + "\n";
}

}  // namespace pki
