// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <pki/request.hpp>

#include "inventory_builder.hpp"
#include "plan_checks.hpp"

using namespace build;
using pki::GeneralName;
using pki::plan_signing;
using pki::Profile;
using pki::RequestItem;
using pki::Rule;
using pki::SigningOptions;
using Kind = pki::GeneralName::Kind;

namespace {

/// Returns the host that has the CAs with their keys, and nothing else.
pki::Inventory ca_host() { return host({"ca", "front-proxy-ca", "etcd-ca"}); }

/// Returns the request that a host with the usual configuration makes for a row.
RequestItem item(std::string_view name) {
  const auto& row = pki::default_catalog().find_row(name);
  const auto identity = pki::model::identity_of(row, valid(config()));
  RequestItem made;
  made.row = row.name;
  made.source = "in/" + made.row + ".csr";
  made.issuer = row.issuer;
  made.issuer_public_key_sha256 = "key of " + made.issuer;
  made.validity = 365 * day;
  made.request.pem = "request for " + made.row;
  made.request.common_name = identity.common_name;
  made.request.organizations = identity.organizations;
  made.request.sans = identity.sans;
  if (row.profile != Profile::client) made.request.extended_key_usages.emplace_back("serverAuth");
  if (row.profile != Profile::server) made.request.extended_key_usages.emplace_back("clientAuth");
  made.request.key_algorithm = "ECDSA-P256";
  made.request.public_key_sha256 = "new key of " + made.row;
  return made;
}

/// Returns a request that names no row.
RequestItem loose(std::vector<GeneralName> sans = {}) {
  RequestItem made;
  made.source = "someone.csr";
  made.request.pem = "request of someone";
  made.request.common_name = "someone";
  made.request.organizations = {"developers"};
  made.request.sans = std::move(sans);
  made.request.key_algorithm = "RSA-2048";
  made.request.public_key_sha256 = "new key of someone";
  return made;
}

SigningOptions as(Profile profile) {
  SigningOptions options;
  options.profile = profile;
  options.validity = 12h;
  return options;
}

pki::SigningPlan signing(const std::vector<RequestItem>& items, const SigningOptions& options = {},
                         const pki::Inventory& inventory = ca_host()) {
  const auto wanted = valid(config());
  return plan_signing(&wanted, inventory, items, now, options);
}

void add_name(RequestItem& changed, Kind kind, const char* value) { changed.request.sans.push_back({kind, value}); }

std::string rules_of(const std::vector<pki::Finding>& findings) {
  std::string text;
  for (const auto& finding : findings)
    text.append(text.empty() ? "" : " ").append(to_string(finding.rule));
  return text;
}

}  // namespace

TEST_CASE("every row that a CA signs gets what init would give it, in the order of the requests") {
  std::vector<RequestItem> items;
  for (const auto& row : pki::default_catalog().rows())
    if (!row.issuer.empty()) items.insert(items.begin(), item(row.name));
  const auto plan = signing(items);
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  const auto made = plan_init(config(), ca_host(), now);
  REQUIRE(plan.steps.size() == 12);
  for (std::size_t i = 0; i < items.size(); ++i) {
    CAPTURE(items[i].row);
    CHECK(plan.steps[i].item.row == items[i].row);
    CHECK(plan.steps[i].issuer->name == items[i].issuer);
    CHECK(plan.steps[i].spec == *step(made, items[i].row).spec());
  }
}

