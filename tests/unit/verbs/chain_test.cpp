// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <pki/bundle.hpp>
#include <pki/plan.hpp>
#include <pki/report.hpp>

#include "old_pki.hpp"

using namespace std::chrono_literals;
using old::Crt;
using old::Pair;
using old::Wish;
using pki::ChainPlace;
using pki::Rule;
using pki::State;

namespace {

const old::Key& a_key() {
  static const auto key = old::ec_key();
  return key;
}

Wish authority(const std::string& name) {
  Wish wish;
  wish.subject = {{"CN", V_ASN1_UTF8STRING, name}};
  wish.ca = true;
  wish.not_before = old::now - 1000 * old::day;
  wish.not_after = old::now + 2000 * old::day;
  return wish;
}

Wish server() {
  Wish wish;
  wish.subject = {{"CN", V_ASN1_UTF8STRING, "kube-apiserver"}};
  wish.sans = "DNS:cp-1.example.com,IP:192.0.2.1";
  wish.usages = "serverAuth";
  wish.not_after = old::now + 300 * old::day;
  return wish;
}

Pair signed_by(const Pair& issuer, const Wish& wish, const old::Key& key = old::ec_key()) {
  return {old::make(wish, key, issuer.certificate, issuer.key), key};
}

Pair root_of(const Wish& wish = authority("root")) {
  const auto key = old::ec_key();
  return {old::make(wish, key), key};
}

/// Returns the PKI of a CA with the further certificates of its file, and one leaf with its chain.
pki::Inventory inventory(const Pair& ca, const std::vector<Crt>& trusted, const Pair& leaf,
                         const std::vector<Crt>& chain) {
  old::Files files;
  old::put(files, "ca", ca, trusted);
  old::put(files, "apiserver", leaf, chain);
  return old::inventory_of(files);
}

const pki::ReportRow& row(const pki::Report& report, const std::string& name) {
  for (const auto* rows : {&report.certificates, &report.authorities})
    for (const auto& each : *rows)
      if (each.name == name) return each;
  throw std::runtime_error("no row " + name);
}

const pki::Finding* try_find(const std::vector<pki::Finding>& findings, Rule rule) {
  const auto found = std::ranges::find(findings, rule, &pki::Finding::rule);
  return found == findings.end() ? nullptr : &*found;
}

/// Fault is what is wrong with a chain of root, two intermediates and a leaf.
struct Fault {
  const char* name;
  void (*apply)(Wish& root, Wish& upper, Wish& lower, Wish& leaf);
  const char* reason;  ///< OpenSSL's; null: nothing is wrong
  ChainPlace at{};
  bool of_names{false};
};

const Fault faults[] = {
    {"none", [](Wish&, Wish&, Wish&, Wish&) {}, nullptr},
    {"a path length that is long enough",
     [](Wish& root, Wish& upper, Wish& lower, Wish&) {
       root.basic_constraints = "critical,CA:TRUE,pathlen:2";
       upper.basic_constraints = "critical,CA:TRUE,pathlen:1";
       lower.basic_constraints = "critical,CA:TRUE,pathlen:0";
     },
     nullptr},
    {"constraints that permit the names",
     [](Wish&, Wish& upper, Wish&, Wish&) {
       upper.more = {{"nameConstraints", "critical,permitted;DNS:example.com,permitted;IP:192.0.2.0/255.255.255.0"}};
     },
     nullptr},
    {"an intermediate for servers", [](Wish&, Wish&, Wish& lower, Wish&) { lower.usages = "serverAuth"; }, nullptr},
    {"an extension that is not critical",
     [](Wish&, Wish&, Wish&, Wish& leaf) {
       leaf.more = {{"1.2.3.4.5", "DER:0500"}};
     },
     nullptr},
    {"an intermediate that is no CA",
     [](Wish&, Wish&, Wish& lower, Wish&) { lower.ca = false; },
     "invalid CA certificate",
     {false, 2}},
    {"an intermediate for clients",
     [](Wish&, Wish& upper, Wish&, Wish&) { upper.usages = "clientAuth"; },
     "unsuitable certificate purpose",
     {false, 3}},
    {"a path length that is too short",
     [](Wish&, Wish& upper, Wish&, Wish&) { upper.basic_constraints = "critical,CA:TRUE,pathlen:0"; },
     "path length constraint exceeded",
     {false, 3}},
    {"a CA that permits no intermediate",
     [](Wish& root, Wish&, Wish&, Wish&) { root.basic_constraints = "critical,CA:TRUE,pathlen:0"; },
     "path length constraint exceeded",
     {true, 1}},
    {"constraints that permit other names",
     [](Wish&, Wish&, Wish& lower, Wish&) {
       lower.more = {{"nameConstraints", "critical,permitted;DNS:example.org"}};
     },
     "permitted subtree violation",
     {false, 1},
     true},
    {"constraints that exclude the names",
     [](Wish& root, Wish&, Wish&, Wish&) {
       root.more = {{"nameConstraints", "critical,excluded;DNS:example.com"}};
     },
     "excluded subtree violation",
     {false, 1},
     true},
    {"a critical extension that nobody knows",
     [](Wish&, Wish&, Wish&, Wish& leaf) {
       leaf.more = {{"1.2.3.4.5", "critical,DER:0500"}};
     },
     "unhandled critical extension",
     {false, 1}},
    {"one in an intermediate",
     [](Wish&, Wish& upper, Wish&, Wish&) {
       upper.more = {{"1.2.3.4.5", "critical,DER:0500"}};
     },
     "unhandled critical extension",
     {false, 3}},
};

}  // namespace

