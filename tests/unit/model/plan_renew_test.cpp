// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <iterator>

#include <pki/renewal.hpp>

#include "inventory_builder.hpp"
#include "plan_checks.hpp"

// What is renewed and what is not, why, and what refuses. How the new certificates look: renewed_test.cpp.

namespace {

using build::at;
using build::day;
using build::names;
using build::now;
using build::one;
using build::step;
using pki::Action;
using namespace std::chrono_literals;

constexpr auto every_leaf =
    "apiserver apiserver-kubelet-client front-proxy-client etcd-server etcd-peer etcd-healthcheck-client "
    "apiserver-etcd-client admin.conf super-admin.conf kubelet.conf controller-manager.conf scheduler.conf";

pki::RenewOptions all() { return {}; }

pki::RenewOptions due_within(std::chrono::seconds span) {
  pki::RenewOptions options;
  options.if_due.emplace().span = span;
  return options;
}

pki::RenewOptions named(std::initializer_list<const char*> rows) {
  pki::RenewOptions options;
  for (const auto* name : rows)
    options.rows.push_back(&pki::default_catalog().find_row(name));
  return options;
}

pki::Inventory sound() { return build::sound(build::config()); }

pki::Plan renew(const pki::Inventory& inventory, const pki::RenewOptions& options = all()) {
  return pki::plan_renew(nullptr, inventory, now, options);
}

pki::Plan renew_with(const pki::ClusterConfig& config, const pki::Inventory& inventory) {
  const auto valid = build::valid(config);
  return pki::plan_renew(&valid, inventory, now);
}

void let_end(pki::Inventory& inventory, std::string_view name, std::chrono::seconds left) {
  at(inventory, name).certificates.front().not_after = now + left;
}

void point_to_files(pki::Entry& entry) {
  entry.kubeconfig->client_certificate_file = "/var/lib/kubelet/pki/kubelet-client-current.pem";
  entry.certificates.clear();
  entry.key.reset();
  entry.signed_by_issuer = false;
}

}  // namespace

TEST_CASE("renewing all renews every leaf and no CA and no bare key") {
  const auto plan = renew(sound());
  CHECK(names(plan, Action::renew) == every_leaf);
  CHECK(names(plan, Action::keep) == "ca front-proxy-ca etcd-ca");
  CHECK(names(plan, Action::skip) == "sa");
  CHECK(plan.conflicts.empty());
  CHECK_FALSE(plan.config_to_save);
  for (const auto& step : plan.steps)
    CHECK_FALSE(step.reason.empty());
}

TEST_CASE("a renewal describes the certificate that it replaces") {
  const auto inventory = sound();
  const auto plan = renew(inventory);
  const auto& old = *inventory.find("apiserver").certificate();
  const auto& found = step(plan, "apiserver").found;
  REQUIRE(found.certificate);
  CHECK(found.certificate->serial == old.serial);
  CHECK(found.certificate->not_before == old.not_before);
  CHECK(found.certificate->not_after == old.not_after);
  CHECK(found.certificate->pem.empty());
  CHECK(found.algorithm == "ECDSA-P256");
}

TEST_CASE("only what was named is renewed") {
  const auto plan = renew(sound(), named({"admin.conf", "etcd-peer"}));
  CHECK(names(plan, Action::renew) == "etcd-peer admin.conf");
  CHECK(step(plan, "apiserver").reason == "not asked for");
}

TEST_CASE("a CA and a bare key cannot be named") {
  for (const char* name : {"ca", "front-proxy-ca", "etcd-ca", "sa"})
    CHECK_THROWS_WITH(renew(sound(), named({name})), contains("not renewed"));
}

