// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <pki/live.hpp>

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

pki::Certificate certificate(const std::string& serial, std::chrono::seconds left = 24h * 300) {
  pki::Certificate result;
  result.serial = serial;
  result.issuer = "CN=CA";
  result.not_before = now - 24h;
  result.not_after = now + left;
  return result;
}

pki::Report report_with(const std::string& name, const pki::Certificate& on_disk) {
  pki::Report report;
  report.now = now;
  pki::ReportRow row;
  row.name = name;
  row.certificate = on_disk;
  report.certificates.push_back(row);
  return report;
}

pki::ReportRow judge(const pki::Report& report, const std::string& name, const pki::Served& served,
                     bool required = false) {
  return pki::inspect_served(report, "127.0.0.1:6443", name, served, {}, required);
}

}  // namespace

TEST_CASE("a server that shows the certificate on disk is valid") {
  const auto row = judge(report_with("apiserver", certificate("1a")), "apiserver", {certificate("1a"), ""});
  CHECK(row.state == pki::State::valid);
  CHECK(row.reason == "as on disk");
  CHECK(row.place == "127.0.0.1:6443");
}

TEST_CASE("a server that still shows the certificate before counts as expiring") {
  const auto row = judge(report_with("apiserver", certificate("2b")), "apiserver", {certificate("1a"), ""});
  CHECK(row.state == pki::State::expiring);
  CHECK(row.reason == "renewed, not yet served");
}

TEST_CASE("the same serial of another issuer is another certificate") {
  auto other = certificate("1a");
  other.issuer = "CN=another CA";
  CHECK(judge(report_with("apiserver", certificate("1a")), "apiserver", {other, ""}).reason ==
        "renewed, not yet served");
}

TEST_CASE("a server that shows the certificate of another row is invalid") {
  auto report = report_with("apiserver", certificate("1a"));
  report.certificates.push_back(report_with("etcd-server", certificate("2b")).certificates.front());
  const auto row = judge(report, "apiserver", {certificate("2b"), ""});
  CHECK(row.state == pki::State::invalid);
  CHECK(row.reason == "shows the certificate of etcd-server");
  CHECK(judge(report, "", {certificate("2b"), ""}).reason == "as on disk");
}

TEST_CASE("a server whose row is not here may show any certificate that is known, of unmanaged files too") {
  auto report = report_with("apiserver", certificate("1a"));
  report.others.push_back(report_with("kubelet.crt", certificate("3c")).certificates.front());
  CHECK(judge(report, "kubelet", {certificate("3c"), ""}).reason == "as on disk");
  // A copy of the certificate before, in a backup for example, is not another row.
  CHECK(judge(report, "apiserver", {certificate("3c"), ""}).reason == "renewed, not yet served");
}

TEST_CASE("a certificate that does not parse is an alarm, whether or not the server is required") {
  const auto row =
      judge(report_with("apiserver", certificate("1a")), "kubelet", {std::nullopt, "does not parse", true});
  CHECK(row.state == pki::State::invalid);
  CHECK(row.reason == "does not parse");
}

TEST_CASE("the dates of what is served are judged, whatever lies on the disk") {
  const auto report = report_with("apiserver", certificate("2b"));
  CHECK(judge(report, "apiserver", {certificate("1a", -1s), ""}).state == pki::State::expired);
  CHECK(judge(report, "apiserver", {certificate("1a", 0s), ""}).state == pki::State::expiring);
  CHECK(judge(report, "kubelet", {certificate("3c", 24h * 29), ""}).state == pki::State::expiring);
  CHECK(judge(report, "kubelet", {certificate("3c", 24h * 31), ""}).state == pki::State::valid);
}

TEST_CASE("a certificate that is not known here is no alarm by itself") {
  const auto row = judge(report_with("apiserver", certificate("1a")), "kubelet", {certificate("9f"), ""});
  CHECK(row.state == pki::State::valid);
  CHECK(row.reason == "not a certificate that is known here");
}

