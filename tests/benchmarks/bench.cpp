// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include <chrono>
#include <cstdio>
#include <string_view>
#include <vector>

#include <pki/pki.hpp>

namespace {

using std::chrono::sys_seconds;

/// cluster_of is the CA that signs, made in memory.
pki::Inventory cluster_of(const pki::ValidConfig& config, sys_seconds now) {
  auto inventory = pki::load({"/nowhere/kubernetes/pki", "/nowhere/kubernetes"});
  const auto bundle =
      pki::issue(pki::plan_init(config, inventory, now, {{pki::default_catalog().rows().data()}}), inventory);
  auto& entry = inventory.entries.front();
  entry.certificates = {bundle.issued.front().certificate};
  for (const auto& file : bundle.files)
    if (file.path.extension() == ".key") entry.key = pki::parse_private_key(file.content, "ca.key");
  return inventory;
}

}  // namespace

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void library_clients(std::size_t count, unsigned threads) {
  pki::ClusterConfig cluster;
  cluster.node_name = "cp-1";
  cluster.advertise_address = "192.0.2.1";
  cluster.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  const auto config = pki::validate(cluster).value();
  const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto inventory = cluster_of(config, now);
  std::vector<pki::UserSpec> users(count);
  for (std::size_t i = 0; i < count; ++i)
    users[i].name = "user-" + std::to_string(i);
  std::printf("%.6f\n",
              seconds_of([&] { (void)pki::user_kubeconfigs(config, inventory, users, now, {.threads = threads}); }));
}

void library_rsa(unsigned bits, std::size_t count) {
  const auto algorithm = pki::parse_key_algorithm("RSA-" + std::to_string(bits));
  (void)pki::generate_private_key(algorithm);  // tables are made once
  const auto time = seconds_of([&] {
    for (std::size_t i = 0; i < count; ++i)
      (void)pki::generate_private_key(algorithm);
  });
  std::printf("%.4f\n", time * 1000 / static_cast<double>(count));
}

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const std::string mode = words.empty() ? "" : words[0];
  const auto number = [&](std::size_t i) { return std::stoul(words.at(i)); };
  const auto small = [&](std::size_t i) { return static_cast<unsigned>(number(i)); };
  try {
    if (mode == "measure" && count > 2) return measure_command(arguments + 2);
    if (mode == "clients") return library_clients(number(1), small(2)), 0;
    if (mode == "openssl-clients") return openssl_clients(number(1), small(2)), 0;
    if (mode == "rsa") return library_rsa(small(1), number(2)), 0;
    if (mode == "openssl-rsa") return openssl_rsa(small(1), number(2)), 0;
    if (mode == "openssl-prime") return openssl_prime(small(1), number(2)), 0;
    if (mode == "openssl-report") return openssl_report(words.at(1)), 0;
    if (mode == "openssl-parse") return openssl_parse(words.at(1)), 0;
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "pki-bench: %s\n", problem.what());
    return 1;
  }
  std::fputs(
      "usage: pki-bench measure COMMAND… | clients|openssl-clients COUNT THREADS | rsa|openssl-rsa|openssl-prime BITS "
      "COUNT | "
      "openssl-parse DIR\n",
      stderr);
  return 2;
}