TEST_CASE("if due, a certificate is renewed from the window on and says why") {
  struct Case {
    std::chrono::seconds left;
    Action action;
    const char* reason;
  };
  for (const auto& [left, action, reason] : {
           Case{31 * day, Action::keep, "ends in 31 days, not within 30d"},
           Case{30 * day + std::chrono::seconds{1}, Action::keep, "ends in 30 days, not within 30d"},
           Case{30 * day, Action::renew, "ends in 30 days, within 30d"},
           Case{day, Action::renew, "ends in 24 hours, within 30d"},
           Case{std::chrono::seconds{60}, Action::renew, "ends in 1 minute, within 30d"},
           Case{std::chrono::seconds{-1}, Action::renew, "expired on 2026-11-21 00:48:14 UTC"},
           Case{-300 * day, Action::renew, "expired on 2026-01-25 00:48:15 UTC"},
       }) {
    auto inventory = sound();
    auto& certificate = at(inventory, "scheduler.conf").certificates.front();
    certificate.not_before = std::min(certificate.not_before, now + left - 365 * day);
    let_end(inventory, "scheduler.conf", left);
    const auto plan = renew(inventory, due_within(30 * day));
    INFO(reason);
    CHECK(step(plan, "scheduler.conf").action() == action);
    CHECK(step(plan, "scheduler.conf").reason == reason);
    CHECK(names(plan, Action::renew) == (action == Action::renew ? "scheduler.conf" : ""));
    CHECK(plan.changes() == (action == Action::renew));
    CHECK(plan.conflicts.empty());
  }
}

TEST_CASE("the window may be a share of the life") {
  auto inventory = sound();
  let_end(inventory, "apiserver", 60 * day);  // 90 days of life
  pki::RenewOptions options;
  options.if_due.emplace().percent = 70;
  const auto plan = renew(inventory, options);
  CHECK(names(plan, Action::renew) == "apiserver");
  CHECK(step(plan, "apiserver").reason == "ends in 60 days, within 70% of its life");
}

TEST_CASE("what is expired can be renewed, whatever its dates") {
  auto inventory = sound();
  for (auto& entry : inventory.entries)
    if (!entry.row->is_ca() && entry.certificate() != nullptr) {
      entry.certificates.front().not_before = now - 800 * day;
      entry.certificates.front().not_after = now - 435 * day;
    }
  for (auto& entry : inventory.entries)
    if (entry.row->is_ca()) entry.certificates.front().not_before = now - 900 * day;
  const auto plan = renew(inventory);
  CHECK(plan.conflicts.empty());
  CHECK(names(plan, Action::renew) == every_leaf);
}

TEST_CASE("a kubeconfig that points to its certificate is left alone, and cannot be named") {
  auto inventory = sound();
  point_to_files(at(inventory, "kubelet.conf"));
  const auto plan = renew(inventory);
  CHECK(step(plan, "kubelet.conf").action() == Action::skip);
  CHECK(step(plan, "kubelet.conf").reason == "points to /var/lib/kubelet/pki/kubelet-client-current.pem");
  CHECK(plan.conflicts.empty());
  CHECK(one(renew(inventory, named({"kubelet.conf"})).conflicts).subject == "/k/kubelet.conf");
}

TEST_CASE("a missing file is skipped with a warning that says how to make it, and cannot be named") {
  auto inventory = sound();
  build::lose(inventory, "admin.conf");
  const auto plan = renew(inventory);
  CHECK(step(plan, "admin.conf").action() == Action::skip);
  CHECK((one(plan.warnings).remedy == pki::Remedy(pki::Remedy::Kind::init, {"admin.conf"})));
  CHECK(plan.conflicts.empty());
  CHECK((one(renew(inventory, named({"admin.conf"})).conflicts).remedy ==
         pki::Remedy(pki::Remedy::Kind::init, {"admin.conf"})));
}

TEST_CASE("super-admin.conf may be missing without a word") {
  auto inventory = sound();
  build::lose(inventory, "super-admin.conf");
  CHECK(renew(inventory).warnings.empty());
  CHECK(renew(inventory, due_within(30 * day)).warnings.empty());
  CHECK(one(renew(inventory, named({"super-admin.conf"})).conflicts).subject == "/k/super-admin.conf");
}

TEST_CASE("where no etcd file exists etcd runs elsewhere, unless the configuration says otherwise") {
  auto inventory = sound();
  for (auto& entry : inventory.entries)
    if (entry.row->local_etcd) build::lose(entry);
  CHECK(renew(inventory).warnings.empty());
  auto config = build::config();
  CHECK(renew_with(config, inventory).warnings.size() == 4);
  config.external_etcd.emplace();
  const auto plan = renew_with(config, inventory);
  CHECK(plan.warnings.empty());
  CHECK(step(plan, "etcd-peer").reason == "external etcd");
}