TEST_CASE("a request that differs from its row is refused, and nothing is planned for it") {
  struct Row {
    const char* name;
    void (*change)(RequestItem&);
    Rule rule;
    const char* says;
  };
  const Row rows[] = {
      {"another common name", [](RequestItem& i) { i.request.common_name = "kube-apiservex"; },
       Rule::common_name_differs, "kube-apiservex"},
      {"no common name", [](RequestItem& i) { i.request.common_name.clear(); }, Rule::common_name_differs,
       "kube-apiserver"},
      {"an organization", [](RequestItem& i) { i.request.organizations = {"system:masters"}; },
       Rule::organization_differs, "system:masters"},
      {"a further name", [](RequestItem& i) { add_name(i, Kind::dns, "evil.example"); }, Rule::names_unexplained,
       "evil.example"},
      {"a further address", [](RequestItem& i) { add_name(i, Kind::ip, "203.0.113.9"); }, Rule::names_unexplained,
       "203.0.113.9"},
      {"an email address", [](RequestItem& i) { add_name(i, Kind::email, "a@example"); }, Rule::names_unexplained,
       "a@example"},
      {"another kind of name", [](RequestItem& i) { add_name(i, Kind::other, "\x88\x01\x02"); },
       Rule::names_unexplained, "another kind of name"},
      {"a wildcard", [](RequestItem& i) { add_name(i, Kind::dns, "*.example"); }, Rule::names_unexplained, "*.example"},
      {"a wildcard in place of a name", [](RequestItem& i) { add_name(i, Kind::dns, "*"); }, Rule::names_unexplained,
       "*"},
      {"one name less", [](RequestItem& i) { i.request.sans.erase(i.request.sans.begin()); }, Rule::names_missing,
       "api.example"},
      {"no name", [](RequestItem& i) { i.request.sans.clear(); }, Rule::names_missing, "kubernetes.default"},
      {"usages of a client", [](RequestItem& i) { i.request.extended_key_usages.emplace_back("clientAuth"); },
       Rule::usages_wider, "clientAuth"},
      {"any usage", [](RequestItem& i) { i.request.extended_key_usages = {"2.5.29.37.0"}; }, Rule::usages_wider,
       "2.5.29.37.0"},
      {"a short key", [](RequestItem& i) { i.request.key_algorithm = "RSA-1024"; }, Rule::key_weak, "RSA-1024"},
      {"the key of its CA", [](RequestItem& i) { i.request.public_key_sha256 = "key of ca"; }, Rule::key_mismatch,
       "the key of ca itself"},
      {"the key of another CA", [](RequestItem& i) { i.request.public_key_sha256 = "key of etcd-ca"; },
       Rule::key_mismatch, "the key of etcd-ca itself"},
      {"the certificate of a CA", [](RequestItem& i) { i.request.is_ca = true; }, Rule::leaf_is_ca, "of a CA"},
      {"another cluster", [](RequestItem& i) { i.issuer_public_key_sha256 = "another key"; }, Rule::mismatch,
       "another key than"},
      {"an unknown row", [](RequestItem& i) { i.row = "apiservex"; }, Rule::unknown_name, "apiservex"},
      {"the row of a CA", [](RequestItem& i) { i.row = "etcd-ca"; }, Rule::invalid_value, "signs itself"},
      {"the row of a key", [](RequestItem& i) { i.row = "sa"; }, Rule::invalid_value, "no CA signs"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    auto changed = item("apiserver");
    row.change(changed);
    const auto plan = signing({item("scheduler.conf"), changed, item("etcd-peer")});
    const auto conflict = one(plan.conflicts);
    CHECK(conflict.rule == row.rule);
    CHECK(conflict.severity == pki::Severity::error);
    CHECK(conflict.subject == "in/apiserver.csr");
    CHECK(conflict.row == changed.row);
    CHECK_THAT(conflict.message, contains(row.says));
    REQUIRE(plan.steps.size() == 2);
    CHECK(plan.steps[0].item.row == "scheduler.conf");
    CHECK(plan.steps[1].item.row == "etcd-peer");
  }
}

TEST_CASE("a request for the row of another is refused for each difference at once") {
  auto stolen = item("apiserver");
  stolen.row = "admin.conf";
  const auto plan = signing({stolen});
  CHECK(rules_of(plan.conflicts) == "common-name-differs organization-differs usages-wider names-unexplained");
  CHECK(plan.steps.empty());
}

TEST_CASE("keys are accepted by their strength") {
  for (const auto* const good : {"RSA-2048", "RSA-2056", "RSA-3072", "RSA-4096", "RSA-16384", "ECDSA-P256",
                                 "ECDSA-P384", "ECDSA-P521", "ED25519"}) {
    auto made = item("apiserver");
    made.request.key_algorithm = good;
    CAPTURE(good);
    CHECK(signing({made}).conflicts.empty());
  }
  for (const auto* const weak : {"RSA-512", "RSA-1024", "RSA-2047", "RSA-", "RSASSA-PSS", "ECDSA-P224",
                                 "ECDSA-secp256k1", "DSA", "X25519", "ED448", "1.2.3", ""}) {
    auto made = item("apiserver");
    made.request.key_algorithm = weak;
    CAPTURE(weak);
    const auto plan = signing({made});
    CHECK(one(plan.conflicts).rule == Rule::key_weak);
    CHECK(plan.steps.empty());
  }
}

TEST_CASE("a request without usages, as other tools make them, gets those of its row") {
  auto made = item("etcd-server");
  made.request.extended_key_usages.clear();
  const auto plan = signing({made});
  CHECK(listed(plan.conflicts).empty());
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].spec.profile == Profile::peer);
  CHECK(plan.steps[0].spec.extended_key_usages.empty());
}

