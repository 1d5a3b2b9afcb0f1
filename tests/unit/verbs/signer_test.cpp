// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/small_cluster.hpp>
#include <support/temp_dir.hpp>

// Issuing with the keys of CAs, the keys of leaves and the serial numbers that the caller passes.

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

/// Cluster is a new PKI on a disk, whose cluster CA has its key in another directory.
struct Cluster {
  TempDir base{memory_dir()};
  TempDir vault;
  pki::ClusterConfig config{config_in(base.path())};
  std::string uri{"file:" + (vault / "ca.key").string()};

  Cluster() {
    const auto nothing = pki::load(config.layout);
    commit(pki::issue(pki::plan_init(valid(), nothing, now), nothing));
    const auto key = config.layout.certificates_dir / "ca.key";
    std::filesystem::copy_file(key, vault / "ca.key");
    std::filesystem::remove(key);
    config.signing_keys = {{"ca", uri}};
  }

  [[nodiscard]] pki::ValidConfig valid() const { return pki::validate(config).value(); }
  void commit(const pki::Bundle& bundle) const {
    (void)pki::commit(bundle, pki::lock(config.layout), {.command = "init", .now = now});
  }
  [[nodiscard]] pki::Inventory load() const {
    return pki::load(config.layout, pki::KeyCheck::sign_and_verify, pki::default_catalog(), &config);
  }
};

pki::PrivateKey p256() { return pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p256); }

std::size_t number_of_rows(std::string_view issuer) {
  return static_cast<std::size_t>(std::ranges::count(pki::default_catalog().rows(), issuer, &pki::CatalogRow::issuer));
}

}  // namespace

TEST_CASE("a renewal is signed with a key that is not in the inventory") {
  const Cluster cluster;
  const auto inventory = cluster.load();
  CHECK(inventory.find("ca").signing_key == cluster.uri);
  CHECK_FALSE(inventory.find("ca").external());
  const auto valid = cluster.valid();
  const auto plan = pki::plan_renew(&valid, inventory, now + std::chrono::hours{1});
  CHECK(code_of([&] { (void)pki::issue(plan, inventory); }) == pki::Errc::ca_key_missing);

  pki::IssueOptions options;
  options.signers.emplace("ca", pki::open_signer(cluster.uri));
  const auto bundle = pki::issue(plan, inventory, options);
  CHECK(bundle.issued.size() == 12);
  for (const auto& file : bundle.files)
    CHECK(file.path.filename() != "ca.key");
  cluster.commit(bundle);
  const auto after = cluster.load();
  for (const auto& entry : after.entries)
    if (!entry.row->issuer.empty()) CHECK(entry.signed_by_issuer);
}

TEST_CASE("missing leaves are created with a key that is not in the inventory, and its place is saved") {
  const Cluster cluster;
  for (const auto* file : {"apiserver.crt", "apiserver.key"})
    std::filesystem::remove(cluster.config.layout.certificates_dir / file);
  const auto inventory = cluster.load();
  const auto plan = pki::plan_init(cluster.valid(), inventory, now);
  REQUIRE(plan.conflicts.empty());
  pki::IssueOptions options;
  options.signers.emplace("ca", pki::open_signer(cluster.uri));
  cluster.commit(pki::issue(plan, inventory, options));
  const auto saved = pki::load_saved_config(cluster.config.layout);
  REQUIRE(saved);
  CHECK(saved->config.signing_keys == cluster.config.signing_keys);
  const auto after = pki::load(cluster.config.layout);  // by the saved configuration
  CHECK(after.find("apiserver").signed_by_issuer);
  CHECK(after.find("ca").signing_key == cluster.uri);
}

TEST_CASE("users get kubeconfigs from a key that is not in the inventory") {
  const Cluster cluster;
  const auto inventory = cluster.load();
  const std::vector<pki::UserSpec> users{{.name = "alice"}, {.name = "bob"}};
  CHECK(code_of([&] { (void)pki::user_kubeconfigs(cluster.valid(), inventory, users, now); }) ==
        pki::Errc::ca_key_missing);
  pki::IssueOptions options;
  options.signers.emplace("ca", pki::open_signer(cluster.uri));
  CHECK(pki::user_kubeconfigs(cluster.valid(), inventory, users, now, options).size() == 2);
  options.signers.clear();
  options.signers.emplace("ca", pki::to_signer(p256()));
  CHECK(code_of([&] { (void)pki::user_kubeconfigs(cluster.valid(), inventory, users, now, options); }) ==
        pki::Errc::mismatch);
}