TEST_CASE("what is invalid is a conflict if it was named, and a failure beside the renewal of the others if not") {
  struct Case {
    const char* name;
    const char* row;
    void (*damage)(pki::Entry&);
  };
  for (const auto& [name, row, damage] : {
           Case{"no key", "apiserver", build::lose_key},
           Case{"no certificate", "apiserver", build::lose_certificate},
           Case{"another key", "etcd-peer", [](pki::Entry& e) { e.key = build::key("another"); }},
           Case{"another key inside", "admin.conf", [](pki::Entry& e) { e.key = build::key("another"); }},
           Case{"another CA signed it", "apiserver", [](pki::Entry& e) { e.signed_by_issuer = false; }},
           Case{"malformed", "etcd-server",
                [](pki::Entry& e) {
                  e.certificates.clear();
                  e.problems.push_back(
                      {pki::Rule::malformed, pki::Severity::error, e.path.string(), "not a certificate"});
                }},
           Case{"a CA in its place", "apiserver", [](pki::Entry& e) { e.certificates.front().is_ca = true; }},
           Case{"for another purpose", "apiserver",
                [](pki::Entry& e) { e.certificates.front().extended_key_usages = {"clientAuth"}; }},
           Case{"names that its CA excludes", "apiserver",
                [](pki::Entry& e) {
                  e.refusal = pki::ChainRefusal{"excluded", {}, true};
                }},
       }) {
    INFO(name);
    auto inventory = sound();
    damage(at(inventory, row));
    const auto plan = renew(inventory);
    CHECK(plan.conflicts.empty());
    CHECK_FALSE(plan.failures.empty());
    for (const auto& each : plan.steps)
      CHECK((each.action() == Action::renew) == (each.row->issuer != "" && each.row->name != row));
    CHECK(step(plan, row).reason == "cannot be renewed");
    const auto asked = renew(inventory, named({row, "front-proxy-client"}));
    CHECK_FALSE(asked.conflicts.empty());
    CHECK(asked.failures.empty());
    CHECK(renew(inventory, named({"front-proxy-client"})).conflicts.empty());
    // Whether it is due nobody can know without its certificate.
    const bool unreadable = inventory.find(row).certificate() == nullptr;
    const auto if_due = renew(inventory, due_within(30 * day));
    CHECK(if_due.conflicts.empty());
    CHECK(if_due.failures.empty() != unreadable);
    CHECK((unreadable || !if_due.warnings.empty()));
  }
}

TEST_CASE(
    "an invalid CA is a conflict if its rows were named, and one failure beside the renewal of the others if not") {
  struct Case {
    const char* name;
    void (*damage)(pki::Entry&);
  };
  for (const auto& [name, damage] : {
           Case{"expired", [](pki::Entry& e) { e.certificates.front().not_after = now - day; }},
           Case{"another key", [](pki::Entry& e) { e.key = build::key("another"); }},
           Case{"may not sign", [](pki::Entry& e) { e.certificates.front().can_sign = false; }},
           Case{"refused",
                [](pki::Entry& e) {
                  e.refusal = pki::ChainRefusal{"unhandled", {}, false};
                }},
           Case{"no certificate", build::lose_certificate},
           Case{"malformed key",
                [](pki::Entry& e) {
                  e.key.reset();
                  e.problems.push_back({pki::Rule::malformed, pki::Severity::error, e.key_path.string(), "not a key"});
                }},
       }) {
    INFO(name);
    auto inventory = sound();
    damage(at(inventory, "front-proxy-ca"));
    const auto plan = renew(inventory);
    CHECK(plan.conflicts.empty());
    CHECK_FALSE(plan.failures.empty());
    CHECK(names(plan, Action::renew).find("front-proxy-client") == std::string::npos);
    CHECK(std::ranges::count(plan.steps, Action::renew, &pki::Step::action) == 11);
    CHECK_FALSE(renew(inventory, named({"front-proxy-client"})).conflicts.empty());
    CHECK(renew(inventory, named({"apiserver", "etcd-server"})).conflicts.empty());
    CHECK(renew(inventory, due_within(30 * day)).conflicts.empty());
  }
}

