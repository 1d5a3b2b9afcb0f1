// SPDX-License-Identifier: Apache-2.0
#include <pki/report.hpp>

#include <support/catch.hpp>

#include <string>

#include "report_samples.hpp"

using namespace pki;
using namespace sample;

TEST_CASE("hostile texts and invalid UTF-8 stay inside their quotes in metrics") {
  auto report = small();
  report.certificates[0].certificate->common_name = "x\"y\\z\n\xff";
  CHECK_THAT(to_prometheus(report), contains("subject_CN=\"x\\\"y\\\\z\\n\\\\xff\""));
}

TEST_CASE("metrics have the names and labels of x509-certificate-exporter") {
  auto report = small();
  report.certificates[0].place = "user kubernetes-admin";
  const auto text = to_prometheus(report);
  const std::string admin =
      "{embedded_key=\"kubernetes-admin\",embedded_kind=\"user\",filename=\"admin.conf.crt\",filepath=\"/k/pki/"
      "admin.conf.crt\","
      "issuer_CN=\"kubernetes-ca\",serial_number=\"255\",subject_CN=\"admin.conf\",subject_O=\"group\"}";
  CHECK_THAT(text, contains("# TYPE x509_cert_not_after gauge\nx509_cert_not_after" + admin + " 1826758094\n"));
  CHECK_THAT(text, contains("x509_cert_not_before" + admin + " 1795222095\n"));
  CHECK_THAT(text, contains("x509_cert_expired" + admin + " 0\n"));
  CHECK_THAT(text, contains("x509_cert_expires_in_seconds" + admin + " 31535999\n"));
  CHECK_THAT(text, contains("x509_cert_valid_since_seconds" + admin + " 0\n"));
  CHECK_THAT(text, contains("x509_cert_error{filename=\"apiserver.crt\",filepath=\"/k/pki/apiserver.crt\"} 1\n"));
  CHECK_THAT(text, contains("\nx509_read_errors 1\n"));
  CHECK_THAT(text, contains("\npkigen_worst_state 4\n"));
  CHECK_THAT(text,
             contains("pkigen_cert_state{filepath=\"/k/pki/apiserver.crt\",name=\"apiserver\",owner=\"pkigen\"} 4\n"));
}

TEST_CASE("every certificate of a file is a series, and the row has the end of its chain") {
  auto report = small();
  auto& row = report.certificates[0];
  row.further = {*report.authorities[0].certificate};
  row.further[0].common_name = "intermediate";
  row.further[0].not_after = now + std::chrono::seconds{100};
  row.chain_end = row.further[0].not_after;
  const auto text = to_prometheus(report);
  CHECK_THAT(text, contains("subject_CN=\"admin.conf\",subject_O=\"group\"} 1826758094\n"));
  CHECK_THAT(text, contains("subject_CN=\"intermediate\",subject_O=\"group\"} 1795222195\n"));
  CHECK_THAT(text, contains("pkigen_cert_end_timestamp_seconds{filepath=\"/k/pki/admin.conf.crt\",name=\"admin.conf\","
                            "owner=\"pkigen\"} 1795222195\n"));
  CHECK_THAT(text, contains("name=\"ca\",owner=\"pkigen\"} 1826758094\n"));
}

TEST_CASE("a row that may be missing is no read error, and no series stands twice") {
  auto report = small();
  report.certificates[1].optional = true;
  report.others = {report.authorities[0], report.authorities[0]};
  const auto text = to_prometheus(report);
  CHECK_THAT(text, contains("\nx509_read_errors 0\n"));
  const auto first = text.find("x509_cert_not_after{filename=\"ca.crt\"");
  REQUIRE(first != std::string::npos);
  CHECK(text.find("x509_cert_not_after{filename=\"ca.crt\"", first + 1) == std::string::npos);
}

TEST_CASE("the CAs that a kubeconfig trusts are series of their own, in it or in another file") {
  auto report = sample::small();
  auto& row = report.certificates[0];
  row.place = "user me";
  row.trusted = {report.authorities[0].certificate.value()};
  row.trusted_place = "cluster here";
  CHECK_THAT(to_prometheus(report),
             contains("x509_cert_not_after{embedded_key=\"here\",embedded_kind=\"cluster\",filename=\"admin.conf.crt\","
                      "filepath=\"/k/pki/admin.conf.crt\",issuer_CN=\"kubernetes-ca\""));
  row.trusted_place = "/k/trusted.pem";
  CHECK_THAT(to_prometheus(report),
             contains("x509_cert_not_after{filename=\"trusted.pem\",filepath=\"/k/trusted.pem\""));
  // A fault of the kubeconfig's own certificate is none of the file that it trusts.
  row.certificate.reset();
  row.state = pki::State::invalid;
  CHECK_THAT(to_prometheus(report),
             contains("x509_cert_error{filename=\"trusted.pem\",filepath=\"/k/trusted.pem\"} 0"));
}

TEST_CASE("the files looked at are a metric where they were counted") {
  auto report = small();
  CHECK(to_prometheus(report).find("pkigen_scanned_files") == std::string::npos);
  report.totals.emplace().files = 12;
  CHECK_THAT(to_prometheus(report), contains("\n# TYPE pkigen_scanned_files gauge\npkigen_scanned_files 12\n"));
}
