// SPDX-License-Identifier: Apache-2.0
#include "host/static_pods.hpp"

#include <chrono>
#include <filesystem>
#include <string_view>

#include <CLI/CLI.hpp>

#include <pki/roll_out.hpp>

#include "host/interrupts.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

std::filesystem::path absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal(); }

}  // namespace

void add_static_pod_options(CLI::App& command, StaticPodOptions& options) {
  command.add_flag("--restart-static-pods", options.restart,
                   "Restart the static pods that must be, and check what is served");
  command
      .add_option("--manifests-dir", options.manifests_dir,
                  "Directory of the static pods' manifests [/etc/kubernetes/manifests]")
      ->option_text("DIR");
  command.add_option("--restart-timeout", options.timeout, "Time for a pod to stop, and to serve again [120]")
      ->check(CLI::Range(1.0, 3600.0))
      ->option_text("SECONDS");
}

std::vector<pki::Finding> restart_static_pods(const pki::Lock& lock, std::span<const pki::CatalogRow* const> rows,
                                              const StaticPodOptions& options) {
  pki::RollOutOptions roll_out;
  roll_out.manifests_dir = absolute(options.manifests_dir);
  roll_out.timeout = std::chrono::milliseconds(static_cast<long>(options.timeout * 1000));
  roll_out.progress = [](std::string_view process) { note("restarting " + std::string(process)); };
  const Interrupts interrupts;
  roll_out.stopped = [] { return Interrupts::caught() != 0; };
  auto findings = pki::restart_static_pods(lock, rows, roll_out);
  if (Interrupts::caught() != 0) fail(findings);  // the program ends here
  return findings;
}

std::vector<pki::Finding> put_manifests_back(const pki::Lock& lock, const std::string& manifests_dir) {
  return pki::put_manifests_back(lock, absolute(manifests_dir));
}

}  // namespace cli
