// SPDX-License-Identifier: Apache-2.0
#include "inventory_builder.hpp"
#include "plan_checks.hpp"

#include <utility>

#include "base/calendar.hpp"
#include "base/words.hpp"
#include "model/entry_check.hpp"

using namespace build;
using pki::Action;

TEST_CASE("actions have the names of the plan's output") {
  const std::pair<Action, const char*> table[] = {{Action::create, "create"},     {Action::complete, "complete"},
                                                  {Action::renew, "renew"},       {Action::keep, "keep"},
                                                  {Action::external, "external"}, {Action::skip, "skip"}};
  for (const auto& [action, name] : table)
    CHECK(pki::to_string(action) == name);
}

TEST_CASE("a plan changes something when it makes, completes, renews or saves a configuration") {
  const auto changes = [](decltype(pki::Step::what) what) {
    pki::Plan plan;
    plan.steps.resize(2);
    plan.steps.back().what = std::move(what);
    return plan.changes();
  };
  CHECK(changes(pki::Create{}));
  CHECK(changes(pki::Complete{}));
  CHECK(changes(pki::Renew{}));
  CHECK_FALSE(changes(pki::Keep{}));
  CHECK_FALSE(changes(pki::External{}));
  CHECK_FALSE(changes(pki::Skip{}));
  pki::Plan plan;
  CHECK_FALSE(plan.changes());
  plan.config_to_save = config();
  CHECK(plan.changes());
}

TEST_CASE("a step knows its action, the new certificate and the algorithm of its key") {
  struct Case {
    decltype(pki::Step::what) what;
    Action action;
    const char* common_name;  // null: no new certificate
    const char* algorithm;
  };
  const Case cases[] = {
      {pki::Create{.spec = {.common_name = "new"}, .algorithm = "RSA-2048"}, Action::create, "new", "RSA-2048"},
      {pki::Complete{}, Action::complete, nullptr, "ECDSA-P521"},
      {pki::Renew{.spec = {.common_name = "again"}, .algorithm = "RSA-4096"}, Action::renew, "again", "RSA-4096"},
      {pki::Keep{}, Action::keep, nullptr, "ECDSA-P521"},
      {pki::External{}, Action::external, nullptr, "ECDSA-P521"},
      {pki::Skip{}, Action::skip, nullptr, "ECDSA-P521"},
  };
  CHECK((pki::Step{}.action() == Action::skip));
  for (const auto& [what, action, common_name, algorithm] : cases) {
    CAPTURE(pki::to_string(action));
    const pki::Step step{.found = {.algorithm = "ECDSA-P521"}, .what = what};
    CHECK((step.action() == action));
    CHECK(step.algorithm() == algorithm);
    REQUIRE((step.spec() == nullptr) == (common_name == nullptr));
    if (step.spec() != nullptr) CHECK(step.spec()->common_name == common_name);
  }
}

TEST_CASE("an inventory finds an entry by name and alias, and refuses any other name") {
  const auto inventory = sound(config());
  CHECK(inventory.find("apiserver").path.string() == "/k/pki/apiserver.crt");
  CHECK(&inventory.find("kube-etcd") == &inventory.find("etcd-server"));
  CHECK_THROWS_AS(inventory.find("nobody"), pki::Error);
  CHECK_THROWS_WITH(pki::Inventory{}.find("ca"), contains("not in this inventory"));
}

TEST_CASE("an entry knows whether it is absent, external, or has a certificate") {
  auto inventory = sound(config());
  auto& ca = at(inventory, "ca");
  CHECK_FALSE(ca.absent());
  CHECK_FALSE(ca.external());
  CHECK(ca.certificate() == &ca.certificates.front());
  lose_key(ca);
  CHECK(ca.external());
  lose_certificate(ca);
  CHECK(ca.absent());
  CHECK_FALSE(ca.external());
  CHECK(ca.certificate() == nullptr);
  auto& leaf = at(inventory, "apiserver");
  lose_key(leaf);
  CHECK_FALSE(leaf.external());
  CHECK_FALSE(leaf.absent());
}

TEST_CASE("an error names its subject before its message and gives the same as a value") {
  const pki::Error error(pki::Errc::mismatch, "/k/pki/ca.crt", "does not match", "look");
  CHECK(std::string(error.what()) == "/k/pki/ca.crt: does not match");
  CHECK((error.finding() ==
         pki::Finding{pki::Rule::mismatch, pki::Severity::error, "/k/pki/ca.crt", "does not match", {}, "look"}));
  CHECK(error.remedy().text == "look");
  CHECK(std::string(pki::Error(pki::Errc::io, "", "no subject").what()) == "no subject");
}

TEST_CASE("the kept configuration lies beside the kubeconfigs") {
  CHECK(pki::Layout{}.saved_config().string() == "/etc/kubernetes/pkigen.yaml");
  CHECK(config().layout.saved_config().string() == "/k/pkigen.yaml");
}

TEST_CASE("instants are written for people in UTC, also far from now") {
  using std::chrono::sys_days;
  using namespace std::chrono;
  CHECK(pki::base::to_date(now) == "2026-11-21 00:48:15 UTC");
  CHECK(pki::base::to_date(sys_seconds{}) == "1970-01-01 00:00:00 UTC");
  CHECK(pki::base::to_date(sys_seconds{} - 1s) == "1969-12-31 23:59:59 UTC");
  CHECK(pki::base::to_date(sys_days{2028y / 2 / 29} + 23h + 59min + 59s) == "2028-02-29 23:59:59 UTC");
  CHECK(pki::base::to_date(sys_days{9999y / 12 / 31} + 23h + 59min + 59s) == "9999-12-31 23:59:59 UTC");
  CHECK(pki::base::to_date(sys_days{1y / 1 / 1}) == "0001-01-01 00:00:00 UTC");
}

TEST_CASE("lists are written with commas, names of strange kinds without their bytes") {
  using Kind = pki::GeneralName::Kind;
  CHECK(pki::base::join(std::vector<std::string>{}) == "none");
  CHECK(pki::base::join(std::vector<std::string>{"a"}) == "a");
  CHECK(pki::base::join(std::vector<std::string>{"a", "b"}) == "a, b");
  CHECK(pki::model::join(std::vector<pki::GeneralName>{
            {Kind::dns, "a"}, {Kind::other, "\x30\x82"}, {Kind::ip, "::1"}}) == "a, (another kind of name), ::1");
}

TEST_CASE("a secret text is emptied before its memory goes back") {
  std::string bytes = "secret";
  pki::wipe(bytes.data(), bytes.size());
  CHECK(bytes == std::string(6, '\0'));
  pki::wipe(nullptr, 0);
  CHECK(pki::SecretString("same interface").substr(5) == "interface");
}
