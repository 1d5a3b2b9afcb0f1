// SPDX-License-Identifier: Apache-2.0
#include "print/report_text.hpp"

#include <support/catch.hpp>

#include "commands/as_of.hpp"

using namespace pki;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::sys_seconds now = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 0h + 48min + 15s;
constexpr std::chrono::seconds day = 24h;

ReportRow row(const std::string& name, const std::string& issuer, std::chrono::seconds left = 365 * day - 1s) {
  ReportRow row;
  row.name = name;
  row.issuer = issuer;
  row.owner = "pkigen";
  row.path = "/k/" + name;
  row.certificate.emplace();
  row.certificate->not_after = now + left;
  row.certificate->key_algorithm = "RSA-2048";
  row.certificate->serial = "1f";
  return row;
}

ReportRow without_certificate(const std::string& name, State state) {
  auto result = row(name, "ca");
  result.certificate.reset();
  result.state = state;
  return result;
}

Report fresh() {
  Report report;
  report.now = now;
  for (const auto& [name, ca] : {std::pair{"admin.conf", "ca"},
                                 {"apiserver", "ca"},
                                 {"apiserver-etcd-client", "etcd-ca"},
                                 {"apiserver-kubelet-client", "ca"},
                                 {"controller-manager.conf", "ca"},
                                 {"etcd-healthcheck-client", "etcd-ca"},
                                 {"etcd-peer", "etcd-ca"},
                                 {"etcd-server", "etcd-ca"},
                                 {"front-proxy-client", "front-proxy-ca"},
                                 {"scheduler.conf", "ca"}})
    report.certificates.push_back(row(name, ca));
  report.certificates.push_back(without_certificate("super-admin.conf", State::missing));
  report.certificates.back().optional = true;
  for (const auto* name : {"ca", "etcd-ca", "front-proxy-ca"})
    report.authorities.push_back(row(name, "", 3650 * day - 1s));
  return report;
}

// Ends of lines are marked with `|`, because blanks before them count.
std::string marked(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '\n' ? "|\n" : std::string(1, c);
  return out;
}

}  // namespace

TEST_CASE("the tables are kubeadm's, byte for byte") {
  CHECK(
      marked(cli::to_text(fresh(), false)) ==
      R"(CERTIFICATE                  EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED|
admin.conf                   Nov 21, 2027 00:48 UTC   364d            ca                      no      |
apiserver                    Nov 21, 2027 00:48 UTC   364d            ca                      no      |
apiserver-etcd-client        Nov 21, 2027 00:48 UTC   364d            etcd-ca                 no      |
apiserver-kubelet-client     Nov 21, 2027 00:48 UTC   364d            ca                      no      |
controller-manager.conf      Nov 21, 2027 00:48 UTC   364d            ca                      no      |
etcd-healthcheck-client      Nov 21, 2027 00:48 UTC   364d            etcd-ca                 no      |
etcd-peer                    Nov 21, 2027 00:48 UTC   364d            etcd-ca                 no      |
etcd-server                  Nov 21, 2027 00:48 UTC   364d            etcd-ca                 no      |
front-proxy-client           Nov 21, 2027 00:48 UTC   364d            front-proxy-ca          no      |
scheduler.conf               Nov 21, 2027 00:48 UTC   364d            ca                      no      |
!MISSING! super-admin.conf                                                                    |
|
CERTIFICATE AUTHORITY   EXPIRES                  RESIDUAL TIME   EXTERNALLY MANAGED|
ca                      Nov 18, 2036 00:48 UTC   9y              no      |
etcd-ca                 Nov 18, 2036 00:48 UTC   9y              no      |
front-proxy-ca          Nov 18, 2036 00:48 UTC   9y              no      |
)");
}

TEST_CASE("with nothing missing the first column is as wide as the longest name") {
  auto report = fresh();
  report.certificates.resize(4);
  report.authorities.clear();
  CHECK(
      marked(cli::to_text(report, false)) ==
      R"(CERTIFICATE                EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED|
admin.conf                 Nov 21, 2027 00:48 UTC   364d            ca                      no      |
apiserver                  Nov 21, 2027 00:48 UTC   364d            ca                      no      |
apiserver-etcd-client      Nov 21, 2027 00:48 UTC   364d            etcd-ca                 no      |
apiserver-kubelet-client   Nov 21, 2027 00:48 UTC   364d            ca                      no      |
)");
}

