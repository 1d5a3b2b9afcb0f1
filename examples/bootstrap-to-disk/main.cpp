// SPDX-License-Identifier: Apache-2.0
// Makes what is missing of a cluster's PKI below a directory, as `pkigen init` does. Run twice, it changes nothing.
//
// usage: bootstrap-to-disk DIR

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <pki/pki.hpp>

namespace {

void bootstrap(const std::filesystem::path& directory) {
  pki::ClusterConfig config;
  config.node_name = "cp-1";
  config.advertise_address = "192.168.10.11";
  config.layout = {directory / "pki", directory};

  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  // The lock comes before `load`, so that what is planned is still true when it is written.
  const auto lock = pki::lock(config.layout);
  const auto inventory = pki::load(config.layout);
  const auto plan = pki::plan_init(pki::validate(config).value(), inventory, now);

  // Whatever is wrong on the disk is all listed, and nothing is written.
  for (const auto& conflict : plan.conflicts)
    std::cerr << "conflict: " << conflict.subject << ": " << conflict.message << '\n';
  if (!plan.conflicts.empty()) throw pki::Error(pki::Errc::mismatch, directory.string(), "the PKI has conflicts");
  if (!plan.changes()) {
    std::cout << "nothing to do\n";
    return;
  }

  const auto written = pki::commit(pki::issue(plan, inventory), lock, {.command = "init", .now = now});
  for (const auto& note : written.notes)
    std::cerr << "note: " << note.subject << ": " << note.message << '\n';
  for (const auto& step : plan.steps)
    std::cout << pki::to_string(step.action()) << ' ' << step.path.string() << '\n';
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 2) {
    std::cerr << "usage: bootstrap-to-disk DIR\n";
    return 2;
  }
  try {
    bootstrap(std::filesystem::absolute(argv[1]));
    return EXIT_SUCCESS;
  } catch (const pki::Error& error) {
    std::cerr << "error: " << error.what() << '\n';
    return EXIT_FAILURE;
  }
}
