// SPDX-License-Identifier: Apache-2.0
#include <pki/report.hpp>

#include <support/catch.hpp>

#include "formats/yaml/yaml_tree.hpp"

#include "report_samples.hpp"

using namespace pki;
using namespace sample;

TEST_CASE("the YAML has the keys in alphabetical order") {
  auto report = small();
  report.certificates.pop_back();
  report.authorities.clear();
  CHECK(to_yaml(report) == R"(apiVersion: output.kubeadm.k8s.io/v1alpha3
certificateAuthorities: []
certificates:
- algorithm: RSA-2048
  caName: ca
  chainEnd: "2027-11-21T00:48:14Z"
  expirationDate: "2027-11-21T00:48:14Z"
  externallyManaged: false
  issuer: CN=kubernetes-ca
  missing: false
  name: admin.conf
  notAfter: "2027-11-21T00:48:14Z"
  notBefore: "2026-11-21T00:48:15Z"
  owner: pkigen
  path: /k/pki/admin.conf.crt
  reason: ""
  residualTime: 31535999
  serial: ff
  state: valid
  subject: CN=admin.conf,O=group
  subjectAltNames: []
kind: CertificateExpirationInfo
notes:
- alarm: false
  code: ca-ends-soon
  hint: "do this"
  message: "a remark"
  severity: warning
  subject: /k/pki
others: []
role: control-plane
roleInferred: false
)");
}

TEST_CASE("hostile texts and invalid UTF-8 stay inside their quotes in YAML") {
  auto report = small();
  report.certificates[0].name = "a\"b\\c\nd\x1b\xff{}: #";
  report.certificates[0].certificate->serial = "1234";
  const auto text = to_yaml(report);
  CHECK_THAT(text, contains("serial: \"1234\""));
  const auto tree = formats::parse_yaml(text);
  REQUIRE(tree.find("certificates") != nullptr);
  CHECK(tree.find("certificates")->items.at(0).find("name")->text == "a\"b\\c\nd\x1b\xef\xbf\xbd{}: #");
}