TEST_CASE("requests are signed with a key that is not in the inventory") {
  const Cluster cluster;
  auto host = cluster.config;  // asks, and knows nothing of the place of the key
  host.signing_keys.clear();
  const auto asking = pki::load(host.layout);
  const auto valid = pki::validate(host).value();
  const auto wanted = pki::plan_request(valid, asking, now, {.rows = {&asking.catalog.find_row("apiserver")}});
  const auto items = pki::to_bundle(pki::make_requests(wanted, asking, now), asking).items;
  REQUIRE(items.size() == 1);

  CHECK_FALSE(pki::plan_signing(&valid, asking, items, now).conflicts.empty());
  const auto holder = cluster.load();
  const auto plan = pki::plan_signing(&valid, holder, items, now);
  REQUIRE(plan.conflicts.empty());
  CHECK(code_of([&] { (void)pki::sign_requests(plan, holder); }) == pki::Errc::ca_key_missing);
  CHECK(code_of([&] {
          (void)pki::sign_requests(plan, holder, {{"ca", pki::to_signer(p256())}});
        }) == pki::Errc::mismatch);
  const auto answers = pki::sign_requests(plan, holder, {{"ca", pki::open_signer(cluster.uri)}});
  REQUIRE(answers.answers.size() == 1);
  CHECK(answers.answers[0].chain.at(0).issuer == holder.find("ca").certificate()->subject);
}

TEST_CASE("the key of another CA, of an unknown row, or of a CA that is new signs nothing, and makes no key") {
  const Cluster cluster;
  const auto inventory = cluster.load();
  const auto plan = pki::plan_renew(nullptr, inventory, now);
  int keys_made = 0;
  const auto code = [&](const pki::Plan& of, const pki::Inventory& from, const char* row) {
    pki::IssueOptions options;
    options.progress = [&](std::size_t, std::size_t) { ++keys_made; };
    options.signers.emplace(row, pki::to_signer(p256()));
    return code_of([&] { (void)pki::issue(of, from, options); });
  };
  CHECK(code(plan, inventory, "ca") == pki::Errc::mismatch);
  CHECK(code(plan, inventory, "front-proxy-ca") == pki::Errc::mismatch);
  CHECK(code(plan, inventory, "no-such-ca") == pki::Errc::unknown_name);
  const auto nothing = pki::load({"/nowhere/kubernetes/pki", "/nowhere/kubernetes"});
  auto config = cluster.config;
  config.signing_keys.clear();
  CHECK(code(pki::plan_init(pki::validate(config).value(), nothing, now), nothing, "ca") == pki::Errc::mismatch);
  CHECK(keys_made == 0);
}

TEST_CASE("given keys and serial numbers are used as they are") {
  const TempDir base;
  const auto config = config_in(base.path());
  const auto nothing = pki::load(config.layout);
  const auto plan = pki::plan_init(pki::validate(config).value(), nothing, now);
  pki::IssueOptions options;
  const auto ca = p256();
  const auto apiserver = p256();
  options.keys.emplace("ca", ca);
  options.keys.emplace("apiserver", apiserver);
  std::vector<std::string> asked;
  options.serial = [&](const pki::CatalogRow& row) {
    asked.emplace_back(row.name);
    return std::string(1, static_cast<char>(asked.size()));
  };
  const auto bundle = pki::issue(plan, nothing, options);
  std::map<std::string, pki::Certificate> made;
  for (const auto& each : bundle.issued)
    made.emplace(each.row->name, each.certificate);
  CHECK(made.at("ca").public_key_sha256 == ca.public_key_sha256());
  CHECK(made.at("apiserver").public_key_sha256 == apiserver.public_key_sha256());
  CHECK(asked.size() == made.size());
  for (std::size_t i = 0; i < asked.size(); ++i)
    CHECK(std::stoul(made.at(asked[i]).serial, nullptr, 16) == i + 1);
  CHECK(asked.front() == "ca");
  CHECK(number_of_rows("ca") + number_of_rows("etcd-ca") + number_of_rows("front-proxy-ca") + 3 == asked.size());
}

TEST_CASE("a given key or serial number that does not fit is refused") {
  const TempDir base;
  const auto config = config_in(base.path());
  const auto nothing = pki::load(config.layout);
  const auto plan = pki::plan_init(pki::validate(config).value(), nothing, now);
  const auto code = [&](const pki::IssueOptions& options) {
    return code_of([&] { (void)pki::issue(plan, nothing, options); });
  };
  pki::IssueOptions options;
  options.keys.emplace("apiserver", pki::generate_private_key(pki::KeyAlgorithm::ecdsa_p384));
  CHECK(code(options) == pki::Errc::mismatch);
  options.keys.clear();
  options.keys.emplace("no-such-row", p256());
  CHECK(code(options) == pki::Errc::unknown_name);
  options.keys.clear();
  for (const auto& serial :
       {std::string(), std::string(1, '\0'), std::string("\x80"), std::string(21, '\x01'), std::string(20, '\0')}) {
    options.serial = [&](const pki::CatalogRow&) { return serial; };
    CHECK(code(options) == pki::Errc::invalid_config);
  }
  options.serial = [](const pki::CatalogRow&) { return std::string(20, '\x7f'); };
  CHECK_NOTHROW(pki::issue(plan, nothing, options));
}
