#include <pki/report.hpp>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>

#include "formats/report/name_text.hpp"
#include "formats/yaml/yaml_tree.hpp"

using namespace pki;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds now{seconds{1795222095}};  // 2026-11-21T00:48:15Z

ReportRow sound(const std::string& name, const std::string& issuer) {
  Certificate certificate;
  certificate.subject = "CN=" + name + ",O=group";
  certificate.issuer = "CN=kubernetes-ca";
  certificate.common_name = name;
  certificate.organizations = {"group"};
  certificate.serial = "ff";
  certificate.not_before = now;
  certificate.not_after = now + seconds{31535999};
  certificate.key_algorithm = "RSA-2048";
  ReportRow row;
  row.name = name;
  row.path = "/k/pki/" + name + ".crt";
  row.owner = "pkigen";
  row.issuer = issuer;
  row.certificate = certificate;
  return row;
}

ReportRow missing(const std::string& name) {
  ReportRow row;
  row.name = name;
  row.path = "/k/pki/" + name + ".crt";
  row.state = State::missing;
  row.reason = "no such file";
  row.owner = "pkigen";
  row.issuer = "ca";
  return row;
}

Report small() {
  Report report;
  report.now = now;
  report.certificates = {sound("admin.conf", "ca"), missing("apiserver")};
  report.authorities = {sound("ca", "")};
  report.notes = {{{"/k/pki", "a remark", "do this"}, false}};
  return report;
}

}  // namespace

TEST_CASE("a report is kubeadm's JSON, keys in its order, with ours behind") {
  auto report = small();
  report.certificates[0].certificate->sans = {{GeneralName::Kind::dns, "cp-1"}};
  report.authorities.clear();
  CHECK(to_json(report) == R"({
    "kind": "CertificateExpirationInfo",
    "apiVersion": "output.kubeadm.k8s.io/v1alpha3",
    "certificates": [
        {
            "name": "admin.conf",
            "expirationDate": "2027-11-21T00:48:14Z",
            "residualTime": 31535999,
            "externallyManaged": false,
            "caName": "ca",
            "missing": false,
            "path": "/k/pki/admin.conf.crt",
            "state": "sound",
            "reason": "",
            "notBefore": "2026-11-21T00:48:15Z",
            "serial": "ff",
            "subject": "CN=admin.conf,O=group",
            "issuer": "CN=kubernetes-ca",
            "subjectAltNames": [
                {
                    "type": "DNS",
                    "value": "cp-1"
                }
            ],
            "algorithm": "RSA-2048",
            "owner": "pkigen"
        },
        {
            "name": "apiserver",
            "expirationDate": null,
            "residualTime": 0,
            "externallyManaged": false,
            "missing": true,
            "path": "/k/pki/apiserver.crt",
            "state": "missing",
            "reason": "no such file",
            "notBefore": null,
            "serial": "",
            "subject": "",
            "issuer": "",
            "subjectAltNames": [],
            "algorithm": "",
            "owner": "pkigen"
        }
    ],
    "certificateAuthorities": [],
    "others": [],
    "notes": [
        {
            "subject": "/k/pki",
            "message": "a remark",
            "hint": "do this",
            "alarm": false
        }
    ]
}
)");
}

TEST_CASE("a CA has no caName, an expired certificate a negative rest, an external one says so") {
  auto report = small();
  report.now = report.authorities[0].certificate->not_after + seconds{5};
  report.certificates[0].externally_managed = report.certificates[1].externally_managed = true;
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK_FALSE(json["certificateAuthorities"][0].contains("caName"));
  CHECK(json["certificateAuthorities"][0]["residualTime"] == -5);
  CHECK(json["certificates"][0]["externallyManaged"] == true);
  CHECK(json["certificates"][1]["externallyManaged"] == false);  // kubeadm says only the name of what is missing
}

