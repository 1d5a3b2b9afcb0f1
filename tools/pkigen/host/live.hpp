#pragma once

#include <string>
#include <vector>

#include <pki/live.hpp>
#include <pki/report.hpp>

namespace CLI {
class App;
}

namespace cli {

/// LiveOptions is which servers to ask.
struct LiveOptions {
  bool live{false};
  std::vector<std::string> endpoints;  ///< HOST:PORT, further ones
  double timeout{3};                   ///< seconds for each server
};

void add_live_options(CLI::App& command, LiveOptions& options);

/// ask_servers adds to a report what the control plane's processes on this host serve, and the further endpoints.
void ask_servers(pki::Report& report, const pki::Inventory& inventory, const LiveOptions& options,
                 const pki::Window& window);

/// Endpoint is one server to ask.
struct Endpoint {
  std::string host;
  int port{0};
  std::string name;  ///< row that it should serve, or the process
  bool required{false};
};

/// to_text writes HOST:PORT, with brackets around an IPv6 host.
[[nodiscard]] std::string to_text(const Endpoint& endpoint);

/// local_endpoints lists the servers of a control plane: those of the catalog, the kubelet, the controller manager and
/// the scheduler, at the loopback address or, for what listens there only, at the advertise address.
[[nodiscard]] std::vector<Endpoint> local_endpoints(const pki::Inventory& inventory);

}  // namespace cli
