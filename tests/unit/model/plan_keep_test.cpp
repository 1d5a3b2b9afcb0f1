// SPDX-License-Identifier: Apache-2.0
#include "inventory_builder.hpp"
#include "plan_checks.hpp"

using namespace build;
using pki::Action;
using pki::plan_init;

TEST_CASE("a second run keeps everything and changes nothing") {
  const auto plan = plan_init(config(), sound(config()), now);
  CHECK(names(plan, Action::keep) == every_row);
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  CHECK_FALSE(plan.config_to_save);
  CHECK_FALSE(plan.changes());
  for (const auto& step : plan.steps)
    CHECK(step.reason == "valid");
}

TEST_CASE("a second run changes nothing under any naming, with dual stack, or with extra names") {
  auto wanted = config();
  wanted.naming = pki::Naming::kubeadm;
  wanted.service_subnets = {"fd00::/112", "10.96.0.0/12"};
  wanted.apiserver_sans = {"*.Example.com", "10.0.0.9", "2001:DB8::1"};
  wanted.control_plane_endpoint = "[2001:db8::7]:443";
  const auto plan = plan_init(wanted, sound(wanted), now);
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  CHECK_FALSE(plan.changes());
}

TEST_CASE("a step to keep describes what was found, not what would be made") {
  auto inventory = sound(config());
  auto& entry = at(inventory, "apiserver");
  entry.certificates.front().not_after = now + 7 * day;
  entry.certificates.front().sans.push_back({pki::GeneralName::Kind::uri, "spiffe://x"});
  entry.key = key("key of apiserver", "RSA-8192");
  const auto plan = plan_init(config(), inventory, now);
  const auto& kept = step(plan, "apiserver");
  CHECK((kept.action() == Action::keep));
  CHECK((kept.found.certificate->not_before == now - 30 * day));
  CHECK((kept.found.certificate->not_after == now + 7 * day));
  CHECK((kept.found.certificate->sans == entry.certificates.front().sans));
  CHECK(kept.algorithm() == "RSA-8192");
  CHECK_FALSE(plan.changes());
}

TEST_CASE("another algorithm, validity or subject in the configuration does not touch what is valid") {
  auto wanted = config();
  wanted.algorithm = pki::KeyAlgorithm::rsa_4096;
  wanted.leaf_validity = 30 * day;
  wanted.naming = pki::Naming::kubeadm;
  const auto plan = plan_init(wanted, sound(config()), now);
  CHECK(names(plan, Action::keep) == every_row);
  CHECK(listed(plan.conflicts).empty());
  CHECK(subjects(plan.warnings) ==
        Paths{"/k/pki/apiserver-kubelet-client.crt", "/k/pki/etcd/server.crt", "/k/pki/etcd/peer.crt"});
}

TEST_CASE("both ends of a validity belong to it") {
  for (const char* name : {"ca", "apiserver", "admin.conf"}) {
    auto inventory = sound(config());
    auto& certificate = at(inventory, name).certificates.front();
    certificate.not_before = certificate.not_after = now;
    CHECK(listed(plan_init(config(), inventory, now).conflicts).empty());
  }
}

TEST_CASE("a certificate may say more than it must") {
  using Change = void (*)(pki::Entry&);
  const std::pair<const char*, Change> table[] = {
      {"no extended key usage", [](pki::Entry& e) { e.certificates.front().extended_key_usages.clear(); }},
      {"any extended key usage", [](pki::Entry& e) { e.certificates.front().extended_key_usages = {"2.5.29.37.0"}; }},
      {"one usage more",
       [](pki::Entry& e) { e.certificates.front().extended_key_usages.push_back("1.3.6.1.5.5.8.2.2"); }},
      {"one name more",
       [](pki::Entry& e) {
         e.certificates.front().sans.push_back({pki::GeneralName::Kind::dns, "more"});
       }},
      {"names in another order", [](pki::Entry& e) { std::ranges::reverse(e.certificates.front().sans); }},
      {"an intermediate behind it", [](pki::Entry& e) { e.certificates.emplace_back().is_ca = true; }},
  };
  for (const auto& [what, change] : table)
    for (const char* name : {"apiserver", "etcd-peer", "front-proxy-client", "kubelet.conf"}) {
      CAPTURE(what, name);
      auto inventory = sound(config());
      change(at(inventory, name));
      const auto plan = plan_init(config(), inventory, now);
      CHECK(listed(plan.conflicts).empty());
      CHECK(listed(plan.warnings).empty());
      CHECK_FALSE(plan.changes());
    }
}