TEST_CASE("a mode that is too open is a warning and no conflict") {
  auto inventory = sound();
  for (const char* name : {"admin.conf", "apiserver", "ca"}) {
    auto& entry = at(inventory, name);
    entry.problems.push_back({pki::Rule::file_open_mode, pki::Severity::error,
                              (entry.key_path.empty() ? entry.path : entry.key_path).string(), "others may read it"});
  }
  const auto plan = renew(inventory);
  CHECK(plan.conflicts.empty());
  CHECK(plan.warnings.size() == 3);
}

TEST_CASE("a clock behind the newest certificate refuses, five minutes are allowed") {
  auto inventory = sound();
  at(inventory, "admin.conf").certificates.front().not_before = now + std::chrono::minutes{5};
  CHECK(renew(inventory).conflicts.empty());
  at(inventory, "admin.conf").certificates.front().not_before += std::chrono::seconds{1};
  CHECK(one(renew(inventory).conflicts).subject == "/k/admin.conf");
  CHECK(one(renew(inventory, due_within(30 * day)).conflicts).subject == "/k/admin.conf");
}

TEST_CASE("a row whose certificate is requested elsewhere is planned as if the key of its CA were here") {
  auto inventory = sound();
  build::make_external(inventory, "ca");
  auto options = all();
  options.requested = named({"scheduler.conf"}).rows;
  const auto plan = renew(inventory, options);
  CHECK(names(plan, Action::renew) ==
        "front-proxy-client etcd-server etcd-peer etcd-healthcheck-client apiserver-etcd-client scheduler.conf");
  CHECK(step(plan, "scheduler.conf").spec()->common_name == "system:kube-scheduler");
  CHECK_THAT(step(plan, "scheduler.conf").reason, contains("the holder of ca signs it"));
  CHECK_THAT(step(plan, "front-proxy-client").reason, !contains("holder"));
  CHECK(step(plan, "controller-manager.conf").action() == Action::external);

  options.rows = named({"scheduler.conf", "apiserver"}).rows;
  const auto of_two = renew(inventory, options);
  CHECK(names(of_two, Action::renew) == "scheduler.conf");
  CHECK(one(of_two.conflicts).row == "apiserver");

  options.rows.clear();
  options.if_due = due_within(30 * day).if_due;
  CHECK(names(renew(inventory, options), Action::renew).empty());
}

TEST_CASE("what an external CA signs is reported and left, and cannot be named") {
  auto inventory = sound();
  build::make_external(inventory, "ca");
  const auto plan = renew(inventory);
  CHECK(names(plan, Action::external) ==
        "apiserver apiserver-kubelet-client admin.conf super-admin.conf kubelet.conf controller-manager.conf "
        "scheduler.conf");
  CHECK(names(plan, Action::renew) ==
        "front-proxy-client etcd-server etcd-peer etcd-healthcheck-client apiserver-etcd-client");
  CHECK(plan.conflicts.empty());
  CHECK_THAT(step(plan, "apiserver").reason, contains("the key of ca is not here (external CA)"));
  CHECK_THAT(to_text(one(renew(inventory, named({"apiserver"})).conflicts).remedy), contains("/k/pki/ca.key"));
  CHECK(names(renew(inventory, due_within(30 * day)), Action::external).empty());
  let_end(inventory, "apiserver", 3 * day);
  const auto due = renew(inventory, due_within(30 * day));
  CHECK(names(due, Action::external) == "apiserver");
  CHECK(due.failures.empty());
  CHECK(one(due.warnings).subject == "/k/pki/apiserver.crt");
  let_end(inventory, "apiserver", -day);
  for (const auto& late : {renew(inventory), renew(inventory, due_within(30 * day))}) {
    CHECK(one(late.failures).rule == pki::Rule::ca_key_missing);
    CHECK(one(late.failures).subject == "/k/pki/apiserver.crt");
    CHECK(late.conflicts.empty());
  }
}

