// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <pki/request.hpp>

#include "inventory_builder.hpp"
#include "plan_checks.hpp"

using namespace build;
using pki::Action;
using pki::plan_request;
using pki::Rule;
using Kind = pki::GeneralName::Kind;
using Rows = std::vector<const pki::CatalogRow*>;

namespace {

const std::initializer_list<std::string_view> authorities{"ca", "front-proxy-ca", "etcd-ca"};

Rows rows(std::initializer_list<std::string_view> names) {
  Rows found;
  for (const auto name : names)
    found.push_back(&pki::default_catalog().find_row(name));
  return found;
}

pki::Plan requested(const pki::Inventory& inventory, const pki::RequestOptions& options = {},
                    const pki::ClusterConfig& wanted = config()) {
  return plan_request(valid(wanted), inventory, now, options);
}

/// Returns a host with everything, where the keys of the CAs are elsewhere.
pki::Inventory below_external_cas() {
  auto inventory = sound(config());
  for (const auto name : authorities)
    make_external(inventory, name);
  return inventory;
}

/// Returns a host that has the certificates of its CAs, and nothing else.
pki::Inventory cas_alone() {
  auto inventory = host(authorities);
  for (const auto name : authorities)
    make_external(inventory, name);
  return inventory;
}

void expires_in(pki::Inventory& inventory, std::string_view name, std::chrono::seconds rest) {
  at(inventory, name).certificates.front().not_after = now + rest;
}

pki::Errc code_of_request(const pki::Inventory& inventory, const pki::RequestOptions& options = {}) {
  try {
    (void)requested(inventory, options);
  } catch (const pki::Error& error) {
    return error.code();
  }
  FAIL("no error");
  return {};
}

constexpr auto leaves =
    "apiserver apiserver-kubelet-client front-proxy-client etcd-server etcd-peer etcd-healthcheck-client "
    "apiserver-etcd-client admin.conf super-admin.conf kubelet.conf controller-manager.conf scheduler.conf";

}  // namespace

TEST_CASE(
    "a host with the certificates of its CAs alone requests everything that they sign, and saves its "
    "configuration") {
  const auto plan = requested(cas_alone());
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  CHECK(names(plan, Action::create) == leaves);
  CHECK(names(plan, Action::skip) == "ca front-proxy-ca etcd-ca sa");
  CHECK(step(plan, "sa").reason == "not signed by a CA");
  CHECK(plan.config_to_save.has_value());
  CHECK(plan.config_to_save == plan_init(config(), host(authorities), now).config_to_save);
}

TEST_CASE("what is requested is what init would make with the keys of the CAs") {
  const auto plan = requested(cas_alone());
  const auto made = plan_init(config(), host(authorities), now);
  for (const auto& wanted : made.steps) {
    if (wanted.row->issuer.empty()) continue;
    CAPTURE(std::string(wanted.row->name));
    const auto& found = std::get<pki::Create>(step(plan, wanted.row->name).what);
    const auto& expected = std::get<pki::Create>(wanted.what);
    CHECK(found.spec == expected.spec);
    CHECK(found.algorithm == "ECDSA-P256");
    CHECK(found.cluster == expected.cluster);
    CHECK(found.server == expected.server);
  }
}

TEST_CASE("without names the rows that are missing or due are requested") {
  auto inventory = below_external_cas();
  lose(inventory, "apiserver");
  expires_in(inventory, "admin.conf", 10 * day);
  expires_in(inventory, "scheduler.conf", 100 * day);
  expires_in(inventory, "etcd-peer", -day);
  const auto plan = requested(inventory);
  CHECK(listed(plan.conflicts).empty());
  CHECK(names(plan, Action::create) == "apiserver");
  CHECK(names(plan, Action::renew) == "etcd-peer admin.conf");
  CHECK(step(plan, "scheduler.conf").reason == "not due");
  CHECK(names(requested(inventory, {.if_due = pki::Window{200 * day}}), Action::renew) ==
        "etcd-peer admin.conf scheduler.conf");
}

TEST_CASE("nothing is requested where nothing is missing or due") {
  const auto plan = requested(below_external_cas());
  CHECK(listed(plan.conflicts).empty());
  CHECK(names(plan, Action::create).empty());
  CHECK(names(plan, Action::renew).empty());
  CHECK_FALSE(plan.changes());
}

