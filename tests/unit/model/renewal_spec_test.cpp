// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <algorithm>
#include <iterator>

#include "inventory_builder.hpp"
#include "plan_checks.hpp"

// How the certificates shall be that a renewal makes.

namespace {

using build::at;
using build::day;
using build::listed;
using build::now;
using build::one;
using build::step;
using pki::GeneralName;
using std::chrono::minutes;

using Texts = std::vector<std::string>;

/// Renewal is one row's, after the inventory was changed.
struct Renewal {
  pki::ClusterConfig config = build::config();
  pki::Inventory inventory = build::sound(config);
  pki::RenewOptions options;
  bool with_config{false};

  pki::Certificate& old(std::string_view name) { return at(inventory, name).certificates.front(); }
  [[nodiscard]] pki::Plan plan(std::string_view name) const {
    auto only = options;
    only.rows = {&pki::default_catalog().find_row(name)};
    const auto valid = build::valid(config);
    auto plan = pki::plan_renew(with_config ? &valid : nullptr, inventory, now, only);
    INFO(listed(plan.conflicts));
    REQUIRE(plan.conflicts.empty());
    return plan;
  }
};

const GeneralName unexplained{GeneralName::Kind::uri, "spiffe://cluster/apiserver"};

}  // namespace

TEST_CASE("a renewal keeps subject, names and usages as they were found") {
  Renewal renewal;
  auto& old = renewal.old("apiserver");
  old.subject_der = "0123";
  old.sans.push_back(unexplained);
  old.sans.push_back({GeneralName::Kind::email, "ops@example.org"});
  old.extended_key_usages = {"serverAuth", "1.2.3.4"};
  const auto plan = renewal.plan("apiserver");
  const auto& spec = *step(plan, "apiserver").spec();
  CHECK(spec.subject_der == "0123");
  CHECK(spec.sans == old.sans);
  CHECK(spec.extended_key_usages == Texts{"serverAuth", "1.2.3.4"});
  CHECK(build::renewal(plan, "apiserver").differences.empty());
  CHECK(plan.warnings.empty());
}

TEST_CASE("a name that stands twice is written once") {
  Renewal renewal;
  auto& old = renewal.old("apiserver");
  const auto before = old.sans;
  old.sans.push_back(old.sans.front());
  CHECK(step(renewal.plan("apiserver"), "apiserver").spec()->sans == before);
}

TEST_CASE("a certificate for every purpose is limited to its own, and that is told") {
  Renewal renewal;
  renewal.old("admin.conf").extended_key_usages.clear();
  const auto plan = renewal.plan("admin.conf");
  CHECK(step(plan, "admin.conf").spec()->extended_key_usages.empty());
  CHECK(build::renewal(plan, "admin.conf").differences ==
        Texts{"is limited to its purpose, client; the old one was not"});
}

TEST_CASE("a configuration adds the names that are missing") {
  Renewal renewal;
  renewal.with_config = true;
  renewal.config.apiserver_sans = {"new.example", "10.1.2.3"};
  const auto plan = renewal.plan("apiserver");
  const auto& found = build::renewal(plan, "apiserver");
  CHECK(found.differences == Texts{"adds new.example, 10.1.2.3"});
  CHECK(found.spec.sans.size() == renewal.old("apiserver").sans.size() + 2);
  CHECK(found.spec.sans.back() == GeneralName{GeneralName::Kind::ip, "10.1.2.3"});
}

TEST_CASE("a name that the configuration does not explain is kept and told") {
  Renewal renewal;
  renewal.with_config = true;
  renewal.old("apiserver").sans.push_back(unexplained);
  const auto plan = renewal.plan("apiserver");
  CHECK(step(plan, "apiserver").spec()->sans.back() == unexplained);
  CHECK(one(plan.warnings).message == "keeps spiffe://cluster/apiserver, which the configuration does not name");
}

TEST_CASE("pruning drops such a name, and needs a configuration") {
  Renewal renewal;
  renewal.options.prune_sans = true;
  renewal.old("apiserver").sans.push_back(unexplained);
  CHECK_THROWS_AS(renewal.plan("apiserver"), pki::Error);
  renewal.with_config = true;
  const auto plan = renewal.plan("apiserver");
  const auto& sans = step(plan, "apiserver").spec()->sans;
  CHECK(std::ranges::find(sans, unexplained) == sans.end());
  CHECK(build::renewal(plan, "apiserver").differences == Texts{"drops spiffe://cluster/apiserver"});
  CHECK(plan.warnings.empty());
}

TEST_CASE("the new key is of the configuration's algorithm, else of the old key's") {
  struct Case {
    const char* found;
    bool with_config;
    bool reuse_key;
    const char* wanted;
    std::size_t differences;
    std::size_t warnings;
  };
  for (const auto& test : {
           Case{"RSA-2048", false, false, "RSA-2048", 0, 0},
           Case{"ECDSA-P384", false, false, "ECDSA-P384", 0, 0},
           Case{"RSA-1024", false, false, "RSA-2048", 1, 1},
           Case{"ECDSA-P521", false, false, "ECDSA-P384", 1, 1},
           Case{"RSA-2049", false, false, "RSA-3072", 1, 1},
           Case{"RSA-3584", false, false, "RSA-4096", 1, 1},
           Case{"RSA-16384", false, false, "RSA-4096", 1, 1},
           Case{"ED25519", false, false, "ECDSA-P256", 1, 1},
           Case{"ED25519", true, false, "ECDSA-P256", 1, 0},
           Case{"ED25519", false, true, "ED25519", 0, 0},
           Case{"ED25519", true, true, "ED25519", 0, 1},
           Case{"RSA-2048", true, false, "ECDSA-P256", 1, 0},
           Case{"RSA-1024", true, false, "ECDSA-P256", 1, 0},
           Case{"ECDSA-P256", true, false, "ECDSA-P256", 0, 0},
           Case{"RSA-1024", false, true, "RSA-1024", 0, 0},
           Case{"RSA-2048", true, true, "RSA-2048", 0, 1},
       }) {
    INFO(test.found << " " << test.with_config << test.reuse_key);
    Renewal renewal;
    renewal.with_config = test.with_config;
    renewal.options.reuse_key = test.reuse_key;
    at(renewal.inventory, "etcd-peer").key = build::key("key of etcd-peer", test.found);
    const auto plan = renewal.plan("etcd-peer");
    CHECK(build::renewal(plan, "etcd-peer").algorithm == test.wanted);
    CHECK(build::renewal(plan, "etcd-peer").reuse_key == test.reuse_key);
    CHECK(build::renewal(plan, "etcd-peer").differences.size() == test.differences);
    CHECK(plan.warnings.size() == test.warnings);
  }
}

