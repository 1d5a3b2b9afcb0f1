// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <pki/abi.hpp>
#include <pki/catalog.hpp>
#include <pki/commit.hpp>
#include <pki/error.hpp>

namespace pki::inline PKI_ABI {

/// RollOutOptions says how static pods are restarted.
struct RollOutOptions {
  std::filesystem::path manifests_dir{"/etc/kubernetes/manifests"};  ///< of the static pods
  std::chrono::milliseconds timeout{std::chrono::seconds{120}};      ///< for a pod to stop, and again for it to serve
  /// Called before each restart.
  std::function<void(std::string_view process)> progress{};
  /// Asked four times a second; returns whether the program shall end, for example after a signal. A manifest that is
  /// away is put back at once then, nothing is awaited, and no further pod is restarted. (A manifest left by a killed
  /// program is put back by the next `lock`.)
  std::function<bool()> stopped{};
};

/// Restarts those static pods of this host that read files of `rows` only when they start, as the Kubernetes documents
/// describe: the manifest is moved out of the kubelet's sight until connections to the port of the process are refused,
/// moved back, and awaited until a process serves there again. Then each server of a certificate of `rows` must show
/// the one on disk. That a manifest is away is recorded durably, and none is overwritten that somebody wrote meanwhile.
/// A process that serves on this host without such a manifest cannot be restarted. `catalog` is that of `load`. Returns
/// what went wrong, and what was not done; a manifest is put back whatever happens.
PKI_EXPORT [[nodiscard]] std::vector<Finding> restart_static_pods(const Lock& lock,
                                                                  std::span<const CatalogRow* const> rows,
                                                                  const RollOutOptions& options,
                                                                  const std::optional<Catalog>& catalog = {});

/// Puts back hidden manifests in `manifests_dir` that a killed restart left. Returns a note for each.
PKI_EXPORT [[nodiscard]] std::vector<Finding> put_manifests_back(const Lock& lock,
                                                                 const std::filesystem::path& manifests_dir);

}  // namespace pki::inline PKI_ABI
