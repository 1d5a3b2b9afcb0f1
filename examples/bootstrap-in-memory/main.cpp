// SPDX-License-Identifier: Apache-2.0
// Makes the whole PKI of a cluster in memory and prints which files would be written: nothing touches the disk. An
// installer that brings files to other machines by its own means starts here.

#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>

#include <pki/pki.hpp>

namespace {

void bootstrap() {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  config.control_plane_endpoint = "api.example.internal:6443";
  config.algorithm = pki::KeyAlgorithm::ecdsa_p256;
  // The directories on the host that will get the files. Here they are neither read nor created.
  config.layout = {"/nowhere/kubernetes/pki", "/nowhere/kubernetes"};

  // The library never asks the clock: time is the caller's.
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  // Nothing exists yet, so the plan is to make everything.
  const auto inventory = pki::assemble(config.layout);
  const auto plan = pki::plan_init(pki::validate(config).value(), inventory, now);
  const auto bundle = pki::issue(plan, inventory);

  // File::content holds keys: ship it, do not print it.
  for (const auto& file : bundle.files)
    std::cout << std::setw(4) << std::setfill('0') << std::oct << file.mode << "  " << file.path.string() << '\n';
  for (const auto& [row, certificate] : bundle.issued)
    std::cout << row->name << ": " << certificate.subject << ", issued by " << certificate.issuer << '\n';
}

}  // namespace

int main() {
  try {
    bootstrap();
    return EXIT_SUCCESS;
  } catch (const pki::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
