#include "host/static_pods.hpp"

#include <csignal>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string_view>

#include <CLI/CLI.hpp>

#include <pki/roll_out.hpp>

#include "print/output.hpp"

namespace cli {

namespace {

/// HeldSignals holds back the signals that would end the program.
class HeldSignals {
 public:
  HeldSignals() {
    sigset_t held;
    ::sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
      ::sigaddset(&held, signal);
    ::sigprocmask(SIG_BLOCK, &held, &before_);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

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

std::vector<pki::Problem> restart_static_pods(const pki::Lock& lock, std::span<const pki::CatalogRow* const> rows,
                                              const StaticPodOptions& options) {
  pki::RollOutOptions roll_out;
  roll_out.manifests_dir = absolute(options.manifests_dir);
  roll_out.timeout = std::chrono::milliseconds(static_cast<long>(options.timeout * 1000));
  roll_out.progress = [](std::string_view process) { note("restarting " + std::string(process)); };
  roll_out.hold = [] { return std::make_shared<HeldSignals>(); };
  return pki::restart_static_pods(lock, rows, roll_out);
}

std::vector<pki::Problem> put_manifests_back(const pki::Lock& lock, const std::string& manifests_dir) {
  return pki::put_manifests_back(lock, absolute(manifests_dir));
}

}  // namespace cli