TEST_CASE("OpenSSL judges the chain of a leaf for its purpose, whatever its dates") {
  for (const auto& fault : faults) {
    INFO(fault.name);
    auto root = authority("root");
    auto upper = authority("upper");
    auto lower = authority("lower");
    auto leaf = server();
    fault.apply(root, upper, lower, leaf);
    leaf.not_after = old::now - 10 * old::day;
    const auto ca = root_of(root);
    const auto first = signed_by(ca, upper);
    const auto second = signed_by(first, lower);
    const auto found = inventory(ca, {}, signed_by(second, leaf), {second.certificate, first.certificate});
    const auto& entry = found.find("apiserver");
    CHECK(entry.signed_by_issuer);
    CHECK(entry.trust_paths.empty() == (fault.reason != nullptr));
    REQUIRE(entry.refusal.has_value() == (fault.reason != nullptr));
    if (!entry.refusal) continue;
    CHECK_THAT(entry.refusal->reason, contains(fault.reason));
    CHECK(entry.refusal->at == fault.at);
    CHECK(entry.refusal->of_names == fault.of_names);
  }
}

TEST_CASE("a refused chain is an alarm of the report and a conflict of init, and a renewal ends it") {
  auto middle = authority("middle");
  middle.usages = "clientAuth";
  const auto ca = root_of();
  const auto intermediate = signed_by(ca, middle);
  const auto found = inventory(ca, {}, signed_by(intermediate, server()), {intermediate.certificate});
  const auto report = pki::inspect(found, {}, old::now);
  CHECK(row(report, "apiserver").state == State::invalid);
  CHECK(row(report, "ca").state == State::valid);
  const auto* alarm = try_find(report.notes, Rule::chain_refused);
  REQUIRE(alarm != nullptr);
  CHECK_THAT(alarm->message, contains("certificate 2 of the file (CN=middle)"));
  CHECK_THAT(alarm->message, contains("unsuitable certificate purpose"));
  CHECK(alarm->remedy.kind == pki::Remedy::Kind::renew);

  const auto plan = pki::plan_renew(nullptr, found, old::now, {.rows = {found.find("apiserver").row}});
  REQUIRE(plan.conflicts.empty());
  const auto bundle = pki::issue(plan, found);
  const auto file = std::ranges::find(bundle.files, found.find("apiserver").path, &pki::File::path);
  REQUIRE(file != bundle.files.end());
  CHECK(pki::parse_certificates({file->content.data(), file->content.size()}, "new").size() == 1);
}