TEST_CASE("what Go refuses is renewed, with a warning about what a renewal keeps") {
  struct Case {
    const char* row;
    void (*damage)(pki::Certificate&);
    std::size_t warnings;
  };
  for (const auto& [row, damage, warnings] : {
           Case{"apiserver", [](pki::Certificate& c) { c.serial = "-1"; }, 0},
           Case{"apiserver", [](pki::Certificate& c) { c.signature_algorithm = "ecdsa-with-SHA1"; }, 0},
           Case{"apiserver", [](pki::Certificate& c) { c.sans.clear(); }, 1},
           Case{"apiserver", [](pki::Certificate& c) { c.sans.front().value += "."; }, 1},
           Case{"front-proxy-ca", [](pki::Certificate& c) { c.serial = "-1"; }, 1},
       }) {
    auto inventory = sound();
    damage(at(inventory, row).certificates.front());
    const auto plan = renew(inventory);
    CHECK(plan.conflicts.empty());
    CHECK(plan.failures.empty());
    CHECK(names(plan, Action::renew) == every_leaf);
    CHECK(plan.warnings.size() == warnings);
    CHECK(renew(inventory, named({"apiserver", "front-proxy-client"})).conflicts.empty());
  }
}

TEST_CASE("a leaf that already ends with its CA is not renewed again and again") {
  auto inventory = sound();
  let_end(inventory, "front-proxy-ca", 10 * day);
  let_end(inventory, "front-proxy-client", 10 * day);
  const auto plan = renew(inventory, due_within(30 * day));
  CHECK_FALSE(plan.changes());
  CHECK((one(plan.warnings).remedy == pki::Remedy(pki::Remedy::Kind::rotate_ca, {"front-proxy-ca"})));
  CHECK(names(renew(inventory, named({"front-proxy-client"})), Action::renew) == "front-proxy-client");
}

TEST_CASE("processes to restart and to leave alone follow from what was renewed") {
  const auto restarts = [](std::initializer_list<const char*> rows) {
    const auto options = named(rows);
    return pki::required_restarts(options.rows);
  };
  CHECK(restarts({}) == pki::RequiredRestarts{});
  CHECK(restarts({"apiserver", "etcd-peer"}) == pki::RequiredRestarts{{}, {"etcd", "kube-apiserver"}});
  CHECK(restarts({"scheduler.conf", "controller-manager.conf", "kubelet.conf", "apiserver"}) ==
        pki::RequiredRestarts{{"kube-controller-manager", "kube-scheduler", "kubelet"}, {"kube-apiserver"}});
  CHECK(restarts({"admin.conf", "etcd-healthcheck-client"}) == pki::RequiredRestarts{});
}

TEST_CASE("a leaf is due when its chain is, and a renewal ends what its intermediates spoil") {
  auto inventory = sound();
  auto& entry = at(inventory, "apiserver");
  entry.certificates.push_back(entry.certificates.front());
  entry.trust_paths = {{now - day, now + 5 * day, {false, 2}}};
  const auto plan = renew(inventory, due_within(30 * day));
  CHECK(names(plan, Action::renew) == "apiserver");
  CHECK_THAT(step(plan, "apiserver").reason, contains("ends in 5 days"));
  entry.trust_paths = {{now - day, now - day, {false, 2}}};
  CHECK(names(renew(inventory, due_within(30 * day)), Action::renew) == "apiserver");

  entry.trust_paths.clear();
  entry.refusal = pki::ChainRefusal{"invalid CA certificate", {false, 2}, false};
  const auto refused = renew(inventory, named({"apiserver"}));
  CHECK(refused.conflicts.empty());
  CHECK(names(refused, Action::renew) == "apiserver");
  const auto not_due = renew(inventory, due_within(30 * day));
  CHECK(one(not_due.warnings).rule == pki::Rule::chain_refused);
}

TEST_CASE("a CA whose root has expired signs, and a warning says so") {
  auto inventory = sound();
  auto& ca = at(inventory, "ca");
  ca.certificates.push_back(ca.certificates.front());
  ca.trust_paths = {{now - day, now - 1s, {false, 2}}};
  const auto plan = renew(inventory, named({"apiserver"}));
  CHECK(plan.conflicts.empty());
  CHECK(one(plan.warnings).rule == pki::Rule::chain_expired);
}
