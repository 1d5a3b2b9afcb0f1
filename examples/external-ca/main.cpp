// SPDX-License-Identifier: Apache-2.0
// Makes a control plane whose host makes its own keys and never gets those of the CAs, and plays both sides: the host,
// whose files are below HOST, and the holder of the CAs, who has the PKI below CLUSTER as bootstrap-to-disk makes it.
// Between them only texts travel: requests one way, certificates the other. A second run renews what is due.
//
// usage: external-ca CLUSTER HOST NODE ADDRESS

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include <pki/pki.hpp>

namespace {

using std::filesystem::path;
using Time = std::chrono::sys_seconds;

void refuse(const std::vector<pki::Finding>& conflicts) {
  if (!conflicts.empty()) throw pki::Error(pki::Errc::mismatch, conflicts);
}

// What both sides know about the host.
pki::ValidConfig config_of(const std::string& node, const std::string& address, const path& host) {
  pki::ClusterConfig config;
  config.node_name = node;
  config.advertise_address = address;
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  config.layout = {host / "pki", host};
  return pki::validate(config).value();
}

// The certificates of the CAs, and the key pair that all API servers share.
void send_shared_files(const pki::Inventory& cluster, const pki::Lock& lock, Time now) {
  pki::Bundle bundle;
  bundle.layout = lock.layout();
  bundle.files = pki::relocated(pki::shared_files(cluster, pki::CaKeys::omit), cluster.layout, lock.layout());
  (void)pki::commit(bundle, lock, {.command = "shared files", .now = now});
}

// On the host: keys, which wait there, and requests.
std::string request(const pki::ValidConfig& config, const pki::Lock& lock, Time now) {
  const auto inventory = pki::load(lock.layout());
  const auto plan = pki::plan_request(config, inventory, now);
  refuse(plan.conflicts);
  const auto requests = pki::make_requests(plan, inventory, now);
  pki::save_requests(lock, requests);
  const auto bundle = pki::to_bundle(requests, inventory);
  std::cout << "host:   " << requests.size() << " requests, " << bundle.digest << '\n';
  return to_json(bundle);
}

// Where the keys of the CAs are. Of a request only its public key is used.
std::string sign(const pki::ValidConfig& config, const pki::Inventory& cluster, std::string_view text, Time now) {
  const auto requests = pki::parse_request_bundle(text, "requests");
  std::cout << "holder: " << requests.items.size() << " requests, " << requests.digest << '\n';
  const auto plan = pki::plan_signing(&config, cluster, requests.items, now);
  refuse(plan.conflicts);
  return to_json(pki::sign_requests(plan, cluster));
}

// On the host again: every answer is judged, and all of them are put in place at once, or none.
void import(const pki::Lock& lock, std::string_view text, Time now) {
  const auto answers = pki::parse_answer_bundle(text, "certificates");
  const auto inventory = pki::load(lock.layout());
  const auto import = pki::plan_import(inventory, pki::read_requests(inventory), answers.answers, now);
  refuse(import.conflicts);
  (void)pki::commit(import.bundle, lock, {.command = "import", .now = now});
  for (const auto& issued : import.bundle.issued)
    std::cout << "import  " << issued.row->name << " until " << pki::to_rfc3339(issued.certificate.not_after) << '\n';
}

void run(const path& cluster_dir, const path& host, const std::string& node, const std::string& address) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto cluster = pki::load({cluster_dir / "pki", cluster_dir});
  const auto config = config_of(node, address, host);
  const auto lock = pki::lock(config->layout);
  send_shared_files(cluster, lock, now);
  import(lock, sign(config, cluster, request(config, lock, now), now), now);
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 5) {
    std::cerr << "usage: external-ca CLUSTER HOST NODE ADDRESS\n";
    return 2;
  }
  try {
    run(std::filesystem::absolute(argv[1]), std::filesystem::absolute(argv[2]), argv[3], argv[4]);
    return EXIT_SUCCESS;
  } catch (const pki::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    for (const auto& problem : error.further())
      std::cerr << "error: " << problem.subject << ": " << problem.message << '\n';
    return EXIT_FAILURE;
  }
}
