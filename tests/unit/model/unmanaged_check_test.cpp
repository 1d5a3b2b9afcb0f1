// SPDX-License-Identifier: Apache-2.0
#include "model/unmanaged_check.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include "inventory_builder.hpp"

using namespace pki;
using namespace std::chrono_literals;
using build::day;
using build::now;

namespace {

constexpr auto kubelet_dir = "/var/lib/kubelet/pki/";

Certificate certificate_of(std::string_view row) {
  return build::certificate(default_catalog().find_row(row), build::config());
}

UnmanagedCertificate found(const std::string& name, const Certificate& certificate, std::size_t number = 1) {
  UnmanagedCertificate result;
  result.name = name + (number > 1 ? " #" + std::to_string(number) : "");
  result.path = kubelet_dir + name;
  result.owner = "kubelet";
  result.certificate = certificate;
  result.number = number;
  return result;
}

UnmanagedCertificate client() { return found("kubelet-client-current.pem", certificate_of("kubelet.conf")); }

UnmanagedCertificate server() {
  auto result = found("kubelet.crt", certificate_of("apiserver"));
  result.certificate->subject = "CN=cp-1@1";
  return result;
}

/// Judgement is the row and the notes of one certificate.
struct Judgement {
  ReportRow row;
  std::vector<Finding> notes;
};

Judgement judge(const Inventory& inventory, const std::vector<UnmanagedCertificate>& all) {
  const Window window;
  std::vector<Finding> notes;
  auto row = model::UnmanagedCheck(inventory, all, now, window).judge(all.front(), notes);
  return {std::move(row), std::move(notes)};
}

Judgement judge(const UnmanagedCertificate& found) { return judge(build::sound(build::config()), {found}); }

}  // namespace

TEST_CASE("the kubelet's certificates are judged for their purpose, signer, chain and verifiers") {
  struct Case {
    const char* name;
    void (*damage)(UnmanagedCertificate& client);
    State state;
    std::vector<Rule> rules;
  };
  const auto nothing = [](UnmanagedCertificate&) {};
  const Case cases[] = {
      {"valid", nothing, State::valid, {}},
      {"signed by the CA", [](UnmanagedCertificate& c) { c.signed_by_ca = true; }, State::valid, {}},
      {"signed by another CA",
       [](UnmanagedCertificate& c) { c.signed_by_ca = false; },
       State::invalid,
       {Rule::not_signed_by_ca}},
      {"for servers alone",
       [](UnmanagedCertificate& c) {
         c.certificate->extended_key_usages = {"serverAuth"};
         c.refusal = ChainRefusal{"unsuitable certificate purpose", {}, false};
       },
       State::invalid,
       {Rule::extended_key_usage_missing}},
      {"for both",
       [](UnmanagedCertificate& c) {
         c.certificate->extended_key_usages = {"serverAuth", "clientAuth"};
       },
       State::valid,
       {}},
      {"an intermediate that is no CA",
       [](UnmanagedCertificate& c) {
         c.refusal = ChainRefusal{"invalid CA certificate", {false, 2}, false};
       },
       State::invalid,
       {Rule::chain_refused}},
      {"an expired intermediate",
       [](UnmanagedCertificate& c) {
         c.trust_paths = {{now - day, now - 1s, {false, 2}}};
       },
       State::expired,
       {Rule::chain_expired}},
      {"an intermediate that expires soon",
       [](UnmanagedCertificate& c) {
         c.trust_paths = {{now - day, now + day, {false, 2}}};
       },
       State::expiring,
       {Rule::chain_expires_first}},
      {"an intermediate that is not valid yet",
       [](UnmanagedCertificate& c) {
         c.trust_paths = {{now + day, c.certificate->not_after, {}}};
       },
       State::not_yet_valid,
       {Rule::not_yet_valid}},
      {"a CA that ends first",
       [](UnmanagedCertificate& c) {
         c.trust_paths = {{now - day, now + day, {true, 1}}};
       },
       State::expiring,
       {}},
      {"of another component",
       [](UnmanagedCertificate& c) { c.certificate->common_name = "kubernetes-admin"; },
       State::valid,
       {Rule::identity_of_another}},
      {"a negative serial number",
       [](UnmanagedCertificate& c) { c.certificate->serial = "-1"; },
       State::invalid,
       {Rule::serial_negative}},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    auto damaged = client();
    each.damage(damaged);
    const auto [row, notes] = judge(damaged);
    CHECK(row.state == each.state);
    std::vector<Rule> rules;
    for (const auto& note : notes) {
      rules.push_back(note.rule);
      CHECK(note.remedy.kind == Remedy::Kind::recreate);
      CHECK(note.remedy.paths == std::vector<std::string>{"/k/kubelet.conf", damaged.path.string()});
    }
    CHECK(rules == each.rules);
  }
}

