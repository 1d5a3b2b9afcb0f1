// SPDX-License-Identifier: Apache-2.0
#include <pki/live.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/words.hpp"
#include "model/identity.hpp"
#include "model/role.hpp"

namespace pki::inline PKI_ABI {

namespace {

using model::parse_san;

// Processes whose certificates are not rows of the catalog: they make their own unless configured otherwise.
struct Process {
  int port;
  const char* name;
  RoleSet roles;
};
constexpr RoleSet control_planes{Role::first_control_plane, Role::joining_control_plane};
constexpr Process processes[]{
    {10250, "kubelet", {Role::first_control_plane, Role::joining_control_plane, Role::worker}},
    {10257, "kube-controller-manager", control_planes},
    {10259, "kube-scheduler", control_planes}};

constexpr auto loopback = "127.0.0.1";

bool is_served(const std::vector<Endpoint>& endpoints, int port) {
  return std::ranges::find(endpoints, port, &Endpoint::port) != endpoints.end();
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto parsed = base::parse_host_port(base::lower_case(text));
  if (!parsed || !parsed->port) return std::nullopt;
  // A mistyped address such as 010.0.0.1 would be a name.
  if (parse_san(parsed->host).kind == GeneralName::Kind::other) return std::nullopt;
  return Endpoint{parsed->host, *parsed->port, {}, false};
}

std::string to_string(const Endpoint& endpoint) { return base::join_host_port(endpoint.host, endpoint.port); }

std::vector<Endpoint> local_endpoints(const Inventory& inventory) {
  std::vector<Endpoint> endpoints;
  const auto* config =
      inventory.saved_config && inventory.saved_config->problems.empty() ? &inventory.saved_config->config : nullptr;
  const auto role = model::host_role(config, inventory).role;
  for (const auto& row : inventory.catalog.rows()) {
    if (row.served_on == 0 || !row.roles.contains(role)) continue;
    if (row.local_etcd && inventory.find(row.name).absent()) continue;
    // The API server's port is the only one that can be configured.
    const bool api = row.name == "apiserver";
    const auto port = api && config != nullptr ? config->bind_port : row.served_on;
    endpoints.push_back({loopback, port, std::string(row.name), false});
  }
  for (const auto& process : processes)
    if (process.roles.contains(role) && !is_served(endpoints, process.port))
      endpoints.push_back({loopback, process.port, process.name, false});
  return endpoints;
}

}  // namespace pki::inline PKI_ABI