TEST_CASE("validity is the configuration's, else the old certificate's own") {
  struct Case {
    const char* name;
    std::chrono::seconds begins;  // before now
    std::chrono::seconds span;
    std::chrono::seconds wanted;  // from now
  };
  for (const auto& [name, begins, span, wanted] : {
           Case{"five minutes were for the clocks", 20 * day, 90 * day + minutes{5}, 90 * day},
           Case{"a short one stays short", 1 * day, minutes{60 + 5}, minutes{60}},
           Case{"shorter than the five minutes", 1 * day, minutes{3}, minutes{3}},
           Case{"begun with its CA: a year and the CA's age", 30 * day, 395 * day, 365 * day},
           Case{"begun with its CA: shorter", 30 * day, 10 * day + minutes{5}, 10 * day},
       }) {
    INFO(name);
    Renewal renewal;
    auto& old = renewal.old("apiserver");
    old.not_before = now - begins;
    old.not_after = old.not_before + span;
    const auto plan = renewal.plan("apiserver");
    CHECK(step(plan, "apiserver").spec()->not_after == now + wanted);
    CHECK(step(plan, "apiserver").spec()->not_before == now - minutes{5});
    CHECK(build::renewal(plan, "apiserver").differences.empty());
  }
}

TEST_CASE("a validity that the configuration changes is told") {
  Renewal renewal;
  renewal.with_config = true;
  renewal.config.leaf_validity = 90 * day;
  auto& old = renewal.old("apiserver");
  old.not_before = now - 20 * day;
  old.not_after = old.not_before + 365 * day + minutes{5};
  const auto plan = renewal.plan("apiserver");
  CHECK(step(plan, "apiserver").spec()->not_after == now + 90 * day);
  CHECK(build::renewal(plan, "apiserver").differences == Texts{"is valid for 90 days instead of 365 days"});
}

TEST_CASE("a renewal ends with its CA at the latest and begins with it at the earliest") {
  Renewal renewal;
  renewal.old("ca").not_after = now + 100 * day;
  renewal.old("ca").not_before = now - minutes{2};
  const auto plan = renewal.plan("apiserver");
  CHECK(step(plan, "apiserver").spec()->not_after == now + 100 * day);
  CHECK(step(plan, "apiserver").spec()->not_before == now - minutes{2});
  CHECK_THAT(one(plan.warnings).message, contains("will end with its CA"));
}

TEST_CASE("a kubeconfig that does not list the CA on disk will") {
  Renewal renewal;
  auto& trusted = at(renewal.inventory, "admin.conf").kubeconfig->ca_certificates;
  trusted.insert(trusted.begin(), pki::Certificate{});
  CHECK(build::renewal(renewal.plan("admin.conf"), "admin.conf").differences.empty());
  trusted.pop_back();
  CHECK(build::renewal(renewal.plan("admin.conf"), "admin.conf").differences ==
        Texts{"trusts the CA on disk as well, CN=kubernetes-ca"});
  trusted.clear();  // it points at a file
  CHECK(build::renewal(renewal.plan("admin.conf"), "admin.conf").differences.empty());
}

TEST_CASE("renewing what was just renewed changes nothing but the dates") {
  Renewal renewal;
  renewal.with_config = true;
  renewal.config.apiserver_sans = {"new.example"};
  const auto first = renewal.plan("apiserver");
  const auto& spec = *step(first, "apiserver").spec();
  auto& old = renewal.old("apiserver");
  old.sans = spec.sans;
  old.not_before = spec.not_before;
  old.not_after = spec.not_after;
  const auto second = renewal.plan("apiserver");
  CHECK(*step(second, "apiserver").spec() == spec);
  CHECK(build::renewal(second, "apiserver").differences.empty());
}

TEST_CASE("a renewal says where the chain changes") {
  const pki::CatalogRow& ca_row = pki::default_catalog().find_row("ca");
  struct Case {
    bool intermediate;  ///< the CA is not self-signed
    bool same;          ///< the file holds it already
    Texts differences;
  };
  const Case cases[] = {{false, false, {"comes without further certificates, as its CA is self-signed"}},
                        {true, false, {"comes with the chain of CN=kubernetes-ca"}},
                        {true, true, {}}};
  for (const auto& [intermediate, same, differences] : cases) {
    Renewal renewal;
    auto& ca = renewal.old("ca");
    ca.self_signed = !intermediate;
    auto further = build::certificate(ca_row, renewal.config);
    if (!same) further.pem = "another certificate";
    at(renewal.inventory, "apiserver").certificates.push_back(further);
    CHECK(build::renewal(renewal.plan("apiserver"), "apiserver").differences == differences);
  }
}
