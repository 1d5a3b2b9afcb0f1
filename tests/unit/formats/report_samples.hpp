// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include <pki/report.hpp>

/// A small report for the tests of this folder.
namespace sample {

inline constexpr std::chrono::sys_seconds now{std::chrono::seconds{1795222095}};  // 2026-11-21T00:48:15Z

inline pki::ReportRow sound(const std::string& name, const std::string& issuer) {
  pki::Certificate certificate;
  certificate.subject = "CN=" + name + ",O=group";
  certificate.issuer = "CN=kubernetes-ca";
  certificate.common_name = name;
  certificate.organizations = {"group"};
  certificate.serial = "ff";
  certificate.not_before = now;
  certificate.not_after = now + std::chrono::seconds{31535999};
  certificate.key_algorithm = "RSA-2048";
  pki::ReportRow row;
  row.name = name;
  row.path = "/k/pki/" + name + ".crt";
  row.owner = "pkigen";
  row.issuer = issuer;
  row.certificate = certificate;
  return row;
}

inline pki::ReportRow missing(const std::string& name) {
  pki::ReportRow row;
  row.name = name;
  row.path = "/k/pki/" + name + ".crt";
  row.state = pki::State::missing;
  row.reason = "no such file";
  row.owner = "pkigen";
  row.issuer = "ca";
  return row;
}

inline pki::Report small() {
  pki::Report report;
  report.now = now;
  report.certificates = {sound("admin.conf", "ca"), missing("apiserver")};
  report.authorities = {sound("ca", "")};
  report.notes = {{pki::Rule::ca_ends_soon, pki::Severity::warning, "/k/pki", "a remark", {}, "do this"}};
  return report;
}

}  // namespace sample
