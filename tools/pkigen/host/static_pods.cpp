#include "host/static_pods.hpp"

#include <csignal>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>

#include <pki/live.hpp>

#include "host/live.hpp"
#include "print/output.hpp"

namespace cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view away_prefix = ".";
constexpr std::string_view away_suffix = ".yaml.pkigen";
constexpr std::chrono::milliseconds probe_time{1000};
constexpr std::chrono::milliseconds pause{250};

// A kubelet passes over files whose names begin with a dot, so the manifest stays in its directory and one rename
// brings it back.
fs::path away_path(const fs::path& directory, const std::string& process) {
  return directory / (std::string(away_prefix) + process + std::string(away_suffix));
}

/// SignalsWait holds back the signals that would end the program while a manifest is away.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t held;
    ::sigemptyset(&held);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
      ::sigaddset(&held, signal);
    ::sigprocmask(SIG_BLOCK, &held, &before_);
  }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;
  ~SignalsWait() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

bool wait_until(const std::function<bool()>& condition, double seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(pause);
  }
  return true;
}

pki::Served served_at(const Endpoint& endpoint) {
  return pki::served_certificate(endpoint.host, endpoint.port, probe_time);
}

pki::Finding failure(const fs::path& manifest, std::string message, pki::Remedy remedy = {}) {
  return {pki::Rule::restart_failed, pki::Severity::error, manifest.string(), std::move(message), {},
          std::move(remedy)};
}

bool serves(const Endpoint& endpoint) { return served_at(endpoint).certificate.has_value(); }

bool serves_serial(const Endpoint& endpoint, const std::string& serial) {
  const auto served = served_at(endpoint);
  return served.certificate && served.certificate->serial == serial;
}

std::set<std::string> processes_to_restart(const std::vector<pki::Issued>& issued) {
  std::set<std::string> processes;
  for (const auto& one : issued)
    for (const auto& consumer : one.row->consumers)
      if (consumer.pickup == pki::Pickup::restart) processes.emplace(consumer.process);
  return processes;
}

// The port by which a process is seen to stop and to serve again.
const Endpoint* endpoint_of(const std::vector<Endpoint>& endpoints, const std::string& process) {
  const auto found = std::ranges::find_if(endpoints, [&](const Endpoint& endpoint) {
    const auto* row = pki::try_find_row(endpoint.name);
    return endpoint.name == process ||
           (row != nullptr &&
            std::ranges::find(row->consumers, process, &pki::Consumer::process) != row->consumers.end());
  });
  return found == endpoints.end() ? nullptr : &*found;
}

std::vector<pki::Finding> restart(const fs::path& manifest, const fs::path& away, const Endpoint& endpoint,
                                  double timeout) {
  std::vector<pki::Finding> findings;
  std::error_code error;
  if (!serves(endpoint))
    return {failure(manifest, "its process serves nothing at " + to_text(endpoint) + ": not restarted",
                    "it reads the new files when it starts")};
  {
    const SignalsWait guard;
    fs::rename(manifest, away, error);
    if (error) return {failure(manifest, "cannot move away: " + error.message())};
    if (!wait_until([&] { return !serves(endpoint); }, timeout))
      findings.push_back(failure(manifest, "moved away, but its process still serves at " + to_text(endpoint),
                                 "is the kubelet running?"));
    fs::rename(away, manifest, error);
  }
  if (error)
    findings.push_back({pki::Rule::manifest_away,
                        pki::Severity::error,
                        away.string(),
                        "cannot move back: " + error.message(),
                        {},
                        "move it to " + manifest.string() + " by hand"});
  else if (!wait_until([&] { return serves(endpoint); }, timeout))
    findings.push_back(
        failure(manifest, "back in place, but nothing serves at " + to_text(endpoint), "look at the kubelet's log"));
  return findings;
}

void check_served(std::vector<pki::Finding>& findings, const std::vector<pki::Issued>& issued,
                  const std::vector<Endpoint>& endpoints, double timeout) {
  for (const auto& one : issued) {
    const auto& serial = one.certificate.serial;
    const auto endpoint = std::ranges::find(endpoints, one.row->name, &Endpoint::name);
    if (endpoint == endpoints.end() || !serves(*endpoint)) continue;
    if (!wait_until([&] { return serves_serial(*endpoint, serial); }, timeout))
      findings.push_back(
          {pki::Rule::old_certificate_served, pki::Severity::error, to_text(*endpoint),
           "still serves the old certificate of " + std::string(one.row->name) + ", expected serial " + serial,
           std::string(one.row->name), "restart its process"});
  }
}

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

std::vector<pki::Finding> restart_static_pods(const std::vector<pki::Issued>& issued, const pki::Inventory& inventory,
                                              const StaticPodOptions& options) {
  std::vector<pki::Finding> findings;
  const auto endpoints = local_endpoints(inventory);
  for (const auto& process : processes_to_restart(issued)) {
    const auto manifest = fs::path(options.manifests_dir) / (process + ".yaml");
    const auto* endpoint = endpoint_of(endpoints, process);
    std::error_code error;
    if (endpoint == nullptr || !fs::is_regular_file(fs::symlink_status(manifest, error))) continue;
    note("restarting " + process);
    std::ranges::move(restart(manifest, away_path(options.manifests_dir, process), *endpoint, options.timeout),
                      std::back_inserter(findings));
  }
  check_served(findings, issued, endpoints, options.timeout);
  return findings;
}

std::vector<pki::Finding> put_manifests_back(const std::string& manifests_dir) {
  std::vector<pki::Finding> notes;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(manifests_dir, error)) {
    const auto name = item.path().filename().string();
    if (!name.starts_with(away_prefix) || !name.ends_with(away_suffix)) continue;
    const auto process = name.substr(away_prefix.size(), name.size() - away_prefix.size() - away_suffix.size());
    const auto manifest = fs::path(manifests_dir) / (process + ".yaml");
    if (fs::exists(manifest)) {
      notes.push_back({pki::Rule::manifest_away,
                       pki::Severity::warning,
                       item.path().string(),
                       "left by a killed restart, and " + manifest.string() + " exists as well",
                       {},
                       "compare them and remove one"});
      continue;
    }
    fs::rename(item.path(), manifest, error);
    if (error)
      notes.push_back({pki::Rule::manifest_away, pki::Severity::error, manifest.string(),
                       "cannot be put back: " + error.message()});
    else
      notes.push_back({pki::Rule::manifest_put_back, pki::Severity::info, manifest.string(),
                       "put back: a restart was killed while it was away"});
  }
  return notes;
}

}  // namespace cli
