// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>
#include <support/temp_dir.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <pki/report.hpp>

#include "old_pki.hpp"

// What OpenSSL says about the certificates that others manage, with certificates that nothing of the code under test
// made. The judgement of its answers: tests/unit/model/unmanaged_check_test.cpp.

using old::Crt;
using old::Pair;
using old::Wish;
using pki::State;

namespace {

Wish named(const std::string& name) {
  Wish wish;
  wish.subject = {{"CN", V_ASN1_UTF8STRING, name}};
  wish.not_before = old::now - 100 * old::day;
  wish.not_after = old::now + 300 * old::day;
  return wish;
}

Wish authority(const std::string& name) {
  auto wish = named(name);
  wish.ca = true;
  wish.not_before = old::now - 1000 * old::day;
  wish.not_after = old::now + 2000 * old::day;
  return wish;
}

Wish node() {
  auto wish = named("system:node:w-1");
  wish.subject.insert(wish.subject.begin(), {"O", V_ASN1_UTF8STRING, "system:nodes"});
  wish.usages = "clientAuth";
  return wish;
}

Wish server() {
  auto wish = named("w-1@1");
  wish.sans = "DNS:w-1";
  wish.usages = "serverAuth";
  return wish;
}

Pair root_of(const Wish& wish) {
  const auto key = old::ec_key();
  return {old::make(wish, key), key};
}

Pair signed_by(const Pair& issuer, const Wish& wish) {
  const auto key = old::ec_key();
  return {old::make(wish, key, issuer.certificate, issuer.key), key};
}

std::string file_of(const std::vector<Crt>& certificates) {
  std::string text;
  for (const auto& each : certificates)
    text += old::pem_of(each);
  return text;
}

/// Worker has the CA of a cluster and the directory of its kubelet.
struct Worker {
  TempDir base{};
  Pair ca{root_of(authority("kubernetes"))};

  [[nodiscard]] pki::Inventory inventory() const {
    old::Files files;
    old::put(files, "ca", ca);
    return old::inventory_of(files);
  }

