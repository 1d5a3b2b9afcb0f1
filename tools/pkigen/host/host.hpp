// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace cli {

/// Returns the host name in lower case, as the kubelet registers itself.
[[nodiscard]] std::string host_node_name();

/// Returns the address of the interface of the default route, IPv4 if possible; empty when there is no default route.
/// Sends no packet.
[[nodiscard]] std::string default_route_address();

/// Returns whether an interface of this host has the address.
[[nodiscard]] bool is_local_address(const std::string& address);

}  // namespace cli