TEST_CASE("the order of names does not matter, and the certificate has that of its row") {
  auto made = item("apiserver");
  const auto wanted = made.request.sans;
  std::ranges::reverse(made.request.sans);
  made.request.sans.push_back(made.request.sans.front());
  const auto plan = signing({made});
  CHECK(listed(plan.conflicts).empty());
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].spec.sans == wanted);
}

TEST_CASE("names that are allowed widen a row, once each, and no other names") {
  auto made = item("apiserver");
  const auto wanted = made.request.sans;
  for (const auto* const name : {"more.example", "*.apps.example", "more.example"})
    add_name(made, Kind::dns, name);
  SigningOptions options;
  options.allowed_sans = {{Kind::dns, "more.example"}};
  const auto conflict = one(signing({made}, options).conflicts);
  CHECK(conflict.rule == Rule::names_unexplained);
  CHECK_THAT(conflict.message, contains("*.apps.example") && !contains("more.example"));
  options.allowed_sans.push_back({Kind::dns, "*.apps.example"});
  options.allowed_sans.push_back({Kind::dns, "not-asked-for.example"});
  const auto plan = signing({made}, options);
  CHECK(listed(plan.conflicts).empty());
  REQUIRE(plan.steps.size() == 1);
  auto expected = wanted;
  expected.push_back({Kind::dns, "more.example"});
  expected.push_back({Kind::dns, "*.apps.example"});
  CHECK(plan.steps[0].spec.sans == expected);
}

TEST_CASE("an allowed address is not an allowed name") {
  auto made = item("apiserver");
  add_name(made, Kind::dns, "203.0.113.9");
  SigningOptions options;
  options.allowed_sans = {{Kind::ip, "203.0.113.9"}};
  CHECK(one(signing({made}, options).conflicts).rule == Rule::names_unexplained);
}

TEST_CASE("of two requests for one row the second is refused") {
  auto second = item("apiserver");
  second.source = "again.csr";
  second.request.public_key_sha256 = "another key";
  const auto plan = signing({item("apiserver"), second, item("admin.conf")});
  const auto conflict = one(plan.conflicts);
  CHECK(conflict.rule == Rule::values_conflict);
  CHECK(conflict.subject == "again.csr");
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].item.source == "in/apiserver.csr");
}

TEST_CASE("a row is known by its aliases, and requested once under all its names") {
  const auto& row = pki::default_catalog().find_row("apiserver");
  REQUIRE_FALSE(row.aliases.empty());
  auto again = item("apiserver");
  again.row = row.aliases.front();
  CHECK(signing({again}).conflicts.empty());
  CHECK(one(signing({item("apiserver"), again}).conflicts).rule == Rule::values_conflict);
}

