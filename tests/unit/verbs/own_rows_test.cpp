// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

pki::ClusterConfig config_in(const std::filesystem::path& directory) {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.0.2.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {directory / "pki", directory};
  auto& rows = config.rows.emplace();
  rows.authorities = {{.name = "vpn-root", .path_length = 1}, {.name = "vpn-ca", .issuer = "vpn-root"}};
  rows.leaves = {{.name = "vpn", .issuer = "vpn-ca", .profile = pki::Profile::server, .sans = {"vpn.example"}},
                 {.name = "ci", .issuer = "vpn-ca", .form = pki::Form::kubeconfig}};
  return config;
}

void make(const pki::ClusterConfig& config, const pki::Lock& lock) {
  const auto inventory = pki::load(config.layout, pki::KeyCheck::sign_and_verify, {}, &config);
  const auto plan = pki::plan_init(pki::validate(config).value(), inventory, now);
  REQUIRE(plan.conflicts.empty());
  (void)pki::commit(pki::issue(plan, inventory), lock, {.command = "init", .now = now});
}

std::vector<pki::Finding> removed(const pki::Inventory& inventory) {
  std::vector<pki::Finding> found;
  std::ranges::copy_if(inventory.notes, std::back_inserter(found),
                       [](const auto& note) { return note.rule == pki::Rule::row_removed; });
  return found;
}

}  // namespace

TEST_CASE("the rows of the saved configuration are loaded, reported and renewed without being named again") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const auto lock = pki::lock(config.layout);
  make(config, lock);
  const auto made = pki::load(config.layout);
  REQUIRE(made.saved_config);
  CHECK(made.saved_config->config.rows == config.rows);
  CHECK(made.find("vpn").certificates.size() == 2);
  CHECK(made.find("vpn").signed_by_issuer);
  CHECK_FALSE(made.find("vpn").trust_paths.empty());
  CHECK_FALSE(made.find("vpn-ca").trust_paths.empty());
  CHECK_FALSE(made.find("vpn-ca").refusal);
  CHECK(made.find("vpn-root").certificate()->path_length == 1);
  const auto report = pki::inspect(made, {}, now);
  CHECK((report.worst() == pki::State::valid));
  CHECK(std::ranges::count(report.certificates, "vpn", &pki::ReportRow::name) == 1);
  CHECK(std::ranges::count(report.authorities, "vpn-ca", &pki::ReportRow::name) == 1);

  const auto valid = pki::validate(config).value();
  const auto plan = pki::plan_renew(&valid, made, now, {.rows = {&made.catalog.find_row("vpn")}});
  CHECK(plan.conflicts.empty());
  CHECK(pki::issue(plan, made).issued.size() == 1);
}

TEST_CASE("a kubeconfig under an intermediate CA trusts the CAs above it, too") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  make(config, pki::lock(config.layout));
  const auto made = pki::load(config.layout);
  const auto& trusted = made.find("ci").kubeconfig->ca_certificates;
  REQUIRE(trusted.size() == 2);
  CHECK(trusted[0].pem == made.find("vpn-ca").certificate()->pem);
  CHECK(trusted[1].pem == made.find("vpn-root").certificate()->pem);
}

TEST_CASE("files of a row that the configuration loses are an alarm until they are away") {
  const TempDir base(memory_dir());
  auto config = config_in(base.path());
  const auto lock = pki::lock(config.layout);
  make(config, lock);
  CHECK(removed(pki::load(config.layout)).empty());
  config.rows->leaves.erase(config.rows->leaves.begin());
  make(config, lock);

  const auto after = pki::load(config.layout);
  CHECK(after.catalog.try_find_row("vpn") == nullptr);
  REQUIRE(removed(after).size() == 1);
  const auto note = removed(after).front();
  CHECK(note.subject == (config.layout.certificates_dir / "vpn.crt").string());
  CHECK_THAT(note.message, contains("no longer has"));
  CHECK_THAT(note.message, contains("expires on 2027-06-01"));
  CHECK((pki::inspect(after, {}, now).worst() == pki::State::invalid));
  const auto valid = pki::validate(config).value();
  CHECK(std::ranges::count(pki::plan_renew(&valid, after, now).warnings, pki::Rule::row_removed, &pki::Finding::rule) ==
        1);
  std::filesystem::remove(config.layout.certificates_dir / "vpn.crt");
  CHECK(removed(pki::load(config.layout)).empty());
}

TEST_CASE("a saved configuration that is damaged hides no file that was made for its rows") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  make(config, pki::lock(config.layout));
  std::ofstream(config.layout.saved_config()) << "certificates: [\n";
  CHECK(removed(pki::load(config.layout)).size() == 4);
}

TEST_CASE(
    "the rows of another configuration are read with it, and of a configuration without rows with the saved one") {
  const TempDir base(memory_dir());
  auto config = config_in(base.path());
  make(config, pki::lock(config.layout));
  config.rows.reset();
  CHECK(pki::load(config.layout, pki::KeyCheck::consistency, {}, &config).catalog.try_find_row("vpn") != nullptr);
  config.rows.emplace();
  CHECK(pki::load(config.layout, pki::KeyCheck::consistency, {}, &config).catalog.try_find_row("vpn") == nullptr);
}