TEST_CASE("a CA that others made is taken as it is: subject, names, and further CAs behind it") {
  auto inventory = sound(config());
  auto& ca = at(inventory, "ca");
  ca.certificates.front().common_name = "Example Corp Root";
  ca.certificates.front().organizations = {"Example"};
  ca.certificates.front().sans.clear();
  ca.certificates.front().self_signed = false;
  ca.certificates.front().extended_key_usages = {"1.2.3"};
  ca.certificates.push_back(ca.certificates.front());
  ca.certificates.back().common_name = "old CA";
  const auto plan = plan_init(config(), inventory, now);
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  CHECK_FALSE(plan.changes());
}

TEST_CASE("another subject in a leaf is a warning that names both") {
  auto inventory = sound(config());
  at(inventory, "kubelet.conf").certificates.front().common_name = "system:node:old";
  at(inventory, "admin.conf").certificates.front().organizations = {"system:masters", "x"};
  const auto plan = plan_init(config(), inventory, now);
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings) ==
        "/k/admin.conf: organization is system:masters, x, expected kubeadm:cluster-admins\n"
        "/k/kubelet.conf: common name is system:node:old, expected system:node:cp-1\n");
}

TEST_CASE("under kubeadm's naming a client has its group or none, and under the recommended one its group") {
  struct Case {
    const char* row;
    std::vector<std::string> groups;
    bool as_kubeadm;
    bool as_recommended;
  };
  const std::string masters = "system:masters";
  const std::string admins = "kubeadm:cluster-admins";
  for (const auto& [row, groups, as_kubeadm, as_recommended] : {
           Case{"apiserver-kubelet-client", {}, true, false},
           Case{"apiserver-kubelet-client", {admins}, true, false},
           Case{"apiserver-kubelet-client", {masters}, false, true},
           Case{"apiserver-kubelet-client", {"system:nodes"}, false, false},
           Case{"apiserver-kubelet-client", {admins, "developers"}, false, false},
           Case{"admin.conf", {}, false, false},
           Case{"admin.conf", {admins}, true, true},
           Case{"admin.conf", {masters}, false, false},
           Case{"kubelet.conf", {}, false, false},
       }) {
    CAPTURE(row, groups);
    for (const auto& [naming, quiet] :
         {std::pair{pki::Naming::kubeadm, as_kubeadm}, std::pair{pki::Naming::recommended, as_recommended}}) {
      auto wanted = config();
      wanted.naming = naming;
      auto inventory = sound(wanted);
      at(inventory, row).certificates.front().organizations = groups;
      CHECK(plan_init(wanted, inventory, now).warnings.empty() == quiet);
    }
  }
}

TEST_CASE("a leaf that outlives its CA is a warning") {
  auto inventory = sound(config());
  at(inventory, "ca").certificates.front().not_after = now + 335 * day;
  at(inventory, "apiserver").certificates.front().not_after = now + 335 * day + 1s;
  const auto warning = one(plan_init(config(), inventory, now).warnings);
  CHECK(warning.subject == "/k/pki/apiserver.crt");
  CHECK_THAT(warning.message, contains("longer than its CA"));
}

TEST_CASE("the configuration is saved where none or another one is saved") {
  auto inventory = sound(config());
  inventory.saved_config.reset();
  auto plan = plan_init(config(), inventory, now);
  REQUIRE(plan.config_to_save);
  auto saved = config();
  saved.role = pki::Role::first_control_plane;
  CHECK(*plan.config_to_save == saved);
  CHECK(plan.changes());
  CHECK(names(plan, Action::keep) == every_row);

  auto wanted = config();
  wanted.leaf_validity = 48h;
  plan = plan_init(wanted, sound(config()), now);
  REQUIRE(plan.config_to_save);
  wanted.role = pki::Role::first_control_plane;
  CHECK(*plan.config_to_save == wanted);
  CHECK(plan.changes());
}

TEST_CASE("a saved configuration that is invalid is a conflict and is not replaced") {
  auto inventory = sound(config());
  inventory.saved_config->problems = {
      {pki::Rule::config_type, pki::Severity::error, "/k/pkigen.yaml:3: clusterName", "expected a text"},
      {pki::Rule::config_duplicate_field, pki::Severity::error, "/k/pkigen.yaml:9: x", "duplicate key"}};
  const auto plan = plan_init(config(), inventory, now);
  CHECK((plan.conflicts == inventory.saved_config->problems));
  CHECK_FALSE(plan.config_to_save);
}
