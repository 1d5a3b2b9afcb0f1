// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/temp_dir.hpp>

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

constexpr std::array<std::string_view, 1> vpn_sans{"vpn.{dns_domain}"};
constexpr std::array vpn_rows{
    pki::CatalogRow{.name = "vpn-ca",
                    .profile = pki::Profile::ca,
                    .common_name = {"vpn-ca", "vpn-ca"},
                    .path = "vpn-ca",
                    .shared = true},
    pki::CatalogRow{.name = "vpn",
                    .issuer = "vpn-ca",
                    .profile = pki::Profile::server,
                    .common_name = {"{node_name}", "{node_name}"},
                    .sans = vpn_sans,
                    .path = "etcd/vpn"},
};

pki::ValidConfig config_in(const std::filesystem::path& directory) {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.0.2.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {directory / "pki", directory};
  return pki::validate(config).value();
}

}  // namespace

TEST_CASE("rows of another catalog are created, loaded, renewed and reported like those of the default one") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const pki::Catalog catalog(vpn_rows);
  const auto lock = pki::lock(config->layout);
  const auto nothing = pki::load(config->layout, pki::KeyCheck::sign_and_verify, catalog);
  REQUIRE(nothing.entries.size() == 2);
  const auto bundle = pki::issue(pki::plan_init(config, nothing, now), nothing);
  CHECK(bundle.issued.size() == 2);
  (void)pki::commit(bundle, lock, {.command = "init", .now = now});

  const auto made = pki::load(config->layout, pki::KeyCheck::sign_and_verify, catalog);
  const auto& old = made.find("vpn");
  REQUIRE(old.certificate() != nullptr);
  CHECK(old.signed_by_issuer);
  CHECK(old.certificate()->sans.front().value == "vpn.cluster.local");
  CHECK_THROWS_AS(made.find("apiserver"), pki::Error);

  const auto plan = pki::plan_renew(&config, made, now + std::chrono::hours{1});
  (void)pki::commit(pki::issue(plan, made), lock, {.command = "renew", .now = now});
  const auto renewed = pki::load(config->layout, pki::KeyCheck::sign_and_verify, catalog);
  CHECK(renewed.find("vpn").certificate()->serial != old.certificate()->serial);

  const auto report = pki::inspect(renewed, {}, now + std::chrono::hours{2});
  CHECK((report.worst() == pki::State::valid));
  REQUIRE(report.certificates.size() == 1);
  CHECK(report.certificates.front().row == &report.catalog.find_row("vpn"));
  REQUIRE(report.authorities.size() == 1);
  CHECK(report.notes.empty());
}

TEST_CASE("pending work of another catalog is read with that catalog") {
  const TempDir base(memory_dir());
  const auto lock = pki::lock(config_in(base.path())->layout);
  const pki::Catalog catalog(vpn_rows);
  const std::vector rows{&catalog.find_row("vpn")};
  pki::add_pending(lock, pki::PendingWork::restarts, rows);
  CHECK(pki::read_pending(lock.layout(), pki::PendingWork::restarts, catalog) == rows);
  CHECK(pki::read_pending(lock.layout(), pki::PendingWork::restarts).empty());
}

TEST_CASE("a catalog without kubeconfig makes no kubeconfigs for users") {
  const TempDir base(memory_dir());
  const auto config = config_in(base.path());
  const auto inventory = pki::load(config->layout, pki::KeyCheck::sign_and_verify, pki::Catalog(vpn_rows));
  CHECK_THROWS_WITH(pki::user_kubeconfig(config, inventory, {.name = "alice"}, now), contains("no kubeconfig"));
}