TEST_CASE("a CA that cannot sign is one conflict, whatever the number of its requests") {
  struct Row {
    const char* name;
    void (*change)(pki::Entry&);
    Rule rule;
    const char* subject;
  };
  const Row rows[] = {
      {"no key", lose_key, Rule::ca_key_missing, "/k/pki/ca.key"},
      {"missing", [](pki::Entry& ca) { lose(ca); }, Rule::ca_missing, "/k/pki/ca.crt"},
      {"expired", [](pki::Entry& ca) { ca.certificates.front().not_after = now - 1s; }, Rule::expired, "/k/pki/ca.crt"},
      {"no CA", [](pki::Entry& ca) { ca.certificates.front().is_ca = ca.certificates.front().can_sign = false; },
       Rule::ca_cannot_sign, "/k/pki/ca.crt"},
      {"the key of another", [](pki::Entry& ca) { ca.key = key("another"); }, Rule::key_mismatch, "/k/pki/ca.key"},
      {"a key that cannot be read",
       [](pki::Entry& ca) {
         ca.key.reset();
         ca.problems = {{Rule::malformed, pki::Severity::error, "/k/pki/ca.key", "garbage", "ca"}};
       },
       Rule::malformed, "/k/pki/ca.key"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    auto inventory = ca_host();
    row.change(at(inventory, "ca"));
    const auto plan = signing({item("apiserver"), item("etcd-peer"), item("admin.conf")}, {}, inventory);
    const auto conflict = one(plan.conflicts);
    CHECK(conflict.rule == row.rule);
    CHECK(conflict.subject == row.subject);
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].item.row == "etcd-peer");
  }
}

TEST_CASE("a clock behind the CA is a conflict") {
  auto inventory = ca_host();
  at(inventory, "ca").certificates.front().not_before = now + day;
  const auto plan = signing({item("etcd-peer")}, {}, inventory);
  CHECK(one(plan.conflicts).rule == Rule::clock_behind);
}

TEST_CASE("a certificate ends with its CA, with a warning") {
  auto inventory = ca_host();
  at(inventory, "ca").certificates.front().not_after = now + 100 * day;
  const auto plan = signing({item("apiserver"), item("etcd-peer")}, {}, inventory);
  CHECK(listed(plan.conflicts).empty());
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].spec.not_after == now + 100 * day);
  CHECK(plan.steps[1].spec.not_after == now + 365 * day);
  const auto warning = one(plan.warnings);
  CHECK(warning.rule == Rule::ends_with_ca);
  CHECK(warning.severity == pki::Severity::warning);
  CHECK(warning.subject == "in/apiserver.csr");
}

TEST_CASE("a certificate does not begin before its CA") {
  auto inventory = ca_host();
  at(inventory, "ca").certificates.front().not_before = now - 1s;
  const auto plan = signing({item("apiserver"), item("etcd-peer")}, {}, inventory);
  REQUIRE(plan.steps.size() == 2);
  CHECK(plan.steps[0].spec.not_before == now - 1s);
  CHECK(plan.steps[1].spec.not_before < now - 1s);
}

TEST_CASE("the validity is that of the caller, else that of the configuration, and never that of the request") {
  auto made = item("apiserver");
  made.validity = 3000 * day;
  SigningOptions options;
  CHECK(signing({made}, options).steps.at(0).spec.not_after == now + 365 * day);
  options.validity = 40 * day;
  CHECK(signing({made}, options).steps.at(0).spec.not_after == now + 40 * day);
}

TEST_CASE("a row cannot be signed without the configuration of the host that asks") {
  const auto items = std::vector{item("apiserver")};
  const auto plan = plan_signing(nullptr, ca_host(), items, now);
  const auto conflict = one(plan.conflicts);
  CHECK(conflict.rule == Rule::value_missing);
  CHECK(conflict.remedy == pki::Remedy::set_option("config"));
  CHECK(plan.steps.empty());
}

