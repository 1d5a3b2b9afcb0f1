// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <pki/plan.hpp>
#include <pki/report.hpp>
#include <pki/request.hpp>

#include "inventory_builder.hpp"
#include "plan_checks.hpp"

using namespace build;
using pki::Action;
using pki::Rule;

namespace {

constexpr std::string_view bootstrap = "bootstrap-kubelet.conf";

pki::ClusterConfig token_config(pki::Role role = pki::Role::first_control_plane) {
  auto wanted = config();
  wanted.control_plane_endpoint = "api.example:6443";
  wanted.role = role;
  wanted.rows.emplace().optional = {std::string(bootstrap)};
  return wanted;
}

const pki::Finding& finding_of(const std::vector<pki::Finding>& findings, Rule rule) {
  const auto found = std::ranges::find(findings, rule, &pki::Finding::rule);
  INFO(listed(findings));
  REQUIRE(found != findings.end());
  return *found;
}

pki::Plan made(const pki::Inventory& inventory, const pki::ClusterConfig& wanted) {
  return plan_init(valid(wanted), inventory, now);
}

}  // namespace

TEST_CASE("a kubeconfig with a token is made beside the others, for the balanced address of the API server") {
  const auto wanted = token_config();
  const auto plan = made(nothing(wanted), wanted);
  CHECK(listed(plan.conflicts).empty());
  const auto& create = std::get<pki::Create>(step(plan, bootstrap).what);
  CHECK(create.server == "https://api.example:6443");
  CHECK(create.spec.profile == pki::Profile::none);
  CHECK(create.spec.common_name == "tls-bootstrap-token-user");
  CHECK(create.algorithm.empty());
}

TEST_CASE("a token needs the certificate of the CA, and not its key") {
  const auto wanted = token_config(pki::Role::worker);
  auto inventory = nothing(wanted);
  CHECK(finding_of(made(inventory, wanted).conflicts, Rule::ca_missing).row == "ca");
  at(inventory, "ca") = sound_entry(inventory.catalog.find_row("ca"), wanted);
  make_external(inventory, "ca");
  const auto row = std::vector{&inventory.catalog.find_row(bootstrap)};
  const auto plan = plan_init(valid(wanted), inventory, now, row);
  CHECK(listed(plan.conflicts).empty());
  CHECK(step(plan, bootstrap).action() == Action::create);
}

TEST_CASE("what is there is kept, and the server of the configuration is compared") {
  const auto wanted = token_config();
  auto inventory = sound(wanted);
  const auto plan = made(inventory, wanted);
  CHECK(listed(plan.conflicts).empty());
  CHECK(listed(plan.warnings).empty());
  CHECK(step(plan, bootstrap).action() == Action::keep);
  const auto notes = inspect(inventory, {}, now).notes;
  INFO(listed(notes));
  CHECK(std::ranges::find(notes, bootstrap, &pki::Finding::row) == notes.end());
  at(inventory, bootstrap).kubeconfig->server = "https://old.example:6443";
  CHECK(finding_of(made(inventory, wanted).warnings, Rule::server_differs).row == bootstrap);
  CHECK(finding_of(inspect(inventory, {}, now).notes, Rule::server_differs).row == bootstrap);
}

TEST_CASE("a token that was removed is not missed, and not made again once the kubelet has joined") {
  const auto wanted = token_config();
  auto inventory = sound(wanted);
  at(inventory, bootstrap) = absent_entry(inventory.catalog.find_row(bootstrap), wanted);
  const auto report = inspect(inventory, {}, now);
  CHECK(std::ranges::find(report.certificates, bootstrap, &pki::ReportRow::name) == report.certificates.end());
  CHECK(step(made(inventory, wanted), bootstrap).action() == Action::create);
  auto& kubelet = at(inventory, "kubelet.conf");
  kubelet.certificates.clear();
  kubelet.key.reset();
  kubelet.kubeconfig->client_certificate_file = "/var/lib/kubelet/pki/kubelet-client-current.pem";
  kubelet.kubeconfig->client_key_file = "/var/lib/kubelet/pki/kubelet-client-current.pem";
  CHECK(step(made(inventory, wanted), bootstrap).action() == Action::skip);
  const auto row = std::vector{&inventory.catalog.find_row(bootstrap)};
  CHECK(step(plan_init(valid(wanted), inventory, now, row), bootstrap).action() == Action::create);
}

TEST_CASE("a token is neither renewed nor requested") {
  const auto wanted = token_config();
  auto inventory = sound(wanted);
  const auto config = valid(wanted);
  CHECK(step(plan_renew(&config, inventory, now), bootstrap).action() == Action::skip);
  const auto* row = &inventory.catalog.find_row(bootstrap);
  CHECK_THROWS_WITH(plan_renew(&config, inventory, now, {.rows = {row}}), contains("a token is not renewed"));
  make_external(inventory, "ca");
  CHECK(step(plan_request(config, inventory, now, {}), bootstrap).action() == Action::skip);
  CHECK_THROWS_WITH(plan_request(config, inventory, now, {.rows = {row}}), contains("a token is not requested"));
}