TEST_CASE("an external, an expired, an invalid and a missing row, one with a token, and a CA that is missing") {
  Report report;
  report.now = now;
  report.certificates = {row("admin.conf", "ca", -5s), without_certificate("apiserver", State::invalid),
                         without_certificate("etcd-peer", State::missing),
                         without_certificate("scheduler.conf", State::valid)};
  report.certificates[0].externally_managed = true;
  report.authorities = {without_certificate("ca", State::missing)};
  CHECK(marked(cli::to_text(report, false)) ==
        R"(CERTIFICATE           EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED|
admin.conf            Nov 21, 2026 00:48 UTC   <invalid>       ca                      yes     |
!INVALID! apiserver                                                                    |
!MISSING! etcd-peer                                                                    |
scheduler.conf        no certificate                                                   |
|
CERTIFICATE AUTHORITY   EXPIRES   RESIDUAL TIME   EXTERNALLY MANAGED|
!MISSING! ca                                      |
)");
}

TEST_CASE("unmanaged certificates have their own table, followed by the notes, one per line") {
  Report report;
  report.now = now;
  report.authorities = {row("ca", "", 3650 * day)};
  report.others = {row("kubelet-client-current.pem", "", 300 * day), without_certificate("kubelet.conf", State::valid)};
  report.others[0].owner = report.others[1].owner = "kubelet";
  report.others[1].reason = "points to /p";
  report.notes = {{pki::Rule::outlives_ca, pki::Severity::warning, "/k/ca.crt", "a remark"},
                  {pki::Rule::malformed, pki::Severity::error, "/k/\x1b[31m\n", "bad", {}, "mend it"}};
  CHECK(marked(cli::to_text(report, false)) ==
        R"(CERTIFICATE AUTHORITY   EXPIRES                  RESIDUAL TIME   EXTERNALLY MANAGED|
ca                      Nov 18, 2036 00:48 UTC   10y             no      |
|
CERTIFICATE                  EXPIRES                  RESIDUAL TIME   OWNER     PATH|
kubelet-client-current.pem   Sep 17, 2027 00:48 UTC   300d            kubelet   /k/kubelet-client-current.pem|
kubelet.conf                                                          kubelet   /k/kubelet.conf (points to /p)|
|
note: /k/ca.crt: a remark|
alarm: /k/\x1b[31m\x0a: bad (mend it)|
)");
}

TEST_CASE("wide adds state, algorithm, serial and path") {
  Report report;
  report.now = now;
  report.certificates = {row("apiserver", "ca"), without_certificate("etcd-peer", State::missing)};
  CHECK(
      marked(cli::to_text(report, true)) ==
      R"(CERTIFICATE           EXPIRES                  RESIDUAL TIME   CERTIFICATE AUTHORITY   EXTERNALLY MANAGED   STATE     ALGORITHM   SERIAL    PATH|
apiserver             Nov 21, 2027 00:48 UTC   364d            ca                      no                   valid     RSA-2048    1f        /k/apiserver|
!MISSING! etcd-peer                                                                                         missing                         /k/etcd-peer|
)");
}

TEST_CASE("columns are as wide as their characters, not their bytes") {
  Report report;
  report.now = now;
  report.others = {row("zertifikat-für-alle", "", 300 * day)};
  CHECK_THAT(cli::to_text(report, false), contains("zertifikat-für-alle   Sep 17"));
}

TEST_CASE("only what needs attention is left in a quiet report") {
  auto report = fresh();
  report.notes = {{pki::Rule::outlives_ca, pki::Severity::warning, "a", "remark"},
                  {pki::Rule::malformed, pki::Severity::error, "b", "alarm"}};
  report.certificates[1].state = State::expired;
  const auto quiet = cli::only_attention(report);
  CHECK(quiet.certificates.size() == 1);
  CHECK(quiet.authorities.empty());
  CHECK(quiet.notes.size() == 1);
}

TEST_CASE("an instant is a date, a date and time, or a signed duration") {
  const auto midnight = std::chrono::sys_seconds{std::chrono::sys_days{std::chrono::year{2027} / 1 / 31}};
  CHECK(cli::parse_as_of("2027-01-31", now) == midnight);
  CHECK(cli::parse_as_of("2027-01-31T12:30:05Z", now) == midnight + 12h + 30min + 5s);
  CHECK(cli::parse_as_of("2027-01-31 12:30:05z", now) == midnight + 12h + 30min + 5s);
  CHECK(cli::parse_as_of("2027-01-31T12:30:05.75+02:00", now) == midnight + 10h + 30min + 5s);
  CHECK(cli::parse_as_of("2027-01-31T12:30:05-02:30", now) == midnight + 15h + 5s);
  CHECK(cli::parse_as_of("2027-01-31t12:30:05z", now) == midnight + 12h + 30min + 5s);
  CHECK(cli::parse_as_of("9999-12-31T23:59:59Z", now) == std::chrono::sys_seconds{253'402'300'799s});
  CHECK(cli::parse_as_of("1950-01-01", now) == std::chrono::sys_seconds{-631'152'000s});
  CHECK(cli::parse_as_of("+90d", now) == now + 90 * day);
  CHECK(cli::parse_as_of("-1h30m", now) == now - 90min);
}

TEST_CASE("anything else is not an instant") {
  for (const std::string text : {"",
                                 "x",
                                 "90d",
                                 "2027",
                                 "2027-1-31",
                                 "2027-02-30",
                                 "2027-13-01",
                                 "2027-01-31T",
                                 "2027-01-31T12:30",
                                 "2027-01-31T12:30:05",
                                 "2027-01-31T24:00:00Z",
                                 "2027-01-31T12:60:00Z",
                                 "2027-01-31Z",
                                 "2027-01-31T12:30:05Zx",
                                 "2027-01-31T12:30:60Z",
                                 "9999-12-31T23:59:59-00:01",
                                 "0000-01-01T00:00:00+00:01",
                                 "10000-01-01",
                                 "+3000000d",
                                 "-3000000d",
                                 "+99999999999999999999d",
                                 "+",
                                 "+1",
                                 "+x",
                                 "2027-01-31T12:30:05+0200"}) {
    INFO(text);
    CHECK_THROWS_AS(cli::parse_as_of(text, now), pki::Error);
  }
}

TEST_CASE("an unmanaged file that cannot be read is one line, which has the reason") {
  Report report;
  report.now = now;
  report.others = {without_certificate("bad.crt", State::invalid)};
  report.others[0].owner = "unknown";
  report.others[0].reason = "certificate 1 is not base64";
  CHECK(marked(cli::to_text(report, false)) ==
        R"(CERTIFICATE         EXPIRES   RESIDUAL TIME   OWNER     PATH|
!INVALID! bad.crt                             unknown   /k/bad.crt (certificate 1 is not base64)|
)");
}

TEST_CASE("an unmanaged certificate that is refused, or ends with its chain, has the reason in its line") {
  Report report;
  report.now = now;
  report.others = {row("chain.pem", "", 300 * day), row("short.pem", "", 300 * day)};
  report.others[0].state = State::invalid;
  report.others[0].reason = "OpenSSL refuses it";
  report.others[1].state = State::expired;
  report.others[1].reason = "certificate 2 expired";
  report.others[1].chain_end = now - day;
  for (auto& each : report.others)
    each.owner = "unknown";
  CHECK(marked(cli::to_text(report, false)) ==
        R"(CERTIFICATE           EXPIRES                  RESIDUAL TIME   OWNER     PATH|
!INVALID! chain.pem   Sep 17, 2027 00:48 UTC   300d            unknown   /k/chain.pem (OpenSSL refuses it)|
short.pem             Nov 20, 2026 00:48 UTC   <invalid>       unknown   /k/short.pem (certificate 2 expired)|
)");
}

TEST_CASE("a report ends with its totals, and a quiet one has none") {
  Report report;
  report.now = now;
  report.others = {row("old.crt", "", -day)};
  report.others[0].state = State::expired;
  report.notes = {{Rule::unexpected, Severity::error, "x", "an alarm"}};
  const auto last_line = [&] {
    const auto text = cli::to_text(report, false);
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  CHECK(last_line() == "alarm: x: an alarm\n");
  report.totals = Totals{.files = 12, .certificates = 5, .states = {3, 1, 0, 1, 0, 2}, .earliest_end = now - day};
  CHECK(
      last_line() ==
      "total: 12 files, 5 certificates: 3 valid, 1 expiring, 1 expired, 2 invalid; earliest expiry Nov 20, 2026 00:48 "
      "UTC\n");
  report.totals = Totals{.files = 1, .certificates = 1, .states = {1, 0, 0, 0, 0, 0}, .earliest_end = now};
  CHECK(last_line() == "total: 1 file, 1 certificate: 1 valid; earliest expiry Nov 21, 2026 00:48 UTC\n");
  report.totals = Totals{};
  CHECK(last_line() == "total: 0 files, 0 certificates\n");
  CHECK_FALSE(cli::only_attention(report).totals);
}