TEST_CASE("a request that names no row gets the names that it asks for, with the usages of the caller's profile") {
  const std::vector<GeneralName> names{{Kind::dns, "a.example"}, {Kind::ip, "192.0.2.9"}, {Kind::dns, "a.example"}};
  for (const auto profile : {Profile::client, Profile::server, Profile::peer}) {
    CAPTURE(std::string(to_string(profile)));
    const auto items = std::vector{loose(names)};
    const auto plan = plan_signing(nullptr, ca_host(), items, now, as(profile));
    CHECK(listed(plan.conflicts).empty());
    REQUIRE(plan.steps.size() == 1);
    const auto& [signed_item, issuer, spec] = plan.steps[0];
    CHECK(issuer->name == "ca");
    CHECK(spec.profile == profile);
    CHECK(spec.common_name == "someone");
    CHECK(spec.organizations == std::vector<std::string>{"developers"});
    CHECK(spec.sans == std::vector<GeneralName>{{Kind::dns, "a.example"}, {Kind::ip, "192.0.2.9"}});
    CHECK(spec.not_after == now + 12h);
    CHECK(spec.extended_key_usages.empty());
  }
}

TEST_CASE("a request that names no row needs a profile and a validity") {
  for (const auto& options :
       {SigningOptions{.profile = Profile::client}, SigningOptions{.validity = 12h}, SigningOptions{}}) {
    const auto plan = signing({loose()}, options);
    CHECK(one(plan.conflicts).rule == Rule::value_missing);
    CHECK(plan.steps.empty());
  }
}

TEST_CASE("a request that names no row is judged as well") {
  struct Row {
    const char* name;
    Profile profile;
    void (*change)(RequestItem&);
    Rule rule;
    const char* says;
  };
  const Row rows[] = {
      {"without names", Profile::client, [](RequestItem& i) { i.request.common_name.clear(); }, Rule::value_missing,
       "neither"},
      {"a server without names", Profile::server, [](RequestItem&) {}, Rule::server_without_names, "alternative name"},
      {"a peer without names", Profile::peer, [](RequestItem&) {}, Rule::server_without_names, "alternative name"},
      {"masters", Profile::client,
       [](RequestItem& i) {
         i.request.organizations = {"a", "system:masters"};
       },
       Rule::organization_differs, "system:masters"},
      {"wider usages", Profile::client, [](RequestItem& i) { i.request.extended_key_usages = {"serverAuth"}; },
       Rule::usages_wider, "serverAuth"},
      {"code signing", Profile::client, [](RequestItem& i) { i.request.extended_key_usages = {"1.3.6.1.5.5.7.3.3"}; },
       Rule::usages_wider, "1.3.6.1.5.5.7.3.3"},
      {"a wildcard", Profile::client, [](RequestItem& i) { add_name(i, Kind::dns, "*.example"); },
       Rule::names_unexplained, "*.example"},
      {"another kind of name", Profile::client, [](RequestItem& i) { add_name(i, Kind::other, "\x88\x01\x02"); },
       Rule::names_unexplained, "another kind of name"},
      {"a short key", Profile::client, [](RequestItem& i) { i.request.key_algorithm = "RSA-1024"; }, Rule::key_weak,
       "RSA-1024"},
      {"the key of the CA", Profile::client, [](RequestItem& i) { i.request.public_key_sha256 = "key of ca"; },
       Rule::key_mismatch, "key of ca itself"},
      {"a CA", Profile::client, [](RequestItem& i) { i.request.is_ca = true; }, Rule::leaf_is_ca, "of a CA"},
      {"another cluster", Profile::client, [](RequestItem& i) { i.issuer_public_key_sha256 = "another"; },
       Rule::mismatch, "another key than"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    auto made = loose();
    row.change(made);
    const auto plan = signing({made}, as(row.profile));
    const auto conflict = one(plan.conflicts);
    CHECK(conflict.rule == row.rule);
    CHECK(conflict.subject == "someone.csr");
    CHECK_THAT(conflict.message, contains(row.says));
    CHECK(plan.steps.empty());
  }
}

TEST_CASE("the remedy of a conflict names the option of the call that helps") {
  auto further = item("apiserver");
  add_name(further, Kind::dns, "more.example");
  auto fewer = item("apiserver");
  fewer.request.sans.pop_back();
  auto masters = loose();
  masters.request.organizations.emplace_back("system:masters");
  struct Row {
    RequestItem made;
    SigningOptions options;
    const char* option;
  };
  const Row rows[] = {
      {further, {}, "config or allowed_sans"},
      {fewer, {}, "config"},
      {loose(), {}, "profile and validity"},
      {masters, as(Profile::client), "allow_masters"},
      {loose({{Kind::dns, "*.example"}}), as(Profile::client), "allowed_sans"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.option);
    CHECK(one(signing({row.made}, row.options).conflicts).remedy == pki::Remedy::set_option(row.option));
  }
  const auto other = loose({{Kind::other, "\x88\x01\x02"}});
  CHECK(one(signing({other}, as(Profile::client)).conflicts).remedy == pki::Remedy());
}

TEST_CASE("masters and wildcards are signed when they were allowed by name") {
  auto made = loose({{Kind::dns, "*.example"}});
  made.request.organizations = {"system:masters"};
  auto options = as(Profile::peer);
  CHECK(rules_of(signing({made}, options).conflicts) == "organization-differs names-unexplained");
  options.allow_masters = true;
  options.allowed_sans = {{Kind::dns, "*.example"}};
  const auto plan = signing({made}, options);
  CHECK(listed(plan.conflicts).empty());
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].spec.organizations == std::vector<std::string>{"system:masters"});
}

