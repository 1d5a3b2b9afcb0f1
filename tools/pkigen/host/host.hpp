#pragma once

#include <string>

namespace cli {

/// host_node_name is the host name in lower case, as the kubelet registers itself.
[[nodiscard]] std::string host_node_name();

/// default_route_address is the address of the interface that the default route leaves by, an IPv4 one where there
/// is one; empty where there is no default route. No packet is sent.
[[nodiscard]] std::string default_route_address();

/// is_local_address says whether an interface of this host has the address.
[[nodiscard]] bool is_local_address(const std::string& address);

}  // namespace cli