TEST_CASE("rows that were named are requested whatever their dates, and no others") {
  auto inventory = below_external_cas();
  lose(inventory, "apiserver");
  lose(inventory, "etcd-peer");
  expires_in(inventory, "admin.conf", day);
  const auto plan = requested(inventory, {.rows = rows({"apiserver", "scheduler.conf"})});
  CHECK(listed(plan.conflicts).empty());
  CHECK(names(plan, Action::create) == "apiserver");
  CHECK(names(plan, Action::renew) == "scheduler.conf");
  CHECK(step(plan, "etcd-peer").reason == "not asked for");
  CHECK(step(plan, "admin.conf").reason == "not asked for");
}

TEST_CASE("a row whose request waits for its answer is kept, named or not") {
  for (const bool named : {false, true}) {
    CAPTURE(named);
    auto inventory = below_external_cas();
    lose(inventory, "apiserver");
    expires_in(inventory, "admin.conf", day);
    for (const auto* const name : {"apiserver", "admin.conf"})
      at(inventory, name).request = pki::PendingRequest{now - 2 * day, "key that waits"};
    const auto plan =
        requested(inventory, {.rows = named ? rows({"apiserver", "admin.conf"}) : Rows{}, .if_due = pki::Window{}});
    CHECK(listed(plan.conflicts).empty());
    CHECK(names(plan, Action::keep) == "apiserver admin.conf");
    CHECK(step(plan, "apiserver").reason == "requested on 2026-11-19");
    CHECK_FALSE(plan.changes());
  }
}

TEST_CASE("a row whose CA has its key here is not requested, and named it is a conflict with the command to use") {
  auto inventory = sound(config());
  make_external(inventory, "ca");
  lose(inventory, "etcd-server");
  lose(inventory, "apiserver");
  const auto plan = requested(inventory);
  CHECK(listed(plan.conflicts).empty());
  CHECK(names(plan, Action::create) == "apiserver");
  CHECK(step(plan, "etcd-server").reason == "its CA is on this host");
  struct Row {
    const char* name;
    pki::Remedy::Kind remedy;
  };
  for (const auto& [name, remedy] :
       {Row{"etcd-server", pki::Remedy::Kind::init}, Row{"front-proxy-client", pki::Remedy::Kind::renew}}) {
    CAPTURE(name);
    const auto conflict = one(requested(inventory, {.rows = rows({name})}).conflicts);
    CHECK(conflict.rule == Rule::invalid_value);
    CHECK(conflict.subject == inventory.find(name).path.string());
    CHECK_THAT(conflict.message, contains("is not requested") && contains("on this host"));
    CHECK(conflict.remedy == pki::Remedy{remedy, {name}});
  }
}

TEST_CASE("a row whose CA is missing cannot be requested") {
  auto inventory = below_external_cas();
  lose(inventory, "front-proxy-ca");
  lose(inventory, "front-proxy-client");
  CHECK(listed(requested(inventory).conflicts).empty());
  const auto conflict = one(requested(inventory, {.rows = rows({"front-proxy-client"})}).conflicts);
  CHECK(conflict.rule == Rule::ca_missing);
  CHECK_THAT(conflict.message, contains("its CA front-proxy-ca is missing"));
  CHECK(conflict.remedy == pki::Remedy{pki::Remedy::Kind::restore, {}, {"/k/pki/front-proxy-ca.crt"}});
}

TEST_CASE("where no CA is external there is nothing to request") {
  CHECK(code_of_request(sound(config())) == pki::Errc::not_found);
  CHECK(code_of_request(nothing(config())) == pki::Errc::not_found);
  auto keys_alone = sound(config());
  for (const auto name : authorities)
    lose_certificate(at(keys_alone, name));
  CHECK(code_of_request(keys_alone) == pki::Errc::not_found);
}

TEST_CASE("a CA, a key pair without certificate and a row of another catalog cannot be requested") {
  const auto inventory = below_external_cas();
  for (const auto* const name : {"ca", "etcd-ca", "sa"})
    CHECK(code_of_request(inventory, {.rows = rows({"apiserver", name})}) == pki::Errc::invalid_config);
  auto foreign = pki::default_catalog().find_row("apiserver");
  foreign.name = "nonsense";
  CHECK(code_of_request(inventory, {.rows = {&foreign}}) == pki::Errc::unknown_name);
}

