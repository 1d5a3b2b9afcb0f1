// SPDX-License-Identifier: Apache-2.0
// Keeps the PKI of a cluster in a store that is no disk, and renews it there a year later. The store of this
// example is a map; a real one may be a secret manager or a database. No file is read or written.
//
// usage: in-a-store [--reuse-keys]

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <pki/pki.hpp>

namespace {

class Store {
 public:
  [[nodiscard]] std::optional<pki::SecretString> get(const std::filesystem::path& path) const {
    const auto found = contents_.find(path);
    return found == contents_.end() ? std::nullopt : std::optional(found->second);
  }

  // A store with transactions writes all of them in one: a key belongs to its certificate.
  void put(const std::vector<pki::File>& files) {
    for (const auto& file : files)
      contents_[file.path] = file.content;
  }

 private:
  std::map<std::filesystem::path, pki::SecretString> contents_;
};

pki::ClusterConfig cluster() {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {"/nowhere/kubernetes/pki", "/nowhere/kubernetes"};
  return config;
}

pki::Inventory read(const Store& store, const pki::Layout& layout) {
  return pki::assemble(layout, [&store](const std::filesystem::path& path) { return store.get(path); });
}

void create(Store& store, const pki::ValidConfig& config, std::chrono::sys_seconds now) {
  const auto inventory = read(store, config->layout);
  store.put(pki::issue(pki::plan_init(config, inventory, now), inventory).files);
}

void renew(Store& store, const pki::ValidConfig& config, std::chrono::sys_seconds now, bool reuse_keys) {
  const auto inventory = read(store, config->layout);
  pki::RenewOptions options;
  options.if_due = pki::Window{.span = std::chrono::days{30}};
  options.reuse_key = reuse_keys;
  const auto plan = pki::plan_renew(&config, inventory, now, options);
  if (!plan.failures.empty()) throw pki::Error(pki::Errc::mismatch, plan.failures);
  const auto bundle = pki::issue(plan, inventory);
  store.put(bundle.files);
  for (const auto& [row, certificate] : bundle.issued) {
    const auto& before = *inventory.find(row->name).certificate();
    const bool kept = certificate.public_key_sha256 == before.public_key_sha256;
    std::cout << "renewed " << row->name << " until " << pki::to_day(certificate.not_after) << ", with "
              << (kept ? "its old key" : "a new key") << '\n';
  }
}

void run(bool reuse_keys) {
  const auto config = pki::validate(cluster()).value();
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto later = now + std::chrono::days{350};
  Store store;
  create(store, config, now);
  renew(store, config, later, reuse_keys);

  const auto inventory = read(store, config->layout);
  std::cout << "the PKI is " << pki::to_string(pki::inspect(inventory, {}, later).worst()) << '\n';
  for (const auto* name : {"ca", "apiserver"})
    std::cout << inventory.find(name).certificate()->pem;
}

}  // namespace

int main(int argc, char* argv[]) {
  const bool reuse_keys = argc == 2 && std::string_view(argv[1]) == "--reuse-keys";
  if (argc != 1 && !reuse_keys) {
    std::cerr << "usage: in-a-store [--reuse-keys]\n";
    return 2;
  }
  try {
    run(reuse_keys);
    return EXIT_SUCCESS;
  } catch (const pki::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
