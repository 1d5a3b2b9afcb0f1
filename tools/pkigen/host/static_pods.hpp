#pragma once

#include <string>
#include <vector>

#include <pki/bundle.hpp>
#include <pki/inventory.hpp>

namespace CLI {
class App;
}

namespace cli {

/// StaticPodOptions is whether and how the control plane's static pods are restarted.
struct StaticPodOptions {
  bool restart{false};
  std::string manifests_dir{"/etc/kubernetes/manifests"};
  double timeout{120};  ///< seconds for each wait
};

void add_static_pod_options(CLI::App& command, StaticPodOptions& options);

/// restart_static_pods restarts those processes that must be after `issued` was written, each as kubeadm's documents
/// say: its manifest is moved out of the kubelet's sight until its port is closed, moved back, and awaited until it
/// serves again. Whoever serves one of the new certificates must then show its serial. What went wrong is a problem;
/// a manifest is put back whatever happens, and signals wait while one is away.
[[nodiscard]] std::vector<pki::Finding> restart_static_pods(const std::vector<pki::Issued>& issued,
                                                            const pki::Inventory& inventory,
                                                            const StaticPodOptions& options);

/// put_manifests_back ends what a killed restart left: manifests that are still moved away. Gives a note for each.
[[nodiscard]] std::vector<pki::Finding> put_manifests_back(const std::string& manifests_dir);

}  // namespace cli
