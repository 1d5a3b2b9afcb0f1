// SPDX-License-Identifier: Apache-2.0
// Makes a second control plane whose host never gets the key of a CA. The PKI of the first one is below CLUSTER on this
// host, as bootstrap-to-disk makes it. ROOT is the root directory of the second host, a mounted image for example.
// Whoever has CLUSTER renews the certificates of both.
//
// usage: join CLUSTER NODE ADDRESS ROOT

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>

#include <pki/pki.hpp>

namespace {

using std::filesystem::path;

// The configuration of the cluster, with what differs on the second host.
pki::ClusterConfig config_of(const pki::Inventory& first, const std::string& node, const std::string& address) {
  if (!first.saved_config)
    throw pki::Error(pki::Errc::not_found, first.layout.saved_config().string(), "no saved configuration");
  if (!first.saved_config->problems.empty()) throw pki::Error(pki::Errc::malformed, first.saved_config->problems);
  auto config = first.saved_config->config;
  config.node_name = node;
  config.advertise_address = address;
  config.role = pki::Role::joining_control_plane;
  config.layout = {};  // as the second host sees its directories: /etc/kubernetes/pki and /etc/kubernetes
  return config;
}

void join(const path& cluster, const std::string& node, const std::string& address, const path& root) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto first = pki::load({cluster / "pki", cluster});
  const auto config = config_of(first, node, address);
  const pki::Layout there{root / config.layout.certificates_dir.relative_path(),
                          root / config.layout.kubeconfig_dir.relative_path()};

  // The second host as it would be with the keys of the CAs: in memory, to sign.
  const auto shared = pki::shared_files(first, pki::CaKeys::include);
  const auto signing = pki::assemble(there, pki::relocated(shared, first.layout, there));
  const auto plan = pki::plan_node(pki::validate(config).value(), signing, now);
  if (!plan.conflicts.empty()) throw pki::Error(pki::Errc::mismatch, plan.conflicts);

  // It gets files of its own, and the shared ones without those keys.
  auto bundle = pki::issue(plan, signing);
  for (auto& file : pki::shared_files(signing, pki::CaKeys::omit))
    bundle.files.push_back(std::move(file));
  const auto lock = pki::lock(there);
  for (const auto& file : pki::commit(bundle, lock, {.command = "join", .now = now}).written)
    std::cout << file.string() << '\n';
  std::cout << "discovery hash: " << pki::discovery_hash(*first.find("ca").certificate()) << '\n';
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 5) {
    std::cerr << "usage: join CLUSTER NODE ADDRESS ROOT\n";
    return 2;
  }
  try {
    join(std::filesystem::absolute(argv[1]), argv[2], argv[3], std::filesystem::absolute(argv[4]));
    return EXIT_SUCCESS;
  } catch (const pki::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    for (const auto& problem : error.further())
      std::cerr << "error: " << problem.subject << ": " << problem.message << '\n';
    return EXIT_FAILURE;
  }
}