TEST_CASE("a certificate that the kubeconfig refers to has its state here and its notes there") {
  auto inventory = build::sound(build::config());
  auto& kubeconfig = build::at(inventory, "kubelet.conf");
  kubeconfig.kubeconfig->client_certificate_file = kubelet_dir + std::string("kubelet-client-current.pem");
  auto foreign = client();
  foreign.signed_by_ca = false;
  const auto [row, notes] = judge(inventory, {foreign});
  CHECK(row.state == State::invalid);
  CHECK(row.reason == "not signed by ca in /k/pki/ca.crt");
  CHECK(notes.empty());
}

TEST_CASE("where the CA's key is elsewhere, its holder has to sign for the kubelet") {
  auto inventory = build::sound(build::config());
  build::make_external(inventory, "ca");
  auto foreign = client();
  foreign.signed_by_ca = false;
  const auto notes = judge(inventory, {foreign}).notes;
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].remedy.kind == Remedy::Kind::supply_ca_key_to_init);
  CHECK(notes[0].remedy.away == std::vector<std::string>{"/k/kubelet.conf", foreign.path.string()});
}

TEST_CASE("the kubelet's server certificate is judged for a server, whoever signed it") {
  CHECK(judge(server()).row.state == State::valid);
  CHECK(judge(server()).notes.empty());
  auto wrong = server();
  wrong.certificate->extended_key_usages = {"clientAuth"};
  const auto [row, notes] = judge(wrong);
  CHECK(row.state == State::invalid);
  REQUIRE(notes.size() == 1);
  CHECK(notes[0].rule == Rule::extended_key_usage_missing);
  CHECK(
      to_text(notes[0].remedy) ==
      "move /var/lib/kubelet/pki/kubelet.crt and /var/lib/kubelet/pki/kubelet.key away and restart the kubelet, which "
      "gets a new one");
  wrong.path = kubelet_dir + std::string("kubelet-server-current.pem");
  CHECK(to_text(judge(wrong).notes.at(0).remedy) ==
        "move /var/lib/kubelet/pki/kubelet-server-current.pem away and restart the kubelet, which gets a new one");
  auto nameless = server();
  nameless.certificate->sans.clear();
  CHECK(judge(nameless).notes.at(0).rule == Rule::server_without_names);
}

TEST_CASE("the first certificate of a file has the end of its chain, and names the one that decides") {
  auto leaf = found("chain.pem", certificate_of("apiserver"));
  leaf.owner = "unknown";
  leaf.trust_paths = {{now - day, now - 1s, {false, 3}}};
  auto upper = certificate_of("ca");
  upper.subject = "CN=upper";
  auto third = found("chain.pem", upper, 3);
  third.owner = "unknown";
  const auto [row, notes] = judge(build::sound(build::config()), {leaf, third});
  CHECK(row.state == State::expired);
  CHECK(row.end() == now - 1s);
  CHECK_THAT(row.reason, contains("certificate 3 of the file (CN=upper) expired on 2026-11-21"));
  CHECK(notes.empty());  // the row says it all
}

TEST_CASE("a refused chain, and a certificate that is no CA where a kubeconfig trusts it, are invalid rows") {
  auto leaf = found("chain.pem", certificate_of("apiserver"));
  leaf.owner = "unknown";
  leaf.refusal = ChainRefusal{"invalid CA certificate", {false, 2}, false};
  auto [row, notes] = judge(leaf);
  CHECK(row.state == State::invalid);
  CHECK(row.reason == "OpenSSL refuses certificate 2 of the file: invalid CA certificate");
  CHECK(notes.empty());
  leaf.place = "cluster k";
  leaf.refusal->at = {};
  CHECK(judge(leaf).row.reason ==
        "OpenSSL refuses certificate 1 of the file (CN=kube-apiserver) as a CA: invalid CA certificate");
}

TEST_CASE("further certificates of the kubelet's files are judged by their dates alone") {
  auto further = found("kubelet-client-current.pem", certificate_of("ca"), 2);
  CHECK(judge(further).row.state == State::valid);
  CHECK(judge(further).notes.empty());
  further.certificate->not_after = now - day;
  CHECK(judge(further).row.state == State::expired);
}

TEST_CASE("a file that cannot be read, or holds no certificate, is invalid") {
  auto unread = client();
  unread.certificate.reset();
  CHECK(judge(unread).row.state == State::invalid);
  CHECK(judge(unread).row.reason == "holds no certificate");
  unread.problem = "is empty";
  CHECK(judge(unread).row.reason == "is empty");
}