TEST_CASE("the key on disk is requested for where there is one and it is wanted") {
  auto inventory = below_external_cas();
  lose(inventory, "apiserver");
  for (const bool reuse : {false, true}) {
    const auto plan = requested(inventory, {.rows = rows({"apiserver", "admin.conf"}), .reuse_key = reuse});
    CHECK(listed(plan.conflicts).empty());
    CHECK(step(plan, "apiserver").action() == Action::create);
    CHECK(renewal(plan, "admin.conf").reuse_key == reuse);
  }
}

TEST_CASE("the certificate that is there determines the new one alone where that is wanted") {
  auto inventory = below_external_cas();
  const std::vector<pki::GeneralName> names{{Kind::dns, "alone.example"}};
  at(inventory, "apiserver").certificates.front().sans = names;
  for (const bool keep : {false, true}) {
    const auto plan = requested(inventory, {.rows = rows({"apiserver"}), .keep_identity = keep});
    CHECK((renewal(plan, "apiserver").spec.sans == names) == keep);
  }
}

TEST_CASE("what is wrong with rows that are not requested is no conflict") {
  auto inventory = sound(config());
  make_external(inventory, "ca");
  lose(inventory, "apiserver");
  SECTION("a leaf of another CA") { lose_key(at(inventory, "front-proxy-client")); }
  SECTION("a leaf of the same CA that is not due") { lose_key(at(inventory, "admin.conf")); }
  SECTION("another CA") { expires_in(inventory, "etcd-ca", -day); }
  SECTION("a CA that is missing") { lose(inventory, "front-proxy-ca"); }
  SECTION("the service account key") { at(inventory, "sa").public_key_sha256 = "another"; }
  for (const auto& wanted : {rows({"apiserver"}), Rows{}}) {
    CAPTURE(wanted.size());
    const auto plan = requested(inventory, {.rows = wanted});
    CHECK(listed(plan.conflicts).empty());
    CHECK(listed(plan.failures).empty());
    CHECK(names(plan, Action::create) == "apiserver");
  }
}

TEST_CASE("what is wrong with an external CA is no conflict for the rows of another one") {
  auto inventory = below_external_cas();
  lose(inventory, "apiserver");
  expires_in(inventory, "front-proxy-ca", -day);
  const auto plan = requested(inventory, {.rows = rows({"apiserver"})});
  CHECK(listed(plan.conflicts).empty());
  CHECK(names(plan, Action::create) == "apiserver");
}

TEST_CASE("what is wrong with a row that is requested, or with its CA, is a conflict") {
  auto inventory = below_external_cas();
  SECTION("a CA that has expired, for what it renews") {
    expires_in(inventory, "ca", -day);
    const auto conflict = one(requested(inventory, {.rows = rows({"apiserver"})}).conflicts);
    CHECK(conflict.subject == "/k/pki/ca.crt");
    CHECK(conflict.rule == Rule::expired);
  }
  SECTION("a CA that has expired, for what is missing") {
    expires_in(inventory, "ca", -day);
    lose(inventory, "apiserver");
    const auto conflict = one(requested(inventory, {.rows = rows({"apiserver"})}).conflicts);
    CHECK(conflict.subject == "/k/pki/ca.crt");
    CHECK(conflict.rule == Rule::expired);
  }
  SECTION("a certificate that cannot be read") {
    lose_certificate(at(inventory, "apiserver"));
    at(inventory, "apiserver").exists = true;
    at(inventory, "apiserver").problems = {
        {Rule::malformed, pki::Severity::error, "/k/pki/apiserver.crt", "garbage", "apiserver"}};
    const auto plan = requested(inventory, {.rows = rows({"apiserver"})});
    CHECK(subjects(plan.conflicts).contains("/k/pki/apiserver.crt"));
    CHECK_FALSE(plan.changes());
  }
}

TEST_CASE("a request ends with its CA, with a warning") {
  auto inventory = cas_alone();
  expires_in(inventory, "front-proxy-ca", 100 * day);
  const auto plan = requested(inventory);
  CHECK(listed(plan.conflicts).empty());
  CHECK(one(plan.warnings).row == "front-proxy-client");
  CHECK(plan.warnings.front().rule == Rule::ends_with_ca);
  CHECK(step(plan, "front-proxy-client").spec()->not_after == now + 100 * day);
}

