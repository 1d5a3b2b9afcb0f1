// SPDX-License-Identifier: Apache-2.0
#include "host/host.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include <pki/config.hpp>

namespace cli {

namespace {

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> result;
  for (std::string word; stream >> word;)
    result.push_back(word);
  return result;
}

// /proc/net/route: interface, destination, gateway, flags, …; /proc/net/ipv6_route ends with the interface.
std::string default_interface(int family) {
  const bool v4 = family == AF_INET;
  std::ifstream table(v4 ? "/proc/net/route" : "/proc/net/ipv6_route");
  for (std::string text; std::getline(table, text);) {
    const auto fields = words(text);
    if (v4 && fields.size() > 7 && fields[1] == "00000000" && fields[7] == "00000000") return fields[0];
    if (!v4 && fields.size() > 9 && fields[0] == std::string(32, '0') && fields[1] == "00" && fields[9] != "lo")
      return fields[9];
  }
  return {};
}

bool is_usable(const sockaddr* address) {
  if (address->sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    return !IN6_IS_ADDR_LINKLOCAL(&v6) && !IN6_IS_ADDR_LOOPBACK(&v6);
  }
  const auto v4 = ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
  return v4 >> 24 != 127 && v4 >> 16 != 0xa9fe;
}

struct FreeInterfaces {
  void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

std::unique_ptr<ifaddrs, FreeInterfaces> interfaces() {
  ifaddrs* list = nullptr;
  return std::unique_ptr<ifaddrs, FreeInterfaces>(::getifaddrs(&list) == 0 ? list : nullptr);
}

std::string text_of(const sockaddr* address) {
  const bool v4 = address->sa_family == AF_INET;
  if (!v4 && address->sa_family != AF_INET6) return {};
  std::array<char, NI_MAXHOST> text{};
  const auto size = static_cast<socklen_t>(v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  return ::getnameinfo(address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0 ? text.data() : "";
}

std::string interface_address(const std::string& interface, int family) {
  const auto list = interfaces();
  for (const auto* item = list.get(); item != nullptr; item = item->ifa_next) {
    const bool wanted = item->ifa_addr != nullptr && item->ifa_addr->sa_family == family && interface == item->ifa_name;
    if (wanted && is_usable(item->ifa_addr)) return text_of(item->ifa_addr);
  }
  return {};
}

}  // namespace

std::string host_node_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  return pki::to_node_name(name.data());
}

std::string default_route_address() {
  for (const int family : {AF_INET, AF_INET6})
    if (const auto interface = default_interface(family); !interface.empty())
      if (auto address = interface_address(interface, family); !address.empty()) return address;
  return {};
}

bool is_local_address(const std::string& address) {
  const auto list = interfaces();
  for (const auto* item = list.get(); item != nullptr; item = item->ifa_next)
    if (item->ifa_addr != nullptr && text_of(item->ifa_addr) == address) return true;
  return false;
}

}  // namespace cli