TEST_CASE("a server that is not reached matters only where it was named") {
  auto report = report_with("apiserver", certificate("1a"));
  const auto optional = judge(report, "apiserver", {std::nullopt, "connection refused"});
  CHECK(optional.reason == "not reachable: connection refused");
  CHECK_FALSE(pki::needs_attention(optional));
  const auto required = judge(report, "", {std::nullopt, "connection refused"}, true);
  CHECK(required.name == "127.0.0.1:6443");
  CHECK(required.state == pki::State::invalid);
  report.served.push_back(optional);
  CHECK(report.worst() == pki::State::valid);
  report.served.push_back(required);
  CHECK(report.worst() == pki::State::invalid);
}

namespace {

pki::Served sent(pki::Certificate own, const pki::Certificate& further, std::optional<pki::ChainRefusal> refusal = {}) {
  pki::Served served;
  served.trust_paths = {{std::max(own.not_before, further.not_before),
                         std::min(own.not_after, further.not_after),
                         {false, further.not_after < own.not_after ? 2U : 1U}}};
  if (refusal) served.trust_paths.clear();
  served.certificate = std::move(own);
  served.answered = true;
  served.further = {further};
  served.refusal = std::move(refusal);
  return served;
}

pki::Certificate intermediate(std::chrono::seconds left, std::chrono::seconds begun = 24h) {
  auto result = certificate("2b", left);
  result.subject = "CN=Intermediate";
  result.not_before = now - begun;
  return result;
}

}  // namespace

TEST_CASE("a served certificate is worth as much as the chain that the server sends with it") {
  const auto own = certificate("1a");
  const auto report = report_with("apiserver", own);
  struct Case {
    pki::Certificate further;
    pki::State state;
    std::string reason;
  };
  for (const auto& [further, state, reason] : {
           Case{intermediate(24h * 3000), pki::State::valid, "as on disk"},
           Case{intermediate(24h * 200), pki::State::valid, "as on disk"},
           Case{intermediate(24h * 10), pki::State::expiring,
                "as on disk; certificate 2 that it sends (CN=Intermediate) expires on 2026-12-01 00:00:00 UTC, within "
                "30d"},
           Case{intermediate(-24h), pki::State::expired,
                "as on disk; certificate 2 that it sends (CN=Intermediate) expired on 2026-11-20 00:00:00 UTC"},
           Case{intermediate(24h * 3000, -24h), pki::State::not_yet_valid,
                "as on disk; its chain is not valid before 2026-11-22 00:00:00 UTC"},
       }) {
    CAPTURE(reason);
    const auto row = judge(report, "apiserver", sent(own, further));
    CHECK(row.state == state);
    CHECK(row.reason == reason);
    CHECK(row.end() == std::min(own.not_after, further.not_after));
  }
}

TEST_CASE("a served chain that OpenSSL refuses is invalid, wherever the fault is") {
  const auto own = certificate("1a");
  for (const std::size_t number : {1U, 2U}) {
    CAPTURE(number);
    const pki::ChainRefusal refusal{"invalid CA certificate", {false, number}, false};
    const auto row = judge(report_with("apiserver", own), "apiserver", sent(own, intermediate(24h * 300), refusal));
    CHECK(row.state == pki::State::invalid);
    CHECK_THAT(row.reason,
               contains("as on disk; OpenSSL refuses certificate " + std::to_string(number) + " that it sends"));
    CHECK_THAT(row.reason, contains("as chain of a server: invalid CA certificate"));
  }
}

TEST_CASE("a stale server with a chain that has expired is expired, and both are the reason") {
  const auto row =
      judge(report_with("apiserver", certificate("3c")), "apiserver", sent(certificate("1a"), intermediate(-24h)));
  CHECK(row.state == pki::State::expired);
  CHECK(row.reason ==
        "renewed, not yet served; certificate 2 that it sends (CN=Intermediate) expired on 2026-11-20 00:00:00 UTC");
}

TEST_CASE("a place that the served chain does not have is described, too") {
  const pki::ChainRefusal refusal{"invalid CA certificate", {false, 9}, false};
  const auto row = judge(report_with("apiserver", certificate("1a")), "apiserver",
                         sent(certificate("1a"), intermediate(24h * 300), refusal));
  CHECK_THAT(row.reason, contains("certificate 9 that it sends (unknown)"));
}
