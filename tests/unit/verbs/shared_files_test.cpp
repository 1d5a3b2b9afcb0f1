// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <pki/pki.hpp>

#include <support/catch.hpp>
#include <support/small_cluster.hpp>

// The files of a cluster that another host gets, in memory.

namespace {

using pki::CaKeys;
using pki::Role;

constexpr std::chrono::sys_seconds now{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

pki::ClusterConfig config_of(const std::string& node, Role role) {
  pki::ClusterConfig config;
  config.node_name = node;
  config.advertise_address = "192.0.2.1";
  config.control_plane_endpoint = "api.example.internal:6443";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.role = role;
  return config;
}

/// Returns the files of a first control plane.
std::vector<pki::File> first(const pki::ClusterConfig& config) {
  const auto nothing = pki::assemble(config.layout);
  return pki::issue(pki::plan_init(pki::validate(config).value(), nothing, now), nothing).files;
}

std::set<std::string> paths_of(const std::vector<pki::File>& files) {
  std::set<std::string> paths;
  for (const auto& file : files) {
    CHECK(file.mode == (file.path.extension() == ".key" ? 0600U : 0644U));
    paths.insert(file.path.string());
  }
  CHECK(paths.size() == files.size());
  return paths;
}

void remove(std::vector<pki::File>& files, std::string_view path) {
  CHECK(std::erase_if(files, [&](const pki::File& file) { return file.path == path; }) == 1);
}

const std::set<std::string> certificates{"/etc/kubernetes/pki/ca.crt", "/etc/kubernetes/pki/front-proxy-ca.crt",
                                         "/etc/kubernetes/pki/etcd/ca.crt"};

}  // namespace

TEST_CASE("a host gets what its role shares, and keys of CAs only where they are asked for") {
  using Paths = std::set<std::string>;
  const auto config = config_of("cp-1", Role::first_control_plane);
  const auto inventory = pki::assemble(config.layout, first(config));
  const Paths sa{"/etc/kubernetes/pki/sa.key", "/etc/kubernetes/pki/sa.pub"};
  const Paths keys{"/etc/kubernetes/pki/ca.key", "/etc/kubernetes/pki/front-proxy-ca.key",
                   "/etc/kubernetes/pki/etcd/ca.key"};
  const Paths etcd{"/etc/kubernetes/pki/etcd/ca.crt"};
  const struct {
    Role role;
    CaKeys keys;
    std::vector<Paths> parts;
  } cases[] = {
      {Role::joining_control_plane, CaKeys::omit, {certificates, sa}},
      {Role::joining_control_plane, CaKeys::include, {certificates, sa, keys}},
      {Role::first_control_plane, CaKeys::omit, {certificates, sa}},
      {Role::etcd_host, CaKeys::omit, {etcd}},
      {Role::etcd_host, CaKeys::include, {etcd, {"/etc/kubernetes/pki/etcd/ca.key"}}},
      {Role::worker, CaKeys::omit, {{"/etc/kubernetes/pki/ca.crt"}}},
      {Role::worker, CaKeys::include, {{"/etc/kubernetes/pki/ca.crt"}}},
      {Role::ca_host, CaKeys::include, {certificates, keys}},
  };
  for (const auto& [role, ca_keys, parts] : cases) {
    CAPTURE(to_string(role), ca_keys == CaKeys::include);
    Paths expected;
    for (const auto& part : parts)
      expected.insert(part.begin(), part.end());
    CHECK(paths_of(pki::shared_files(inventory, ca_keys, role)) == expected);
  }
  CHECK(paths_of(pki::shared_files(inventory, CaKeys::omit)) ==
        paths_of(pki::shared_files(inventory, CaKeys::omit, Role::joining_control_plane)));
}

TEST_CASE("the shared files are whole: what they came from is found in them, and joins with them") {
  const auto config = config_of("cp-1", Role::first_control_plane);
  const auto inventory = pki::assemble(config.layout, first(config));
  const auto shared = pki::shared_files(inventory, CaKeys::include);
  const auto again = pki::assemble(config.layout, shared);
  for (const auto* name : {"ca", "front-proxy-ca", "etcd-ca", "sa"}) {
    CAPTURE(name);
    CHECK(again.find(name).certificates == inventory.find(name).certificates);
    CHECK(again.find(name).key->pem() == inventory.find(name).key->pem());
    CHECK(again.find(name).public_key_sha256 == inventory.find(name).public_key_sha256);
    CHECK(again.find(name).problems.empty());
  }
  const auto joining = pki::validate(config_of("cp-2", Role::joining_control_plane)).value();
  const auto bundle = pki::issue(pki::plan_node(joining, again, now), again);
  CHECK(bundle.issued.size() == 11);

  // The host that joins has them without the keys of the CAs, and everything is valid there.
  auto there = pki::shared_files(inventory, CaKeys::omit);
  there.insert(there.end(), bundle.files.begin(), bundle.files.end());
  const auto report = pki::inspect(pki::assemble(config.layout, there), {}, now);
  CHECK(report.worst() == pki::State::valid);
  CHECK(report.role == Role::joining_control_plane);
  CHECK_FALSE(pki::plan_node(joining, pki::assemble(config.layout, pki::shared_files(inventory, CaKeys::omit)), now)
                  .conflicts.empty());
}

TEST_CASE("what cannot be shared is an error") {
  const auto config = config_of("cp-1", Role::first_control_plane);
  const auto share = [&](std::vector<pki::File> files, CaKeys keys, Role role = Role::joining_control_plane) {
    return code_of([&] { (void)pki::shared_files(pki::assemble(config.layout, files), keys, role); });
  };
  const auto whole = first(config);
  auto files = whole;
  remove(files, "/etc/kubernetes/pki/front-proxy-ca.crt");
  CHECK(share(files, CaKeys::omit) == pki::Errc::not_found);
  files = whole;
  remove(files, "/etc/kubernetes/pki/sa.key");
  CHECK(share(files, CaKeys::omit) == pki::Errc::not_found);
  files = whole;
  remove(files, "/etc/kubernetes/pki/ca.key");
  CHECK(share(files, CaKeys::include) == pki::Errc::ca_key_missing);
  CHECK(pki::shared_files(pki::assemble(config.layout, files), CaKeys::include, Role::worker).size() == 1);
  CHECK(pki::shared_files(pki::assemble(config.layout, files), CaKeys::omit).size() == 5);
  for (const char* damaged : {"/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/sa.key"}) {
    CAPTURE(damaged);
    files = whole;
    files.push_back({damaged, 0600, pki::SecretString("damaged by somebody")});
    CHECK(share(files, CaKeys::omit) == pki::Errc::malformed);
  }
  CHECK(code_of([] { (void)pki::shared_files(pki::Inventory(), CaKeys::omit); }) == pki::Errc::mismatch);
}

TEST_CASE("the files for an external etcd are not among the shared ones") {
  auto config = config_of("cp-1", Role::first_control_plane);
  config.external_etcd = pki::ExternalEtcd{{"https://192.0.2.9:2379"}, "/e/ca.pem", "/e/c.pem", "/e/c.key"};
  auto files = first(config);
  const auto of_etcd = [&](const pki::Inventory& inventory) {
    return std::ranges::count_if(pki::shared_files(inventory, CaKeys::omit), [](const pki::File& file) {
      return file.path.string().find("etcd") != std::string::npos || file.path.string().starts_with("/e/");
    });
  };
  CHECK(of_etcd(pki::assemble(config.layout, files)) == 0);
  const auto ca = pki::assemble(config.layout, files).find("ca").certificate()->pem;
  files.push_back({"/e/ca.pem", 0644, {ca.begin(), ca.end()}});
  CHECK(pki::assemble(config.layout, files).find("etcd-ca").certificate() != nullptr);
  CHECK(of_etcd(pki::assemble(config.layout, files)) == 0);
  // Where no configuration was saved, the files show it.
  remove(files, "/etc/kubernetes/pkigen.yaml");
  CHECK(of_etcd(pki::assemble(config.layout, files)) == 0);
}
