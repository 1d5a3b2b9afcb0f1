// SPDX-License-Identifier: Apache-2.0
#include "inventory_builder.hpp"
#include "plan_checks.hpp"

using namespace build;
using pki::Action;
using pki::Form;
using pki::plan_init;
using pki::Profile;

namespace {

bool has_certificate(const pki::CatalogRow& row) { return row.form != Form::bare_key; }
bool is_pair(const pki::CatalogRow& row) { return row.form == Form::key_pair; }
bool is_leaf(const pki::CatalogRow& row) { return !row.issuer.empty(); }
bool is_leaf_pair(const pki::CatalogRow& row) { return is_leaf(row) && is_pair(row); }
bool is_ca(const pki::CatalogRow& row) { return row.is_ca(); }
bool serves(const pki::CatalogRow& row) { return row.profile == Profile::server || row.profile == Profile::peer; }
bool connects(const pki::CatalogRow& row) { return row.profile == Profile::client || row.profile == Profile::peer; }
bool has_names(const pki::CatalogRow& row) { return is_leaf(row) && !row.sans.empty(); }

/// Damage is one fault, the rows that can have it, and what must be said about it.
struct Damage {
  const char* fault;
  bool (*applies)(const pki::CatalogRow&);
  void (*apply)(pki::Entry&);
  bool at_key;           ///< the conflict is about the key file
  const char* found;     ///< in the message
  const char* expected;  ///< in the message
  const char* hint;
};

pki::Certificate& first(pki::Entry& entry) { return entry.certificates.front(); }

const Damage damages[] = {
    {"expired", has_certificate, [](pki::Entry& e) { first(e).not_after = now - 1s; }, false,
     "expired on 2026-11-21 00:48:14 UTC", "", "replace"},
    {"not yet valid", has_certificate, [](pki::Entry& e) { first(e).not_before = now + 1s; }, false,
     "not valid before 2026-11-21 00:48:16 UTC", "2026-11-21 00:48:15 UTC", "clock"},
    {"signed by another", is_leaf, [](pki::Entry& e) { e.signed_by_issuer = false; }, false, "CN=issuer of",
     "not signed by", "move"},
    {"key of another", is_pair, [](pki::Entry& e) { e.key = key("another"); }, true, "does not match", ".crt",
     "restore"},
    {"certificate without key", is_leaf_pair, lose_key, false, "without its key", ".key", "restore"},
    {"key without certificate", is_leaf_pair, lose_certificate, true, "without its certificate", ".crt", "restore"},
    {"server without its usage", serves, [](pki::Entry& e) { first(e).extended_key_usages = {"clientAuth"}; }, false,
     "usage is clientAuth", "expected serverAuth", "move"},
    {"client without its usage", connects, [](pki::Entry& e) { first(e).extended_key_usages = {"serverAuth"}; }, false,
     "usage is serverAuth", "expected clientAuth", "move"},
    {"leaf that is a CA", is_leaf, [](pki::Entry& e) { first(e).is_ca = first(e).can_sign = true; }, false,
     "a CA certificate", "expected one for", "move"},
    {"CA that is none", is_ca, [](pki::Entry& e) { first(e).is_ca = first(e).can_sign = false; }, false, "not a CA",
     "CA:TRUE", "restore"},
    {"CA that may not sign", is_ca, [](pki::Entry& e) { first(e).can_sign = false; }, false, "may not sign",
     "keyCertSign", "restore"},
    {"name missing", has_names,
     [](pki::Entry& e) {
       std::erase(first(e).sans, pki::GeneralName{pki::GeneralName::Kind::dns, "cp-1"});
     },
     false, "lacks the names cp-1,", "found", "move"},
    {"address missing", has_names,
     [](pki::Entry& e) {
       std::erase(first(e).sans, pki::GeneralName{pki::GeneralName::Kind::ip, "192.168.10.11"});
     },
     false, "lacks the names 192.168.10.11,", "found", "move"},
};

}  // namespace

