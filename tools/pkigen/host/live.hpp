// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <pki/live.hpp>
#include <pki/report.hpp>

namespace CLI {
class App;
}

namespace cli {

/// LiveOptions selects the servers to ask.
struct LiveOptions {
  bool live{false};
  std::vector<std::string> endpoints;  ///< HOST:PORT, further ones
  double timeout{3};                   ///< seconds for each server
};

void add_live_options(CLI::App& command, LiveOptions& options);

/// ask_servers adds to a report the certificates that the control plane's processes on this host serve, and those of
/// the further endpoints.
void ask_servers(pki::Report& report, const pki::Inventory& inventory, const LiveOptions& options,
                 const pki::Window& window);

}  // namespace cli
