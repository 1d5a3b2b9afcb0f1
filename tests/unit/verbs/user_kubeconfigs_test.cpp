// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>

#include "formats/kubeconfig/kubeconfig.hpp"

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

pki::ValidConfig config_of_test() {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.0.2.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  return pki::validate(config).value();
}

/// with_ca is an inventory that holds nothing but a new cluster CA.
pki::Inventory with_ca(const pki::ValidConfig& config) {
  auto inventory = pki::load({"/nowhere/kubernetes/pki", "/nowhere/kubernetes"});
  const auto bundle =
      pki::issue(pki::plan_init(config, inventory, now, {{pki::default_catalog().rows().data()}}), inventory);
  inventory.entries.front().exists = inventory.entries.front().key_exists = true;
  inventory.entries.front().certificates = {bundle.issued.front().certificate};
  for (const auto& file : bundle.files)
    if (file.path.extension() == ".key") inventory.entries.front().key = pki::parse_private_key(file.content, "ca.key");
  return inventory;
}

}  // namespace

TEST_CASE("many users get a kubeconfig each, in order, with keys of their own, on any number of threads") {
  const auto config = config_of_test();
  const auto inventory = with_ca(config);
  std::vector<pki::UserSpec> users(20);
  for (std::size_t i = 0; i < users.size(); ++i)
    users[i] = {.name = "user-" + std::to_string(i), .organizations = {"team"}};
  const auto threads = GENERATE(0U, 1U, 3U);
  const auto made = pki::user_kubeconfigs(config, inventory, users, now, {.threads = threads, .progress = {}});
  REQUIRE(made.size() == users.size());
  std::set<std::string> keys;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto parsed = pki::formats::parse_kubeconfig(made[i], "user.conf");
    const auto certificate = pki::parse_certificates(parsed.client_certificate_pem, "user.conf").front();
    CHECK(certificate.common_name == users[i].name);
    CHECK(certificate.organizations == users[i].organizations);
    const auto key = pki::parse_private_key(parsed.client_key_pem, "user.conf");
    CHECK(key.public_key_sha256() == certificate.public_key_sha256);
    keys.insert(key.public_key_sha256());
  }
  CHECK(keys.size() == users.size());
}

TEST_CASE("nothing is signed by a clock behind the newest certificate") {
  const auto config = config_of_test();
  const auto inventory = with_ca(config);
  const auto made = inventory.entries.front().certificate()->not_before;
  CHECK_NOTHROW(pki::user_kubeconfig(config, inventory, {.name = "user"}, made - std::chrono::minutes{5}));
  CHECK_THROWS_WITH(pki::user_kubeconfig(config, inventory, {.name = "user"}, made - std::chrono::minutes{6}),
                    contains("not valid before 2026-05-31 23:55:00 UTC, and it is 2026-05-31 23:49:00 UTC"));
}

TEST_CASE("one user without a name leaves all without a kubeconfig") {
  const auto config = config_of_test();
  std::vector<pki::UserSpec> users(2);
  users.front().name = "one";
  CHECK_THROWS_AS(pki::user_kubeconfigs(config, with_ca(config), users, now), pki::Error);
  CHECK(pki::user_kubeconfigs(config, with_ca(config), {}, now).empty());
}

TEST_CASE("a CA that has expired or is refused signs for nobody") {
  const auto config = config_of_test();
  auto inventory = with_ca(config);
  const auto end = inventory.entries.front().certificate()->not_after;
  CHECK_NOTHROW(pki::user_kubeconfig(config, inventory, {.name = "user"}, end));
  CHECK_THROWS_WITH(pki::user_kubeconfig(config, inventory, {.name = "user"}, end + std::chrono::seconds{1}),
                    contains("expired on"));
  inventory.entries.front().refusal = pki::ChainRefusal{"unhandled critical extension", {}, false};
  CHECK_THROWS_WITH(pki::user_kubeconfig(config, inventory, {.name = "user"}, now),
                    contains("unhandled critical extension"));
}

TEST_CASE("a user whose key stays elsewhere gets a kubeconfig that names its file") {
  const auto config = config_of_test();
  const auto key = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p384);
  const std::vector<pki::UserSpec> users{
      {.name = "own"}, {.name = "other", .public_key_pem = key.public_key_pem(), .key_file = "other.key"}};
  const auto made = pki::issue_users(config, with_ca(config), users, now);
  REQUIRE(made.size() == 2);
  const auto own = pki::formats::parse_kubeconfig(made[0].text, "own");
  CHECK_FALSE(own.client_key_pem.empty());
  const auto other = pki::formats::parse_kubeconfig(made[1].text, "other");
  CHECK(other.client_key_pem.empty());
  CHECK(other.client_key_file == "other.key");
  CHECK(made[1].certificate.public_key_sha256 == key.public_key_sha256());
  CHECK(made[1].certificate.common_name == "other");
  CHECK(made[1].certificate.pem == pki::parse_certificates(other.client_certificate_pem, "other").front().pem);
}

TEST_CASE("nothing is signed for a public key that verifiers refuse, or without the name of its file") {
  const auto config = config_of_test();
  const auto inventory = with_ca(config);
  const auto issue = [&](std::string public_key, std::string file) {
    const pki::UserSpec user{.name = "u", .public_key_pem = std::move(public_key), .key_file = std::move(file)};
    return pki::issue_users(config, inventory, {&user, 1}, now);
  };
  const auto good = pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256).public_key_pem();
  CHECK_NOTHROW(issue(good, "u.key"));
  CHECK_THROWS_WITH(issue(good, ""), contains("without the name of its file"));
  CHECK_THROWS_WITH(issue("nothing", "u.key"), contains("no PUBLIC KEY block"));
  constexpr auto rsa_1024 =
      "-----BEGIN PUBLIC KEY-----\n"
      "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDO6sCjZGFk1ToVeCpI0Oa9uST2\n"
      "MnjjXEbaEilaJ3A/CdxMIYvdmtHVRKJv1cIoLl4aJvgSFL6NVacoVnUR0sWS8CWn\n"
      "JjLw48U4P88ENN3Pj/S4VPCj4OJbuvwZ0vpv23wEjpAaFEhto+4fKx6e2QpsPjnP\n"
      "L/0qFpl3dqTJexdP+QIDAQAB\n"
      "-----END PUBLIC KEY-----\n";
  CHECK_THROWS_WITH(issue(rsa_1024, "u.key"), contains("RSA-1024 key, expected RSA of at least 2048 bits"));
}
