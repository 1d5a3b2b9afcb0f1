// SPDX-License-Identifier: Apache-2.0
#include <pki/report.hpp>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>

#include <iterator>
#include <tuple>

#include "report_samples.hpp"

using namespace pki;
using namespace sample;
using std::chrono::seconds;

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
            "state": "valid",
            "reason": "",
            "notBefore": "2026-11-21T00:48:15Z",
            "notAfter": "2027-11-21T00:48:14Z",
            "chainEnd": "2027-11-21T00:48:14Z",
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
            "notAfter": null,
            "chainEnd": null,
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
            "code": "ca-ends-soon",
            "severity": "warning",
            "subject": "/k/pki",
            "message": "a remark",
            "hint": "do this",
            "alarm": false
        }
    ],
    "role": "control-plane",
    "roleInferred": false
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
    CHECK(report.residual(report.certificates[0]) == seconds{left});
    CHECK(nlohmann::json::parse(to_json(report))["certificates"][0]["residualTime"] == left);
  }
}

TEST_CASE("a row expires with its chain, and shows every certificate of its file") {
  auto report = small();
  auto& row = report.certificates[0];
  row.further = {*report.authorities[0].certificate};
  row.further[0].subject = "CN=intermediate";
  row.further[0].not_after = now + seconds{100};
  row.chain_end = now + seconds{100};
  const auto json = nlohmann::json::parse(to_json(report))["certificates"][0];
  CHECK(json["expirationDate"] == "2026-11-21T00:49:55Z");
  CHECK(json["residualTime"] == 100);
  CHECK(json["notAfter"] == "2027-11-21T00:48:14Z");
  CHECK(json["chainEnd"] == "2026-11-21T00:49:55Z");
  CHECK(json["furtherCertificates"].size() == 1);
  CHECK(json["furtherCertificates"][0] == nlohmann::json{{"subject", "CN=intermediate"},
                                                         {"issuer", "CN=kubernetes-ca"},
                                                         {"serial", "ff"},
                                                         {"notBefore", "2026-11-21T00:48:15Z"},
                                                         {"notAfter", "2026-11-21T00:49:55Z"}});
}

TEST_CASE("a kubeconfig shows the CAs that it trusts") {
  auto report = sample::small();
  CHECK(to_json(report).find("trustedCertificates") == std::string::npos);
  report.certificates[0].trusted = {report.authorities[0].certificate.value()};
  const auto text = to_json(report);
  const auto at = text.find("\"trustedCertificates\": [");
  REQUIRE(at != std::string::npos);
  CHECK_THAT(text.substr(at), contains("\"subject\": \"CN=ca,O=group\""));
  CHECK_THAT(text.substr(at), contains("\"notAfter\": \"2027-11-21T00:48:14Z\""));
}

TEST_CASE("the end of a CA is that of its own row in kubeadm's keys") {
  auto report = small();
  report.certificates[0].chain_end = now + seconds{100};
  report.certificates[0].ends_with_ca = true;
  const auto json = nlohmann::json::parse(to_json(report))["certificates"][0];
  CHECK(json["expirationDate"] == "2027-11-21T00:48:14Z");
  CHECK(json["residualTime"] == 31535999);
  CHECK(json["chainEnd"] == "2026-11-21T00:49:55Z");
}

TEST_CASE("a certificate that cannot be read is missing for kubeadm's readers and invalid for ours") {
  auto report = small();
  report.certificates[1].state = State::invalid;
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["certificates"][1]["missing"] == true);
  CHECK(json["certificates"][1]["state"] == "invalid");
}

TEST_CASE("hostile texts and invalid UTF-8 stay inside their quotes in JSON") {
  auto report = small();
  report.certificates[0].name = "a\"b\\c\nd\x1b\xff{}: #";
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["certificates"][0]["name"] == "a\"b\\c\nd\x1b\xef\xbf\xbd{}: #");
}

TEST_CASE("JSON has no control character that a terminal would obey") {
  auto report = small();
  const std::string name =
      "a\x7f"
      "b\xc2\x9b\xc2\x80"
      "c\xc3\x96 \xc2\xa0";
  report.certificates[0].name = report.others.emplace_back().name = name;
  const auto text = to_json(report);
  CHECK_THAT(text, contains("\"a\\u007fb\\u009b\\u0080c\xc3\x96 \xc2\xa0\""));
  const auto json = nlohmann::json::parse(text);
  CHECK(json["certificates"][0]["name"] == name);
  CHECK(json["others"][0]["name"] == name);
}

TEST_CASE("totals are the last member, where there are any") {
  auto report = small();
  CHECK_FALSE(nlohmann::json::parse(to_json(report)).contains("totals"));
  report.totals = Totals{.files = 12, .certificates = 5, .states = {3, 1, 0, 1, 0, 2}};
  const auto expected = R"({"files": 12, "certificates": 5, "states": {"valid": 3, "expiring": 1, "not-yet-valid": 0,
                            "expired": 1, "missing": 0, "invalid": 2}, "earliestExpirationDate": null})";
  CHECK(nlohmann::json::parse(to_json(report))["totals"] == nlohmann::json::parse(expected));
  report.totals->earliest_end = sample::now;
  for (const bool rows : {false, true}) {
    if (rows) report.others = {sound("a.crt", "")};
    const auto json = nlohmann::ordered_json::parse(to_json(report));
    CHECK(json["totals"]["earliestExpirationDate"] == "2026-11-21T00:48:15Z");
    CHECK(std::prev(json.end()).key() == "totals");
  }
  CHECK_THAT(to_yaml(report), contains("totals:\n  certificates: 5\n  earliestExpirationDate: "));
}
