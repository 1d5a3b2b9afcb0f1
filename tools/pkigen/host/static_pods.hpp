// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include <pki/catalog.hpp>
#include <pki/commit.hpp>
#include <pki/error.hpp>

namespace CLI {
class App;
}

namespace cli {

/// StaticPodOptions says whether and how the control plane's static pods are restarted.
struct StaticPodOptions {
  bool restart{false};
  std::string manifests_dir{"/etc/kubernetes/manifests"};
  double timeout{120};  ///< seconds for each wait
};

void add_static_pod_options(CLI::App& command, StaticPodOptions& options);

/// Calls pki::restart_static_pods and reports progress. A signal that ends the program does so once a manifest that is
/// away is back.
[[nodiscard]] std::vector<pki::Finding> restart_static_pods(const pki::Lock& lock,
                                                            std::span<const pki::CatalogRow* const> rows,
                                                            const StaticPodOptions& options);

/// Calls pki::put_manifests_back.
[[nodiscard]] std::vector<pki::Finding> put_manifests_back(const pki::Lock& lock, const std::string& manifests_dir);

}  // namespace cli