TEST_CASE("a CA is judged with its own chain and for what it signs") {
  struct Case {
    const char* name;
    void (*apply)(Wish& root, Wish& ca);
    const char* reason;
    std::size_t number;
  };
  const Case cases[] = {
      {"fit", [](Wish&, Wish&) {}, nullptr, 0},
      {"for both uses", [](Wish&, Wish& ca) { ca.usages = "serverAuth,clientAuth"; }, nullptr, 0},
      {"for clients alone", [](Wish&, Wish& ca) { ca.usages = "clientAuth"; }, "purpose", 1},
      {"root for clients alone", [](Wish& root, Wish&) { root.usages = "clientAuth"; }, "purpose", 2},
      {"root that permits no other CA",
       [](Wish& root, Wish&) { root.basic_constraints = "critical,CA:TRUE,pathlen:0"; }, "path length", 2},
      {"unknown critical extension",
       [](Wish&, Wish& ca) {
         ca.more = {{"1.2.3.4.5", "critical,DER:0500"}};
       },
       "critical", 1},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    auto top = authority("root");
    auto wish = authority("ca");
    each.apply(top, wish);
    const auto root = root_of(top);
    const auto ca = signed_by(root, wish);
    const auto found = inventory(ca, {root.certificate}, signed_by(ca, server()), {});
    const auto report = pki::inspect(found, {}, old::now);
    CHECK((row(report, "ca").state == State::invalid) == (each.reason != nullptr));
    CHECK(row(report, "apiserver").state == State::valid);  // one fault, one alarm
    if (each.reason == nullptr) continue;
    const auto& refusal = found.find("ca").refusal;
    REQUIRE(refusal);
    CHECK_THAT(refusal->reason, contains(each.reason));
    CHECK(refusal->at == ChainPlace{false, each.number});
    CHECK_FALSE(pki::plan_renew(nullptr, found, old::now, {.rows = {found.find("apiserver").row}}).conflicts.empty());
  }
}

TEST_CASE("a CA for clients alone may sign clients alone") {
  auto wish = authority("front-proxy-ca");
  wish.usages = "clientAuth";
  old::Files files;
  old::put(files, "front-proxy-ca", root_of(wish));
  CHECK_FALSE(old::inventory_of(files).find("front-proxy-ca").refusal);
}

TEST_CASE("the certificate of the chain that expires first decides, and is named") {
  struct Case {
    std::chrono::seconds end;  ///< of the intermediate, from now
    State state;
    Rule rule;
    const char* says;
  };
  const Case cases[] = {
      {-5 * old::day, State::expired, Rule::chain_expired,
       "certificate 2 of the file (CN=middle) expired on 2026-11-16"},
      {5 * old::day, State::expiring, Rule::chain_expires_first,
       "certificate 2 of the file (CN=middle) expires on 2026-11-26"},
      {200 * old::day, State::valid, Rule::chain_expires_first, "before the certificate itself (2027-09-17"},
  };
  for (const auto& each : cases) {
    INFO(each.says);
    auto middle = authority("middle");
    middle.not_after = old::now + each.end;
    const auto ca = root_of();
    const auto intermediate = signed_by(ca, middle);
    const auto found = inventory(ca, {}, signed_by(intermediate, server()), {intermediate.certificate});
    const auto report = pki::inspect(found, {}, old::now);
    const auto& shown = row(report, "apiserver");
    CHECK(shown.state == each.state);
    CHECK(shown.end() == middle.not_after);
    CHECK(shown.certificate->not_after == old::now + 300 * old::day);
    REQUIRE(shown.further.size() == 1);
    CHECK(shown.further[0].not_after == middle.not_after);
    const auto* note = try_find(report.notes, each.rule);
    REQUIRE(note != nullptr);
    CHECK_THAT(note->message, contains(each.says));
    const auto plan = pki::plan_renew(nullptr, found, old::now, {.if_due = pki::Window{}});
    const auto step =
        std::ranges::find(plan.steps, std::string_view("apiserver"), [](const auto& s) { return s.row->name; });
    CHECK((step->action() == pki::Action::renew) == (each.state != State::valid));
  }
}

TEST_CASE("of several paths the best one at the instant counts") {
  const auto ca = root_of();
  const auto key = old::ec_key();
  auto before = authority("middle");
  before.not_after = old::now - 1 * old::day;
  auto after = authority("middle");
  after.not_before = old::now - 10 * old::day;
  const auto first = signed_by(ca, before, key);
  const auto second = signed_by(ca, after, key);
  auto wish = server();
  wish.not_before = old::now - 100 * old::day;
  const auto found = inventory(ca, {}, signed_by(first, wish), {first.certificate, second.certificate});
  CHECK(found.find("apiserver").trust_paths.size() == 2);
  for (const auto days : {-99, -50, -5, 0, 200}) {
    INFO(days);
    CHECK(row(pki::inspect(found, {}, old::now + days * old::day), "apiserver").state == State::valid);
  }
  const auto alone = inventory(ca, {}, signed_by(second, wish), {second.certificate});
  CHECK(row(pki::inspect(alone, {}, old::now - 50 * old::day), "apiserver").state == State::not_yet_valid);
}

