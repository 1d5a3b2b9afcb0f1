// SPDX-License-Identifier: Apache-2.0
#include "host/live.hpp"

#include <chrono>

#include <CLI/CLI.hpp>

#include "host/host.hpp"

namespace cli {

namespace {

pki::Endpoint required_endpoint(const std::string& text) {
  auto endpoint = pki::parse_endpoint(text);
  if (!endpoint)
    throw pki::Error(pki::Errc::invalid_config, "--endpoint", "invalid value \"" + text + "\", expected HOST:PORT");
  endpoint->required = true;
  return *endpoint;
}

// A server may listen at the advertise address only, as etcd does for its peers.
void ask(pki::Report& report, pki::Endpoint endpoint, const std::string& other_host, const LiveOptions& options,
         const pki::Window& window) {
  const std::chrono::milliseconds timeout(static_cast<long>(options.timeout * 1000));
  auto served = pki::served_certificate(endpoint.host, endpoint.port, timeout);
  if (!served.certificate && !other_host.empty()) {
    auto second = pki::served_certificate(other_host, endpoint.port, timeout);
    if (second.certificate) {
      served = std::move(second);
      endpoint.host = other_host;
    }
  }
  report.served.push_back(
      inspect_served(report, to_string(endpoint), endpoint.name, served, window, endpoint.required));
}

}  // namespace

void add_live_options(CLI::App& command, LiveOptions& options) {
  command.add_flag("--live", options.live, "Ask the servers of this host as well which certificates they serve");
  command.add_option("--endpoint", options.endpoints, "Ask this server too; may be repeated")
      ->allow_extra_args(false)
      ->option_text("HOST:PORT");
  command.add_option("--live-timeout", options.timeout, "Time for each server [3]")
      ->check(CLI::Range(0.1, 600.0))
      ->option_text("SECONDS");
}

void ask_servers(pki::Report& report, const pki::Inventory& inventory, const LiveOptions& options,
                 const pki::Window& window) {
  std::vector<pki::Endpoint> further;
  for (const auto& text : options.endpoints)
    further.push_back(required_endpoint(text));
  const bool known = inventory.saved_config && inventory.saved_config->problems.empty();
  auto advertised = known ? inventory.saved_config->config.advertise_address : "";
  // The address may be another control plane's, whose certificates say nothing about the processes of this host.
  if (!is_local_address(advertised)) advertised.clear();
  if (options.live)
    for (const auto& endpoint : pki::local_endpoints(inventory))
      ask(report, endpoint, advertised, options, window);
  for (const auto& endpoint : further)
    ask(report, endpoint, "", options, window);
}

}  // namespace cli
