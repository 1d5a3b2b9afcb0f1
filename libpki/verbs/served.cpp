// SPDX-License-Identifier: Apache-2.0
#include <pki/live.hpp>

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/address.hpp"
#include "crypto/asn1/der.hpp"
#include "crypto/certificate.hpp"
#include "crypto/file_chain.hpp"
#include "net/handshake.hpp"

namespace pki::inline PKI_ABI {

namespace {

Served served(const std::vector<std::string>& sent) {
  std::vector<Certificate> chain;
  try {
    for (const auto& octets : sent)
      chain.push_back(crypto::describe_certificate(octets));
  } catch (const crypto::der::Malformed& problem) {
    const auto which = chain.empty() ? "the certificate" : fmt::format("certificate {} of the chain", chain.size() + 1);
    return {.problem = fmt::format("{} does not parse: {}", which, problem.what()), .answered = true};
  }
  auto verdict = crypto::judge_file(chain, Profile::server);
  Served result{.certificate = std::move(chain.front()),
                .answered = true,
                .trust_paths = std::move(verdict.paths),
                .refusal = std::move(verdict.refusal)};
  chain.erase(chain.begin());
  result.further = std::move(chain);
  return result;
}

}  // namespace

Served served_certificate(const std::string& host, int port, std::chrono::milliseconds timeout) {
  if (host.empty() || port < 1 || port > 65535)
    throw Error(Errc::invalid_config, base::join_host_port(host, port), "not an endpoint, expected HOST:PORT");
  const auto shown = net::shake_hands(host, port, timeout);
  if (shown.certificates.empty()) return {.problem = shown.problem};
  return served(shown.certificates);
}

}  // namespace pki::inline PKI_ABI