TEST_CASE("an expired certificate in the file of a CA matters to what needs it") {
  auto old_wish = authority("ca");
  old_wish.not_after = old::now - 5 * old::day;
  const auto former = root_of(old_wish);
  const auto present = root_of(authority("ca"));
  const auto needs = inventory(present, {former.certificate}, signed_by(former, server()), {});
  CHECK(row(pki::inspect(needs, {}, old::now), "apiserver").state == State::expired);
  CHECK_THAT(row(pki::inspect(needs, {}, old::now), "apiserver").reason, contains("certificate 2 of /k/pki/ca.crt"));
  CHECK(row(pki::inspect(needs, {}, old::now), "ca").state == State::valid);
  const auto lives = inventory(present, {former.certificate}, signed_by(present, server()), {});
  CHECK(row(pki::inspect(lives, {}, old::now), "apiserver").state == State::valid);

  auto top = authority("root");
  top.not_after = old::now - 5 * old::day;
  const auto root = root_of(top);
  const auto middle = signed_by(root, authority("ca"));
  const auto under = inventory(middle, {root.certificate}, signed_by(middle, server()), {});
  const auto report = pki::inspect(under, {}, old::now);
  CHECK(row(report, "ca").state == State::expired);
  CHECK(try_find(report.notes, Rule::chain_expired) != nullptr);
}

TEST_CASE("a new leaf carries the chain of its issuer without the root") {
  const auto root = root_of();
  const auto upper = signed_by(root, authority("upper"));
  const auto present = signed_by(upper, authority("present"));
  const auto former = signed_by(upper, authority("former"));
  struct Case {
    const char* name;
    Pair ca;
    std::vector<Crt> trusted;
    std::vector<Crt> chain;  ///< of the new leaf
  };
  const Case cases[] = {
      {"self-signed", root, {}, {}},
      {"under a root", upper, {root.certificate}, {upper.certificate}},
      {"without its root", upper, {}, {upper.certificate}},
      {"two levels", present, {upper.certificate, root.certificate}, {present.certificate, upper.certificate}},
      {"in another order",
       present,
       {root.certificate, former.certificate, upper.certificate},
       {present.certificate, upper.certificate}},
      {"beside a stranger", root, {former.certificate, upper.certificate}, {}},
  };
  for (const auto& [name, ca, trusted, chain] : cases) {
    INFO(name);
    const auto found = inventory(ca, trusted, signed_by(former, server()), {former.certificate, upper.certificate});
    const auto plan = pki::plan_renew(nullptr, found, old::now, {.rows = {found.find("apiserver").row}});
    const auto bundle = pki::issue(plan, found);
    const auto file = std::ranges::find(bundle.files, found.find("apiserver").path, &pki::File::path);
    REQUIRE(file != bundle.files.end());
    const auto made = pki::parse_certificates({file->content.data(), file->content.size()}, "new");
    REQUIRE(made.size() == chain.size() + 1);
    for (std::size_t i = 0; i < chain.size(); ++i)
      CHECK(made[i + 1].pem == old::pem_of(chain[i]));
  }
}

TEST_CASE("the certificate of the key must be the first one of its file") {
  const auto root = root_of();
  const auto ca = signed_by(root, authority("ca"));
  old::Files files;
  old::put(files, "ca", {root.certificate, ca.key}, {ca.certificate});
  const auto entry = old::inventory_of(files);
  const auto report = pki::inspect(entry, {}, old::now);
  CHECK(row(report, "ca").state == State::invalid);
  const auto* alarm = try_find(report.notes, Rule::certificate_order);
  REQUIRE(alarm != nullptr);
  CHECK_THAT(alarm->message, contains("the key belongs to certificate 2 of the file (CN=ca)"));
  CHECK(alarm->remedy.kind == pki::Remedy::Kind::advice);
  CHECK_THAT(alarm->remedy.text, contains("move certificate 2 of /k/pki/ca.crt before the others"));
  CHECK(try_find(report.notes, Rule::key_mismatch) == nullptr);
}

TEST_CASE("a file with many certificates of one name is judged within bounds") {
  const auto ca = root_of();
  std::vector<Crt> same;
  for (int i = 0; i < 60; ++i)
    same.push_back(signed_by(ca, authority("middle"), a_key()).certificate);
  const auto begin = std::chrono::steady_clock::now();
  const auto found = inventory(ca, {}, signed_by({same.back(), a_key()}, server()), same);
  CHECK_FALSE(found.find("apiserver").trust_paths.empty());
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}
