// SPDX-License-Identifier: Apache-2.0
#include <pki/roll_out.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <pki/inventory.hpp>
#include <pki/live.hpp>
#include <pki/shell.hpp>

#include "disk/manifest.hpp"
#include "disk/state.hpp"
#include "net/handshake.hpp"
#include "verbs/roll_out.hpp"

namespace pki::inline PKI_ABI {

namespace fs = std::filesystem;

namespace {

using Findings = std::vector<Finding>;

constexpr std::chrono::milliseconds probe_time{1000};
constexpr std::chrono::milliseconds pause{250};

enum class Waited { done, too_late, stopped };

template <class Condition>
Waited wait_until(const RollOutOptions& options, const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + options.timeout;
  while (true) {
    if (options.stopped && options.stopped()) return Waited::stopped;
    if (condition()) return Waited::done;
    if (std::chrono::steady_clock::now() > deadline) return Waited::too_late;
    std::this_thread::sleep_for(pause);
  }
}

std::optional<Certificate> certificate_at(const Endpoint& endpoint) {
  return served_certificate(endpoint.host, endpoint.port, probe_time).certificate;
}

bool serves(const Endpoint& endpoint) { return certificate_at(endpoint).has_value(); }

// A process has stopped when nobody listens: one that is slow to answer has not.
bool is_stopped(const Endpoint& endpoint) { return net::is_refused(endpoint.host, endpoint.port, probe_time); }

bool serves_serial(const Endpoint& endpoint, const std::string& serial) {
  const auto certificate = certificate_at(endpoint);
  return certificate && certificate->serial == serial;
}

bool reads(const CatalogRow& row, std::string_view process) {
  return std::ranges::find(row.consumers, process, &Consumer::process) != row.consumers.end();
}

std::set<std::string> processes_to_restart(std::span<const CatalogRow* const> rows) {
  std::set<std::string> processes;
  for (const auto* row : rows)
    for (const auto& consumer : row->consumers)
      if (consumer.reload_mode == ReloadMode::restart) processes.emplace(consumer.process);
  return processes;
}

// The port by which a process is seen to stop and to serve again.
const Endpoint* endpoint_of(const std::vector<Endpoint>& endpoints, const Catalog& catalog,
                            const std::string& process) {
  const auto found = std::ranges::find_if(endpoints, [&](const Endpoint& endpoint) {
    const auto* row = catalog.try_find_row(endpoint.name);
    return endpoint.name == process || (row != nullptr && reads(*row, process));
  });
  return found == endpoints.end() ? nullptr : &*found;
}

void record_away(const Layout& layout, const std::string& manifest, bool away) {
  auto entries = disk::read_state(layout, verbs::manifests_away).entries;
  std::erase(entries, manifest);
  if (away) entries.push_back(manifest);
  disk::write_state(layout, verbs::manifests_away, entries);
}

/// Restart is one restart of one static pod.
class Restart {
 public:
  Restart(const Layout& layout, const disk::Directory& manifests, const std::string& process, const Endpoint& endpoint,
          const RollOutOptions& options)
      : layout_(layout),
        manifests_(manifests),
        process_(process),
        manifest_((manifests.path() / (process + ".yaml")).string()),
        endpoint_(endpoint),
        options_(options) {}

  Findings run() {
    if (is_stopped(endpoint_)) {
      report(manifest_, fmt::format("its process does not run (nothing at {}): not restarted", to_string(endpoint_)),
             "it reads the new files when it starts");
      return std::move(findings_);
    }
    if (restart_pod()) await_server();
    return std::move(findings_);
  }

 private:
  void report(const std::string& subject, std::string message, Remedy remedy = {}) {
    findings_.push_back({Rule::restart_failed, Severity::error, subject, std::move(message), {}, std::move(remedy)});
  }

  // Returns whether the process stopped, and the manifest is back.
  bool restart_pod() {
    try {
      record_away(layout_, manifest_, true);
      disk::hide_manifest(manifests_, process_);
    } catch (const Error& error) {
      report(manifest_, fmt::format("cannot move away: {}", error.message()));
      if (disk::has_manifest(manifests_, process_)) record_back();
      return false;
    }
    const auto waited = wait_until(options_, [&] { return is_stopped(endpoint_); });
    if (waited == Waited::too_late)
      report(manifest_, fmt::format("moved away, but its process still listens at {}", to_string(endpoint_)),
             "is the kubelet running?");
    if (waited == Waited::stopped) report(manifest_, "interrupted, the restart is to be repeated");
    return put_back() && waited == Waited::done;
  }

  void await_server() {
    const auto waited = wait_until(options_, [&] { return serves(endpoint_); });
    if (waited == Waited::too_late)
      report(manifest_, fmt::format("back in place, but nothing serves at {}", to_string(endpoint_)),
             "look at the kubelet's log");
    if (waited == Waited::stopped) report(manifest_, "back in place, interrupted before its process served again");
  }

  bool put_back() {
    try {
      disk::restore_manifest(manifests_, process_);
    } catch (const Error& error) {
      const auto away = (manifests_.path() / disk::hidden_manifest_name(process_)).string();
      findings_.push_back({Rule::manifest_away,
                           Severity::error,
                           away,
                           fmt::format("cannot move back: {}", error.message()),
                           {},
                           fmt::format("mv {} {}", to_shell_word(away), to_shell_word(manifest_))});
      return false;
    }
    record_back();
    return true;
  }

