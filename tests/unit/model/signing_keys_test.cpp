// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>

#include <pki/report.hpp>
#include <pki/signer.hpp>

#include "inventory_builder.hpp"
#include "plan_checks.hpp"

using namespace build;
using pki::Action;

namespace {

const std::string uri = "pkcs11:token=pki;object=ca";

/// Returns an inventory whose CA has its certificate here and its key in a token.
pki::Inventory with_token(std::string_view ca = "ca") {
  auto inventory = sound(config());
  make_external(inventory, ca);
  pki::use_signing_keys(inventory, {{std::string(ca), uri}});
  return inventory;
}

}  // namespace

TEST_CASE("a CA with a key that can be reached is not external, and its leaves are planned") {
  for (const char* ca : {"ca", "front-proxy-ca", "etcd-ca"}) {
    CAPTURE(ca);
    auto inventory = with_token(ca);
    CHECK_FALSE(inventory.find(ca).external());
    CHECK(inventory.find(ca).signing_key == uri);
    std::string leaves;
    for (const auto& row : pki::default_catalog().rows()) {
      if (row.issuer != ca) continue;
      lose(inventory, row.name);
      leaves += (leaves.empty() ? "" : " ") + std::string(row.name);
    }
    const auto plan = plan_init(config(), inventory, now);
    CHECK(listed(plan.conflicts).empty());
    CHECK(names(plan, Action::create) == leaves);
    CHECK_THAT(step(plan, ca).reason, contains("its key is at " + uri));
  }
}

TEST_CASE("leaves of a CA with a key elsewhere are renewed") {
  const auto plan = pki::plan_renew(nullptr, with_token(), now, {});
  CHECK(listed(plan.conflicts).empty());
  CHECK(names(plan, Action::external).empty());
  CHECK(step(plan, "apiserver").action() == Action::renew);
}

TEST_CASE("a CA whose key is elsewhere is not made anew beside it") {
  auto inventory = nothing(config());
  pki::use_signing_keys(inventory, {{"ca", uri}});
  const auto plan = plan_init(config(), inventory, now);
  const auto conflict = one(plan.conflicts);
  CHECK(conflict.rule == pki::Rule::ca_missing);
  CHECK(conflict.row == "ca");
  CHECK_THAT(conflict.message, contains("whose key is at " + uri));
  CHECK(step(plan, "ca").action() == Action::skip);
}

TEST_CASE("keys are those of CAs of the catalog, and their URIs are valid") {
  struct Row {
    std::map<std::string, std::string> keys;
    pki::Errc code;
    std::string message;
  };
  auto inventory = sound(config());
  for (const auto& [keys, code, message] : {
           Row{{{"no-such-ca", uri}}, pki::Errc::unknown_name, "expected one of ca, front-proxy-ca, etcd-ca"},
           Row{{{"apiserver", uri}}, pki::Errc::invalid_config, "\"apiserver\" is not a CA"},
           Row{{{"sa", uri}}, pki::Errc::invalid_config, "\"sa\" is not a CA"},
           Row{{{"ca", "/etc/ca.key"}}, pki::Errc::invalid_config, "it has no scheme"},
           Row{{{"ca", "pkcs11:token=a?pin-value=1234"}}, pki::Errc::invalid_config, "pin-value=...\" is not the URI"},
       }) {
    try {
      pki::use_signing_keys(inventory, keys);
      FAIL_CHECK("no error");
    } catch (const pki::Error& error) {
      CHECK(error.code() == code);
      CHECK_THAT(error.message(), contains(message));
      CHECK(std::string(error.what()).find("1234") == std::string::npos);
    }
    CHECK(inventory.find("ca").signing_key.empty());
  }
  pki::use_signing_keys(inventory, {{"kubernetes-ca", uri}});
  CHECK(inventory.find("ca").signing_key == uri);
  pki::use_signing_keys(inventory, {{"ca", ""}});
  CHECK(inventory.find("ca").signing_key.empty());
}

TEST_CASE("a configuration with an invalid place of a key is invalid at that field") {
  auto wanted = config();
  wanted.signing_keys = {{"ca", uri}, {"etcd-ca", "handle:0x81000001"}};
  CHECK(pki::validate(wanted).problems.empty());
  wanted.signing_keys = {{"ca", "ca.key"}, {"scheduler.conf", uri}};
  const auto problems = pki::validate(wanted).problems;
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].subject == "signingKeys.ca");
  CHECK(problems[1].subject == "signingKeys.scheduler.conf");
}

TEST_CASE("a report shows where the key of a CA is") {
  auto inventory = with_token();
  const auto row_of = [&](const pki::Report& report) {
    return *std::ranges::find(report.authorities, "ca", &pki::ReportRow::name);
  };
  const auto report = pki::inspect(inventory, {}, now);
  CHECK(row_of(report).signing_key == uri);
  CHECK_FALSE(row_of(report).externally_managed);
  CHECK(row_of(report).owner == "pkigen");
  CHECK(report.worst() == pki::State::valid);
  for (const auto& note : report.notes)
    CHECK(note.rule != pki::Rule::ca_key_on_disk);
}

TEST_CASE("a second key of a CA on the disk is reported beside the one in a token") {
  auto inventory = sound(config());
  pki::use_signing_keys(inventory, {{"ca", uri}});
  const auto report = pki::inspect(inventory, {}, now);
  const auto note = std::ranges::find(report.notes, pki::Rule::ca_key_on_disk, &pki::Finding::rule);
  REQUIRE(note != report.notes.end());
  CHECK(note->subject == inventory.find("ca").key_path.string());
  CHECK_THAT(note->message, contains(uri));
  CHECK(report.worst() == pki::State::valid);
}