TEST_CASE(
    "each fault of each row is exactly one conflict that names the file, what was found, what was expected and the way "
    "out") {
  for (const auto& damage : damages)
    for (const auto& row : pki::default_catalog().rows()) {
      if (!damage.applies(row)) continue;
      CAPTURE(damage.fault, std::string(row.name));
      auto inventory = sound(config());
      auto& entry = at(inventory, row.name);
      damage.apply(entry);
      const auto plan = plan_init(config(), inventory, now);
      const auto conflict = one(plan.conflicts);
      CHECK(conflict.subject == (damage.at_key ? entry.key_path : entry.path).string());
      CHECK_THAT(conflict.message, contains(damage.found) && contains(damage.expected));
      if (std::string(damage.fault) == "expired" && !row.is_ca())
        CHECK(to_text(conflict.remedy) == "renew " + std::string(row.name));
      else
        CHECK_THAT(to_text(conflict.remedy), contains(damage.hint));
      CHECK(step(plan, row.name).reason == "conflict");
    }
}

TEST_CASE("a conflict replaces nothing: no row that exists is planned to be made") {
  for (const auto& damage : damages)
    for (const auto& row : pki::default_catalog().rows()) {
      if (!damage.applies(row)) continue;
      auto inventory = sound(config());
      damage.apply(at(inventory, row.name));
      CHECK(names(plan_init(config(), inventory, now), Action::create).empty());
    }
}

TEST_CASE("the same fault in every row is told once for each") {
  for (const auto& damage : damages) {
    auto inventory = sound(config());
    Paths expected;
    for (auto& entry : inventory.entries) {
      if (!damage.applies(*entry.row)) continue;
      damage.apply(entry);
      expected.insert((damage.at_key ? entry.key_path : entry.path).string());
    }
    CAPTURE(damage.fault);
    CHECK(subjects(plan_init(config(), inventory, now).conflicts) == expected);
  }
}

TEST_CASE("all faults of one file are told at once") {
  auto inventory = sound(config());
  auto& entry = at(inventory, "apiserver");
  first(entry).not_after = now - day;
  first(entry).extended_key_usages = {"clientAuth"};
  first(entry).sans.clear();
  entry.signed_by_issuer = false;
  entry.key = key("another");
  const auto plan = plan_init(config(), inventory, now);
  CHECK(subjects(plan.conflicts) == Paths{"/k/pki/apiserver.crt", "/k/pki/apiserver.crt", "/k/pki/apiserver.crt",
                                          "/k/pki/apiserver.crt", "/k/pki/apiserver.crt", "/k/pki/apiserver.key"});
}

TEST_CASE("faults of many files are told at once, in the order of the catalog") {
  auto inventory = sound(config());
  first(at(inventory, "scheduler.conf")).not_after = now - day;
  lose_key(at(inventory, "etcd-peer"));
  at(inventory, "sa").key = key("another");
  first(at(inventory, "ca")).not_after = now - day;
  std::string order;
  for (const auto& conflict : plan_init(config(), inventory, now).conflicts)
    order += conflict.subject + " ";
  CHECK(order == "/k/pki/ca.crt /k/pki/etcd/peer.crt /k/pki/sa.key /k/scheduler.conf ");
}

TEST_CASE("a file that does not parse is its reader's problem, told once and in its words") {
  for (const auto& row : pki::default_catalog().rows()) {
    CAPTURE(std::string(row.name));
    auto inventory = sound(config());
    auto& entry = at(inventory, row.name);
    const pki::Finding garbage{
        pki::Rule::malformed, pki::Severity::error, entry.path.string(), "no CERTIFICATE block in 0 bytes", {},
        "restore it"};
    entry.certificates.clear();
    entry.public_key_sha256.clear();
    entry.signed_by_issuer = false;
    entry.kubeconfig.reset();
    if (row.form == Form::kubeconfig) entry.key.reset();
    entry.problems = {garbage};
    const auto plan = plan_init(config(), inventory, now);
    CHECK((one(plan.conflicts) == garbage));
    CHECK(names(plan, Action::create).empty());
  }
}

