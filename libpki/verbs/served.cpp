#include <pki/live.hpp>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/address.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/certificate.hpp"
#include "net/handshake.hpp"

namespace pki::inline PKI_ABI {

Served served_certificate(const std::string& host, int port, std::chrono::milliseconds timeout) {
  if (host.empty() || port < 1 || port > 65535)
    throw Error(Errc::invalid_config, base::join_host_port(host, port), "not an endpoint, expected HOST:PORT");
  auto shown = net::shake_hands(host, port, timeout);
  if (shown.certificate_der.empty()) return {std::nullopt, std::move(shown.problem), false};
  try {
    return {crypto::describe_certificate(shown.certificate_der), {}, true};
  } catch (const crypto::der::Malformed& problem) {
    return {std::nullopt, fmt::format("the certificate does not parse: {}", problem.what()), true};
  }
}

}  // namespace pki::inline PKI_ABI
