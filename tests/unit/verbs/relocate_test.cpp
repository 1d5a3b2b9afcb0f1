// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/small_cluster.hpp>
#include <support/temp_dir.hpp>

// The files of one host, for the directories of another.

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

pki::ClusterConfig config_for(const pki::Layout& layout) {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.0.2.1";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.role = pki::Role::first_control_plane;
  config.layout = layout;
  return config;
}

/// Returns a new PKI whose files are below `where`, for the host of `config`.
pki::Bundle make(const pki::ClusterConfig& config, const pki::Layout& where) {
  const auto nothing = pki::assemble(where);
  return pki::issue(pki::plan_init(pki::validate(config).value(), nothing, now), nothing);
}

std::vector<std::string> paths_of(const std::vector<pki::File>& files) {
  std::vector<std::string> paths;
  for (const auto& file : files)
    paths.push_back(file.path.string());
  return paths;
}

bool same_content(const std::vector<pki::File>& a, const std::vector<pki::File>& b) {
  return std::ranges::equal(a, b, [](const pki::File& one, const pki::File& other) {
    return one.content == other.content && one.mode == other.mode;
  });
}

const pki::Layout host{};
const pki::Layout staging{"/staging/certs", "/staging"};

}  // namespace

TEST_CASE("a bundle that was planned elsewhere is that of the host: its paths, and its saved configuration") {
  for (const auto& from : {staging, pki::Layout{"/one", "/one"}, pki::Layout{"/a/b/pki", "/a/b/pki/conf"}}) {
    CAPTURE(from.certificates_dir, from.kubeconfig_dir);
    const auto planned = make(config_for(from), from);
    const auto bundle = relocated(planned, host);
    CHECK(bundle.layout == host);
    CHECK(paths_of(bundle.files) == paths_of(make(config_for(host), host).files));
    const auto inventory = pki::assemble(host, bundle.files);
    CHECK(inventory.saved_config->config == config_for(host));
    CHECK(pki::inspect(inventory, {}, now).worst() == pki::State::valid);
    CHECK_FALSE(pki::plan_init(pki::validate(config_for(host)).value(), inventory, now).changes());
    CHECK(same_content(relocated(bundle, from).files, planned.files));
  }
}

TEST_CASE("a configuration that already names the directories of the host is left as it is") {
  const auto planned = make(config_for(host), staging);
  CHECK(planned.files.front().path == "/staging/certs/ca.crt");
  CHECK(pki::assemble(staging, planned.files).saved_config->config.layout.certificates_dir == host.certificates_dir);
  const auto bundle = relocated(planned, host);
  CHECK(same_content(bundle.files, planned.files));
  CHECK(pki::assemble(host, bundle.files).saved_config->config == config_for(host));
}

TEST_CASE("a relocated bundle can be committed") {
  const TempDir base(memory_dir());
  const pki::Layout layout{base / "pki", base.path()};
  const auto bundle = relocated(make(config_for(host), host), layout);
  CHECK(pki::commit(bundle, pki::lock(layout), {.now = now}).changed == bundle.files.size());
  const auto inventory = pki::load(layout);
  CHECK(pki::inspect(inventory, {}, now).worst() == pki::State::valid);
  CHECK(inventory.saved_config->config.layout == layout);
}

TEST_CASE("files of other catalogs and of no directory are not lost on the way") {
  const auto files = make(config_for(staging), staging).files;
  CHECK(relocated({}, staging, host).empty());
  CHECK(relocated(files, staging, host).size() == files.size());
  CHECK(code_of([&] { (void)relocated(files, host, staging); }) == pki::Errc::mismatch);
  const std::vector<pki::File> further{{"/staging/certs/metrics.crt", 0644, pki::SecretString("x")}};
  CHECK(code_of([&] { (void)relocated(further, staging, host); }) == pki::Errc::mismatch);
  const auto rows = pki::default_catalog().rows();
  std::vector<pki::CatalogRow> all(rows.begin(), rows.end());
  all.push_back({.name = "metrics", .issuer = "ca", .common_name = {"metrics", "metrics"}, .path = "metrics"});
  CHECK(relocated(further, staging, host, pki::Catalog(all)).front().path == "/etc/kubernetes/pki/metrics.crt");
}

TEST_CASE("a saved configuration that cannot be read does not go to another host") {
  std::vector<pki::File> files{{"/staging/pkigen.yaml", 0644, pki::SecretString("kind: [\n")}};
  CHECK(code_of([&] { (void)relocated(files, staging, host); }) == pki::Errc::malformed);
}
