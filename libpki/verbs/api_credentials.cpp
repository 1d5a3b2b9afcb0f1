// SPDX-License-Identifier: Apache-2.0
#include <pki/cluster_api.hpp>

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/not_readable.hpp"
#include "disk/permissions.hpp"
#include "formats/kubeconfig/api_access.hpp"
#include "verbs/load.hpp"

namespace pki::inline PKI_ABI {

namespace {

SecretString read(const std::filesystem::path& kubeconfig, const std::string& reference) {
  const auto path = formats::resolve_reference(kubeconfig, reference);
  auto file = verbs::read_outside(path);
  if (file.problem.empty()) return std::move(file.content);
  throw Error(Errc::io, path.string(), fmt::format("{}; {} points to it", file.problem, kubeconfig.string()),
              disk::is_denied(file.error) ? Remedy(base::as_root) : Remedy());
}

std::vector<Certificate> certificates_of(const std::string& pem, const std::string& file,
                                         const std::filesystem::path& kubeconfig) {
  if (!pem.empty()) return parse_certificates(pem, kubeconfig.string());
  if (file.empty()) return {};
  return parse_certificates(read(kubeconfig, file), formats::resolve_reference(kubeconfig, file).string());
}

void read_client(ApiCredentials& credentials, const formats::Kubeconfig& facts,
                 const std::filesystem::path& kubeconfig) {
  credentials.client_chain = certificates_of(facts.client_certificate_pem, facts.client_certificate_file, kubeconfig);
  const auto from_file = facts.client_key_pem.empty();
  const bool no_key = from_file && facts.client_key_file.empty();
  if (credentials.client_chain.empty() != no_key)
    throw Error(Errc::malformed, kubeconfig.string(),
                no_key ? "a client certificate without its key" : "a client key without its certificate");
  if (no_key) return;
  credentials.client_key = parse_private_key(
      from_file ? read(kubeconfig, facts.client_key_file) : facts.client_key_pem,
      from_file ? formats::resolve_reference(kubeconfig, facts.client_key_file).string() : kubeconfig.string(),
      KeyCheck::consistency);
  if (credentials.client_key->public_key_sha256() != credentials.client_chain.front().public_key_sha256)
    throw Error(Errc::mismatch, kubeconfig.string(), "the client's key is not that of its certificate");
}

SecretString token_of(const formats::ApiAccess& access, const std::filesystem::path& kubeconfig) {
  if (access.token_file.empty()) return access.token;
  auto token = read(kubeconfig, access.token_file);
  constexpr auto blanks = " \t\r\n";
  token.erase(std::min(token.find_last_not_of(blanks) + 1, token.size()));
  token.erase(0, std::min(token.find_first_not_of(blanks), token.size()));
  formats::check_token(token, formats::resolve_reference(kubeconfig, access.token_file).string());
  return token;
}

}  // namespace

ApiCredentials read_api_credentials(const SecretString& text, const std::filesystem::path& kubeconfig) {
  auto access = formats::parse_api_access(text, kubeconfig.string());
  ApiCredentials credentials;
  credentials.kubeconfig = kubeconfig.string();
  credentials.cluster = access.kubeconfig.cluster;
  credentials.server = access.kubeconfig.server;
  credentials.host = std::move(access.server.host);
  credentials.port = access.server.port;
  credentials.path = std::move(access.server.path);
  credentials.server_name = std::move(access.server_name);
  credentials.ca_certificates = certificates_of(access.kubeconfig.ca_pem, access.kubeconfig.ca_file, kubeconfig);
  if (credentials.ca_certificates.empty())
    throw Error(Errc::malformed, kubeconfig.string(),
                "certificate-authority: found nothing, expected the CA of the API server");
  read_client(credentials, access.kubeconfig, kubeconfig);
  credentials.token = token_of(access, kubeconfig);
  if (credentials.client_chain.empty() && credentials.token.empty())
    throw Error(Errc::invalid_config, kubeconfig.string(), "its user has neither a client certificate nor a token");
  return credentials;
}

ApiCredentials read_api_credentials(const std::filesystem::path& kubeconfig) {
  const auto path = std::filesystem::absolute(kubeconfig);
  const auto file = verbs::read_outside(path);
  if (!file.problem.empty())
    throw Error(Errc::io, path.string(), file.problem, disk::is_denied(file.error) ? Remedy(base::as_root) : Remedy());
  return read_api_credentials(file.content, path);
}

}  // namespace pki::inline PKI_ABI