  void record_back() {
    try {
      record_away(layout_, manifest_, false);
    } catch (const Error& error) {
      findings_.push_back(error.finding());
    }
  }

  const Layout& layout_;
  const disk::Directory& manifests_;
  const std::string& process_;
  std::string manifest_;
  const Endpoint& endpoint_;
  const RollOutOptions& options_;
  Findings findings_;
};

void check_served(Findings& findings, std::span<const CatalogRow* const> rows, const Inventory& inventory,
                  const std::vector<Endpoint>& endpoints, const RollOutOptions& options) {
  for (const auto* row : rows) {
    const auto* certificate = inventory.find(row->name).certificate();
    const auto endpoint = std::ranges::find(endpoints, row->name, &Endpoint::name);
    if (certificate == nullptr || endpoint == endpoints.end() || !serves(*endpoint)) continue;
    const auto& serial = certificate->serial;
    const auto waited = wait_until(options, [&] { return serves_serial(*endpoint, serial); });
    if (waited == Waited::too_late)
      findings.push_back({Rule::old_certificate_served, Severity::error, to_string(*endpoint),
                          fmt::format("still serves the old certificate of {}, expected serial {}", row->name, serial),
                          std::string(row->name), "restart its process"});
    if (waited == Waited::stopped)
      findings.push_back({Rule::restart_failed, Severity::error, to_string(*endpoint),
                          fmt::format("interrupted before it was seen to serve the new certificate of {}", row->name),
                          std::string(row->name)});
  }
}

bool is_running(const Endpoint* endpoint) { return endpoint != nullptr && !is_stopped(*endpoint); }

Finding no_manifest(const Layout& layout, const fs::path& directory, const std::string& process,
                    const Endpoint& endpoint) {
  return {Rule::restart_failed,
          Severity::error,
          (directory / (process + ".yaml")).string(),
          fmt::format("no regular file, but its process serves at {}: not restarted", to_string(endpoint)),
          {},
          fmt::format("restart {} by hand, since it still uses the old files, then `rm {}`", process,
                      to_shell_word(disk::state_path(layout, verbs::restart_pending).string()))};
}

// The note about one manifest that is or was hidden.
Finding restore(const disk::Directory& directory, const std::string& process) {
  const auto manifest = (directory.path() / (process + ".yaml")).string();
  try {
    disk::restore_manifest(directory, process);
    return {Rule::manifest_put_back, Severity::info, manifest, "put back: a restart was killed while it was away"};
  } catch (const Error& error) {
    if (error.code() == Errc::mismatch) return error.finding();
    return {Rule::manifest_away, Severity::error, manifest, fmt::format("cannot be put back: {}", error.message()), {},
            error.remedy()};
  }
}

}  // namespace

std::vector<Finding> restart_static_pods(const Lock& lock, std::span<const CatalogRow* const> rows,
                                         const RollOutOptions& options, const std::optional<Catalog>& catalog) try {
  Findings findings;
  const auto inventory = load(lock.layout(), KeyCheck::consistency, catalog);
  const auto endpoints = local_endpoints(inventory);
  const auto manifests = disk::Directory::open(options.manifests_dir);
  for (const auto& process : processes_to_restart(rows)) {
    const auto* endpoint = endpoint_of(endpoints, inventory.catalog, process);
    if (!manifests || endpoint == nullptr || !disk::has_manifest(*manifests, process)) {
      if (is_running(endpoint))
        findings.push_back(no_manifest(lock.layout(), options.manifests_dir, process, *endpoint));
      continue;
    }
    if (options.stopped && options.stopped()) {
      findings.push_back({Rule::restart_failed, Severity::error, process, "interrupted, not restarted"});
      continue;
    }
    if (options.progress) options.progress(process);
    std::ranges::move(Restart(lock.layout(), *manifests, process, *endpoint, options).run(),
                      std::back_inserter(findings));
  }
  check_served(findings, rows, inventory, endpoints, options);
  make_plain(findings);
  return findings;
} catch (const Error& error) {
  return {error.finding()};
}

std::vector<Finding> put_manifests_back(const Lock& /*lock*/, const fs::path& manifests_dir) try {
  Findings notes;
  const auto directory = disk::Directory::open(manifests_dir);
  if (!directory) return notes;
  for (const auto& process : disk::hidden_manifests(*directory))
    notes.push_back(restore(*directory, process));
  make_plain(notes);
  return notes;
} catch (const Error& error) {
  return {error.finding()};
}

}  // namespace pki::inline PKI_ABI

namespace pki::verbs {

namespace {

// Returns whether the manifest is still away.
bool is_still_away(const fs::path& manifest, Findings& notes) try {
  const auto directory = disk::Directory::open(manifest.parent_path());
  const auto process = manifest.stem().string();
  if (!directory || !disk::is_hidden(*directory, process)) return false;
  notes.push_back(restore(*directory, process));
  return disk::is_hidden(*directory, process);
} catch (const Error& error) {
  notes.push_back(error.finding());
  return true;
}

}  // namespace

std::vector<Finding> put_back_recorded(const Layout& layout) {
  Findings notes;
  const auto entries = disk::read_state(layout, manifests_away).entries;
  std::vector<std::string> remaining;
  for (const auto& entry : entries)
    if (is_still_away(entry, notes)) remaining.push_back(entry);
  try {
    if (remaining != entries) disk::write_state(layout, manifests_away, remaining);
  } catch (const Error& error) {
    notes.push_back(error.finding());
  }
  return notes;
}

}  // namespace pki::verbs