TEST_CASE("the rows of an external etcd are not requested") {
  auto wanted = config();
  wanted.external_etcd = pki::ExternalEtcd{{"https://10.0.0.9:2379"}, "/e/ca.crt", "/e/client.crt", "/e/client.key"};
  CHECK(names(requested(cas_alone(), {}, wanted), Action::create) ==
        "apiserver apiserver-kubelet-client front-proxy-client admin.conf super-admin.conf kubelet.conf "
        "controller-manager.conf scheduler.conf");
  auto inventory = cas_alone();
  at(inventory, "apiserver-etcd-client").external_etcd = true;
  const auto plan = requested(inventory, {.rows = rows({"apiserver-etcd-client"})}, wanted);
  CHECK(step(plan, "apiserver-etcd-client").reason == "external etcd");
  CHECK_FALSE(plan.changes());
}

TEST_CASE("a host requests what its role has") {
  struct Row {
    pki::Role role;
    const char* created;
  };
  const Row cases[] = {
      {pki::Role::worker, "kubelet.conf"},
      {pki::Role::etcd_host, "etcd-server etcd-peer etcd-healthcheck-client"},
      {pki::Role::ca_host, ""},
  };
  for (const auto& [role, created] : cases) {
    CAPTURE(std::string(to_string(role)));
    const auto plan = requested(cas_alone(), {}, with_role(role));
    CHECK(listed(plan.conflicts).empty());
    CHECK(names(plan, Action::create) == created);
  }
}

TEST_CASE("a clock behind the newest certificate is a conflict, whosever it is") {
  for (const auto* const newest : {"ca", "apiserver", "etcd-peer", "etcd-ca"}) {
    CAPTURE(newest);
    auto inventory = sound(config());
    make_external(inventory, "ca");
    at(inventory, newest).certificates.front().not_before = now + day;
    lose(inventory, "admin.conf");
    for (const auto& wanted : {rows({"admin.conf"}), rows({"scheduler.conf"}), Rows{}}) {
      const auto plan = requested(inventory, {.rows = wanted});
      CHECK(std::ranges::any_of(plan.conflicts, [](const pki::Finding& conflict) {
        return conflict.remedy.kind == pki::Remedy::Kind::check_clock;
      }));
    }
  }
}

TEST_CASE("an inventory that does not fit its catalog is refused") {
  auto inventory = below_external_cas();
  inventory.entries.pop_back();
  CHECK(code_of_request(inventory) == pki::Errc::mismatch);
}

namespace {

pki::ClusterConfig with_intermediate() {
  auto wanted = config();
  wanted.rows.emplace().authorities = {{.name = "root"}, {.name = "middle", .issuer = "root", .path_length = 0}};
  wanted.rows->leaves = {{.name = "leaf", .issuer = "middle"}};
  return wanted;
}

}  // namespace

TEST_CASE("an intermediate CA that is missing is requested from a root elsewhere, and what it will sign is not") {
  const auto wanted = with_intermediate();
  auto inventory = sound(wanted);
  for (const auto* const name : {"middle", "leaf"})
    at(inventory, name) = absent_entry(inventory.catalog.find_row(name), wanted);
  make_external(inventory, "root");
  const auto plan = requested(inventory, {}, wanted);
  CHECK(listed(plan.conflicts).empty());
  const auto& made = std::get<pki::Create>(step(plan, "middle").what);
  CHECK(made.spec.profile == pki::Profile::ca);
  CHECK(made.spec.path_length == 0);
  CHECK(step(plan, "leaf").action() == Action::skip);
  CHECK(step(plan, "leaf").reason == "its CA is missing");
}

TEST_CASE("an intermediate CA that is here is not requested") {
  const auto wanted = with_intermediate();
  auto inventory = sound(wanted);
  make_external(inventory, "root");
  CHECK(step(requested(inventory, {}, wanted), "middle").action() == Action::keep);
  const auto* row = &inventory.catalog.find_row("middle");
  CHECK_THROWS_WITH(requested(inventory, {.rows = {row}}, wanted), contains("a CA that is here"));
}