TEST_CASE("a clock behind the newest certificate is one conflict, five minutes are allowed") {
  const pki::CatalogRow* scheduler = &pki::default_catalog().find_row("scheduler.conf");
  for (const bool one_row : {false, true}) {
    CAPTURE(one_row);
    const auto plan = [&](const pki::Inventory& inventory) {
      return one_row ? plan_init(config(), inventory, now, {{scheduler}}) : plan_init(config(), inventory, now);
    };
    auto inventory = sound(config());
    lose(inventory, "scheduler.conf");
    first(at(inventory, "admin.conf")).not_before = now + std::chrono::minutes{5} + 1s;
    const auto conflict = one(plan(inventory).conflicts);
    CHECK(conflict.subject == "/k/admin.conf");
    CHECK(conflict.rule == (one_row ? pki::Rule::clock_behind : pki::Rule::not_yet_valid));
    CHECK(conflict.remedy.kind == pki::Remedy::Kind::check_clock);
    first(at(inventory, "admin.conf")).not_before = now + std::chrono::minutes{5};
    if (one_row) CHECK(plan(inventory).conflicts.empty());
  }
}

TEST_CASE("a key that does not parse, or that others can read, is its reader's problem") {
  for (const auto& row : pki::default_catalog().rows()) {
    for (const bool parses : {false, true}) {
      auto inventory = sound(config());
      auto& entry = at(inventory, row.name);
      const pki::Finding lax{
          pki::Rule::malformed, pki::Severity::error, entry.key_path.string(), "mode 0644, expected 0600", {},
          "chmod 0600"};
      entry.problems = {lax};
      if (!parses) entry.key.reset();
      CHECK((one(plan_init(config(), inventory, now).conflicts) == lax));
    }
  }
}

TEST_CASE("an Ed25519 key signs no tokens, and is no fault of any other row") {
  for (const auto& row : pki::default_catalog().rows()) {
    CAPTURE(std::string(row.name));
    auto inventory = sound(config());
    auto& entry = at(inventory, row.name);
    entry.key = build::key(entry.key->public_key_sha256(), "ED25519");
    const auto plan = plan_init(config(), inventory, now);
    REQUIRE(plan.conflicts.size() == (row.form == pki::Form::bare_key ? 1U : 0U));
    if (plan.conflicts.empty()) continue;
    CHECK(plan.conflicts[0].subject == entry.key_path.string());
    CHECK_THAT(plan.conflicts[0].message, contains("an Ed25519 key, expected RSA or ECDSA"));
  }
}

TEST_CASE("a CA whose certificate is lost leaves its leaves without issuer, and each says so") {
  for (const char* name : {"ca", "front-proxy-ca", "etcd-ca"}) {
    auto inventory = sound(config());
    auto& ca = at(inventory, name);
    lose_certificate(ca);
    Paths expected{ca.key_path.string()};
    for (const auto& row : pki::default_catalog().rows())
      if (row.issuer == name) expected.insert(inventory.find(row.name).path.string());
    const auto plan = plan_init(config(), inventory, now);
    CHECK(subjects(plan.conflicts) == expected);
    CHECK_THAT(listed(plan.conflicts), contains("its CA is missing, expected " + ca.path.string()));
  }
}

TEST_CASE("a CA that is lost altogether is not made anew under leaves that it signed") {
  auto inventory = sound(config());
  lose(inventory, "front-proxy-ca");
  const auto conflict = one(plan_init(config(), inventory, now).conflicts);
  CHECK(conflict.subject == "/k/pki/front-proxy-client.crt");
  CHECK_THAT(conflict.message, contains("its CA is missing, expected /k/pki/front-proxy-ca.crt"));
  CHECK_THAT(to_text(conflict.remedy), contains("backup"));
}

TEST_CASE("a CA that does not parse is one conflict, also where a leaf is missing") {
  for (const bool with_key : {true, false}) {
    auto inventory = sound(config());
    auto& ca = at(inventory, "ca");
    ca.certificates.clear();
    ca.problems = {{pki::Rule::malformed, pki::Severity::error, ca.path.string(), "no CERTIFICATE block"}};
    if (!with_key) lose_key(ca);
    lose(inventory, "apiserver");
    lose(inventory, "admin.conf");
    CHECK(one(plan_init(config(), inventory, now).conflicts).subject == "/k/pki/ca.crt");
  }
}