  [[nodiscard]] pki::Report report(const std::vector<std::filesystem::path>& also = {}) const {
    const auto found = inventory();
    const auto scan = pki::scan_certificates(base / "kubelet", also, {.progress = {}, .inventory = &found});
    return pki::inspect(found, scan.certificates, old::now);
  }
};

const pki::ReportRow& first(const pki::Report& report) { return report.others.at(0); }

bool has(const pki::Report& report, pki::Rule rule) {
  return std::ranges::find(report.notes, rule, &pki::Finding::rule) != report.notes.end();
}

std::string kubeconfig(const std::string& ca, const std::string& user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters:\n- name: k\n  cluster: {server: "
         "\"https://192.0.2.1:6443\", certificate-authority-data: " +
         old::base64(ca) +
         "}\ncontexts:\n- {name: c, context: {cluster: k, user: u}}\nusers:\n- name: u\n  user: "
         "{client-certificate-data: " +
         old::base64(user) + "}\n";
}

}  // namespace

TEST_CASE("the kubelet's client certificate is verified against the CA of the cluster, for a client") {
  const Worker worker;
  const auto stranger = root_of(authority("kubernetes"));  // the same name, another key
  auto stale = authority("middle");
  stale.not_after = old::now - old::day;
  const auto expired = signed_by(worker.ca, stale);
  auto leaf = named("middle");
  const auto no_ca = signed_by(worker.ca, leaf);
  struct Case {
    const char* name;
    std::vector<Crt> file;
    State state;
    pki::Rule rule;  ///< of an alarm, if it is not valid
  };
  auto for_servers = node();
  for_servers.usages = "serverAuth";
  auto unknown = node();
  unknown.more = {{"1.2.3.4.5", "critical,DER:0500"}};
  const auto middle = signed_by(worker.ca, authority("middle"));
  const Case cases[] = {
      {"valid", {signed_by(worker.ca, node()).certificate}, State::valid, {}},
      {"with its chain", {signed_by(middle, node()).certificate, middle.certificate}, State::valid, {}},
      {"of another CA", {signed_by(stranger, node()).certificate}, State::invalid, pki::Rule::not_signed_by_ca},
      {"of another CA that comes with it",
       {signed_by(stranger, node()).certificate, stranger.certificate},
       State::invalid,
       pki::Rule::not_signed_by_ca},
      {"without its intermediate",
       {signed_by(middle, node()).certificate},
       State::invalid,
       pki::Rule::not_signed_by_ca},
      {"for servers",
       {signed_by(worker.ca, for_servers).certificate},
       State::invalid,
       pki::Rule::extended_key_usage_missing},
      {"expired intermediate",
       {signed_by(expired, node()).certificate, expired.certificate},
       State::expired,
       pki::Rule::chain_expired},
      {"intermediate that is no CA",
       {signed_by(no_ca, node()).certificate, no_ca.certificate},
       State::invalid,
       pki::Rule::chain_refused},
      {"unknown critical extension",
       {signed_by(worker.ca, unknown).certificate},
       State::invalid,
       pki::Rule::chain_refused},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    put(worker.base / "kubelet/kubelet-client-current.pem", file_of(each.file));
    const auto report = worker.report();
    CHECK(first(report).state == each.state);
    CHECK(has(report, each.rule) == (each.state != State::valid));
  }
}

TEST_CASE("the kubelet's server certificate is verified for a server, with the chain of its file") {
  const Worker worker;
  const auto own = root_of(authority("w-1-ca@1"));
  const auto middle = signed_by(own, authority("middle"));
  auto for_clients = server();
  for_clients.usages = "clientAuth";
  auto clients_only = authority("middle");
  clients_only.usages = "clientAuth";
  const auto wrong = signed_by(own, clients_only);
  auto self_signed = server();
  self_signed.ca = true;  // as old kubelets made it
  struct Case {
    const char* name;
    std::vector<Crt> file;
    State state;
  };
  const Case cases[] = {
      {"the kubelet's own CA", {signed_by(own, server()).certificate, own.certificate}, State::valid},
      {"self-signed", {root_of(self_signed).certificate}, State::valid},
      {"signed by the cluster's CA", {signed_by(worker.ca, server()).certificate}, State::valid},
      {"without its root", {signed_by(middle, server()).certificate, middle.certificate}, State::valid},
      {"alone", {signed_by(middle, server()).certificate}, State::valid},
      {"for clients", {signed_by(own, for_clients).certificate, own.certificate}, State::invalid},
      {"an intermediate for clients", {signed_by(wrong, server()).certificate, wrong.certificate}, State::invalid},
  };
  for (const auto* name : {"kubelet.crt", "kubelet-server-current.pem"}) {
    for (const auto& each : cases) {
      INFO(name << " " << each.name);
      std::filesystem::remove_all(worker.base / "kubelet");
      put(worker.base / "kubelet" / name, file_of(each.file));
      CHECK(first(worker.report()).state == each.state);
    }
  }
}

TEST_CASE("a named file with a chain is judged for what its certificate may be used, a bundle of CAs is no chain") {
  const Worker worker;
  const auto root = root_of(authority("root"));
  const auto middle = signed_by(root, authority("middle"));
  auto short_path = authority("root");
  short_path.basic_constraints = "critical,CA:TRUE,pathlen:0";
  const auto flat = root_of(short_path);
  const auto too_deep = signed_by(flat, authority("middle"));
  auto clients_only = authority("middle");
  clients_only.usages = "clientAuth";
  const auto wrong = signed_by(root, clients_only);
  auto both = server();
  both.usages = "serverAuth,clientAuth";
  const auto no_ca = signed_by(root, named("middle"));
  auto unknown = server();
  unknown.more = {{"1.2.3.4.5", "critical,DER:0500"}};
  auto constrained = authority("constrained");
  constrained.more = {{"nameConstraints", "critical,permitted;DNS:example.com"}};
  struct Case {
    const char* name;
    std::vector<Crt> file;
    State state;
  };
  const Case cases[] = {
      {"chain", {signed_by(middle, server()).certificate, middle.certificate, root.certificate}, State::valid},
      {"without the root", {signed_by(middle, server()).certificate, middle.certificate}, State::valid},
      {"of two uses one is enough", {signed_by(wrong, both).certificate, wrong.certificate}, State::valid},
      {"wrong use", {signed_by(wrong, server()).certificate, wrong.certificate}, State::invalid},
      {"no CA", {signed_by(no_ca, server()).certificate, no_ca.certificate}, State::invalid},
      {"too deep", {signed_by(too_deep, server()).certificate, too_deep.certificate, flat.certificate}, State::invalid},
      {"an intermediate first", {middle.certificate, root.certificate}, State::valid},
      {"a bundle", {root.certificate, flat.certificate, middle.certificate}, State::valid},
      {"an unknown critical extension", {signed_by(root, unknown).certificate}, State::invalid},
      {"name constraints, which clients know", {root_of(constrained).certificate}, State::valid},
      {"strangers", {signed_by(middle, server()).certificate, flat.certificate}, State::valid},
      {"another key of the same name", {signed_by(middle, server()).certificate, no_ca.certificate}, State::valid},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    put(worker.base / "chain.pem", file_of(each.file));
    const auto report = worker.report({worker.base / "chain.pem"});
    CHECK(first(report).state == each.state);
    CHECK(report.others.size() == each.file.size());
    for (const auto& row : report.others)
      CHECK(row.certificate->pem.empty());
  }
}

TEST_CASE("each CA of a named kubeconfig must be one, and its client certificate one for clients") {
  const Worker worker;
  const auto root = root_of(authority("root"));
  auto clients_only = authority("clients");
  clients_only.usages = "clientAuth";
  const auto client = old::pem_of(signed_by(root, node()).certificate);
  struct Case {
    const char* name;
    std::string ca;
    std::string user;
    std::vector<State> states;
  };
  auto stale = authority("former");
  stale.not_after = old::now - old::day;
  const auto former = root_of(stale).certificate;
  const auto leaf = root_of(server()).certificate;
  const Case cases[] = {
      {"valid", old::pem_of(root.certificate), client, {State::valid, State::valid}},
      {"no CA", old::pem_of(leaf), client, {State::invalid, State::valid}},
      {"a CA and none", file_of({root.certificate, leaf}), client, {State::valid, State::invalid, State::valid}},
      {"expired beside valid",
       file_of({root.certificate, former}),
       client,
       {State::valid, State::expired, State::valid}},
      {"a CA for clients", old::pem_of(root_of(clients_only).certificate), client, {State::invalid, State::valid}},
      {"a server's certificate",
       old::pem_of(root.certificate),
       old::pem_of(signed_by(root, server()).certificate),
       {State::valid, State::invalid}},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    put(worker.base / "user.conf", kubeconfig(each.ca, each.user));
    std::vector<State> states;
    for (const auto& row : worker.report({worker.base / "user.conf"}).others)
      states.push_back(row.state);
    CHECK(states == each.states);
  }
}

TEST_CASE("the CAs that a kubeconfig of the PKI trusts are judged where they are read") {
  const auto ca = root_of(authority("kubernetes"));
  const auto leaf = root_of(server()).certificate;
  old::Files files;
  old::put(files, "ca", ca);
  old::put_kubeconfig(files, "kubelet.conf", signed_by(ca, node()), file_of({ca.certificate, leaf}));
  const auto found = old::inventory_of(files);
  const auto& facts = *found.find("kubelet.conf").kubeconfig;
  CHECK(facts.cluster == "here");
  REQUIRE(facts.ca_refusals.size() == 1);
  CHECK(facts.ca_refusals[0].at == pki::ChainPlace{false, 2});
  const auto report = pki::inspect(found, {}, old::now);
  const auto note = std::ranges::find(report.notes, pki::Rule::chain_refused, &pki::Finding::rule);
  REQUIRE(note != report.notes.end());
  CHECK(note->severity == pki::Severity::warning);
  CHECK_THAT(note->message, contains("certificate 2 of its certificate-authority-data (CN=w-1@1)"));
  const auto row = std::ranges::find(report.others, "kubelet.conf", &pki::ReportRow::name);
  REQUIRE(row != report.others.end());
  CHECK(row->state == State::valid);
  CHECK(row->trusted.size() == 2);
}