TEST_CASE("allowing masters does not allow them for a row") {
  auto made = item("scheduler.conf");
  made.request.organizations.emplace_back("system:masters");
  SigningOptions options;
  options.allow_masters = true;
  CHECK(one(signing({made}, options).conflicts).rule == Rule::organization_differs);
}

TEST_CASE("a request that names no row is signed by the CA that the caller names") {
  auto options = as(Profile::client);
  options.ca = "etcd-ca";
  CHECK(signing({loose()}, options).steps.at(0).issuer->name == "etcd-ca");
  for (const auto* const name : {"apiserver", "sa"}) {
    options.ca = name;
    CHECK_THROWS_WITH(signing({loose()}, options), contains("is not a CA"));
  }
  options.ca = "nonsense";
  CHECK_THROWS_AS(signing({loose()}, options), pki::Error);
}

TEST_CASE("several requests that name no row are all signed") {
  CHECK(signing({loose(), loose()}, as(Profile::client)).steps.size() == 2);
}

TEST_CASE("no request is no work") {
  const auto plan = signing({});
  CHECK(plan.steps.empty());
  CHECK(listed(plan.conflicts).empty());
}

TEST_CASE("the messages of a plan are plain, whatever a request says") {
  auto made = item("apiserver");
  made.request.common_name = "\x1b[2Jevil";
  made.row = "apiserver";
  made.request.organizations = {"a\nb"};
  for (const auto& conflict : signing({made}).conflicts)
    for (const char c : conflict.message)
      CHECK(static_cast<unsigned char>(c) >= 0x20);
}

TEST_CASE("a request for an intermediate CA gets the path length of its row, and never that of another purpose") {
  auto wanted = config();
  wanted.rows.emplace().authorities = {{.name = "root"}, {.name = "middle", .issuer = "root", .path_length = 0}};
  auto inventory = sound(wanted);
  lose(inventory, "middle");
  RequestItem asked;
  asked.row = "middle";
  asked.issuer = "root";
  asked.request.common_name = "middle";
  asked.request.is_ca = true;
  asked.request.key_algorithm = "ECDSA-P256";
  asked.request.public_key_sha256 = "new key of middle";
  const auto valid_config = valid(wanted);
  const auto plan_for = [&](const RequestItem& each) {
    return plan_signing(&valid_config, inventory, {&each, 1}, now, {});
  };
  const auto plan = plan_for(asked);
  CHECK(listed(plan.conflicts).empty());
  REQUIRE(plan.steps.size() == 1);
  CHECK(plan.steps[0].spec.profile == Profile::ca);
  CHECK(plan.steps[0].spec.path_length == 0);
  asked.request.extended_key_usages = {"serverAuth"};
  CHECK(one(plan_for(asked).conflicts).rule == Rule::usages_wider);
  asked.request.extended_key_usages.clear();
  asked.request.public_key_sha256 = "key of root";
  CHECK(one(plan_for(asked).conflicts).rule == Rule::key_mismatch);
}
