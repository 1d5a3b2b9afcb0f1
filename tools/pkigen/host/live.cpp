#include "host/live.hpp"

#include <charconv>
#include <chrono>

#include <CLI/CLI.hpp>

#include <pki/catalog.hpp>

#include "host/host.hpp"

namespace cli {

namespace {

// Processes whose certificates are no rows of the catalog: they make their own where nothing else is configured.
struct Process {
  int port;
  const char* name;
};
constexpr Process processes[]{{10250, "kubelet"}, {10257, "kube-controller-manager"}, {10259, "kube-scheduler"}};

constexpr auto loopback = "127.0.0.1";

Endpoint parse_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  Endpoint endpoint{text.substr(0, colon == std::string::npos ? 0 : colon), 0, "", true};
  const auto* begin = text.data() + (colon == std::string::npos ? text.size() : colon + 1);
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(begin, end, endpoint.port);
  if (endpoint.host.starts_with('[') && endpoint.host.ends_with(']'))
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  if (endpoint.host.empty() || result.ec != std::errc{} || result.ptr != end || endpoint.port < 1 ||
      endpoint.port > 65535)
    throw pki::Error(pki::Errc::invalid_config, "--endpoint", "invalid value \"" + text + "\", expected HOST:PORT");
  return endpoint;
}

// A server may listen at the advertise address alone, as etcd does for its peers.
void ask(pki::Report& report, Endpoint endpoint, const std::string& other_host, const LiveOptions& options,
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
  report.served.push_back(inspect_served(report, to_text(endpoint), endpoint.name, served, window, endpoint.required));
}

}  // namespace

std::string to_text(const Endpoint& endpoint) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

void add_live_options(CLI::App& command, LiveOptions& options) {
  command.add_flag("--live", options.live, "Ask the servers of this host as well which certificates they serve");
  command.add_option("--endpoint", options.endpoints, "Ask this server too; may be repeated")
      ->allow_extra_args(false)
      ->option_text("HOST:PORT");
  command.add_option("--live-timeout", options.timeout, "Time for each server [3]")
      ->check(CLI::Range(0.1, 600.0))
      ->option_text("SECONDS");
}

std::vector<Endpoint> local_endpoints(const pki::Inventory& inventory) {
  std::vector<Endpoint> endpoints;
  const auto* config =
      inventory.remembered && inventory.remembered->problems.empty() ? &inventory.remembered->config : nullptr;
  for (const auto& row : pki::catalog()) {
    if (row.served_on == 0 || (row.local_etcd && inventory.find(row.name).absent())) continue;
    // Of all ports only the API server's can be configured.
    const bool api = row.profile == pki::Profile::server;
    endpoints.push_back(
        {loopback, api && config != nullptr ? config->bind_port : row.served_on, std::string(row.name), false});
  }
  for (const auto& process : processes)
    endpoints.push_back({loopback, process.port, process.name, false});
  return endpoints;
}

void ask_servers(pki::Report& report, const pki::Inventory& inventory, const LiveOptions& options,
                 const pki::Window& window) {
  std::vector<Endpoint> further;
  for (const auto& text : options.endpoints)
    further.push_back(parse_endpoint(text));
  const bool known = inventory.remembered && inventory.remembered->problems.empty();
  auto advertised = known ? inventory.remembered->config.advertise_address : "";
  // Another control plane's certificates say nothing about the processes of this host.
  if (!is_local_address(advertised)) advertised.clear();
  if (options.live)
    for (const auto& endpoint : local_endpoints(inventory))
      ask(report, endpoint, advertised, options, window);
  for (const auto& endpoint : further)
    ask(report, endpoint, "", options, window);
}

}  // namespace cli