TEST_CASE("what is left is cut off at whole seconds, within a second of the clock too") {
  auto report = small();
  const auto& certificate = *report.certificates[0].certificate;
  const std::tuple<int, bool, int> table[] = {{10, false, 10}, {10, true, 9},  {1, true, 0},
                                              {0, true, 0},    {-1, true, -1}, {-5, true, -5}};
  for (const auto& [until, within, left] : table) {
    CAPTURE(until, within);
    report.now = certificate.not_after - seconds{until};
    report.within_second = within;
    CHECK(report.residual(certificate) == seconds{left});
    CHECK(nlohmann::json::parse(to_json(report))["certificates"][0]["residualTime"] == left);
  }
}

TEST_CASE("a certificate that cannot be read is missing for kubeadm's readers and broken for ours") {
  auto report = small();
  report.certificates[1].state = State::broken;
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["certificates"][1]["missing"] == true);
  CHECK(json["certificates"][1]["state"] == "broken");
}

TEST_CASE("the YAML has the keys in alphabetical order") {
  auto report = small();
  report.certificates.pop_back();
  report.authorities.clear();
  CHECK(to_yaml(report) == R"(apiVersion: output.kubeadm.k8s.io/v1alpha3
certificateAuthorities: []
certificates:
- algorithm: RSA-2048
  caName: ca
  expirationDate: "2027-11-21T00:48:14Z"
  externallyManaged: false
  issuer: CN=kubernetes-ca
  missing: false
  name: admin.conf
  notBefore: "2026-11-21T00:48:15Z"
  owner: pkigen
  path: /k/pki/admin.conf.crt
  reason: ""
  residualTime: 31535999
  serial: ff
  state: sound
  subject: CN=admin.conf,O=group
  subjectAltNames: []
kind: CertificateExpirationInfo
notes:
- alarm: false
  hint: "do this"
  message: "a remark"
  subject: /k/pki
others: []
)");
}

TEST_CASE("texts that are hostile or no UTF-8 stay inside their quotes") {
  auto report = small();
  report.certificates[0].name = "a\"b\\c\nd\x1b\xff{}: #";
  report.certificates[0].certificate->serial = "1234";
  report.certificates[0].certificate->common_name = "x\"y\\z\n\xff";
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["certificates"][0]["name"] == "a\"b\\c\nd\x1b\xef\xbf\xbd{}: #");
  CHECK_THAT(to_yaml(report), contains("serial: \"1234\""));
  CHECK_THAT(to_prometheus(report), contains("subject_CN=\"x\\\"y\\\\z\\n\xef\xbf\xbd\""));
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

TEST_CASE("an attribute is found in an RFC 4514 name, without its escapes") {
  CHECK(formats::attribute_of("CN=kubernetes-ca", "CN") == "kubernetes-ca");
  CHECK(formats::attribute_of("CN=a\\,b\\+c,O=x", "CN") == "a,b+c");
  CHECK(formats::attribute_of("CN=a\\0Ab,O=x", "CN") == "a\nb");
  CHECK(formats::attribute_of("OU=CN=no,O=x", "CN").empty());
  CHECK(formats::attribute_of("CN=last,CN=first", "CN") == "first");
  CHECK(formats::attribute_of("CN=last,CN=first+CN=second", "CN") == "first");
  CHECK(formats::attribute_of("CN=a+O=b,O=c", "O") == "c");
  CHECK(formats::attribute_of("", "CN").empty());
  CHECK(formats::attribute_of("CN=open\\", "CN") == "open\\");
}

TEST_CASE("serial numbers of any length are written in decimal") {
  CHECK(formats::to_decimal("") == "0");
  CHECK(formats::to_decimal("0") == "0");
  CHECK(formats::to_decimal("ff") == "255");
  CHECK(formats::to_decimal("FF") == "255");
  CHECK(formats::to_decimal("ffffffffffffffff") == "18446744073709551615");
  CHECK(formats::to_decimal("7fffffffffffffffffffffffffffffffffffffff") ==
        "730750818665451459101842416358141509827966271487");
}
