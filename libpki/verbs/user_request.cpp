// SPDX-License-Identifier: Apache-2.0
#include <pki/cluster_api.hpp>

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/cancel.hpp"
#include "base/parallel.hpp"
#include "crypto/request.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "model/answer_check.hpp"
#include "model/key_strength.hpp"
#include "verbs/row_files.hpp"

namespace pki::inline PKI_ABI {

namespace {

CertSpec spec_of(const UserSpec& user) {
  CertSpec spec;
  spec.profile = Profile::client;
  spec.common_name = user.name;
  spec.organizations = user.organizations;
  return spec;
}

void check_name(const UserSpec& user) {
  if (user.name.empty()) throw Error(Errc::invalid_config, "user name", "empty, expected the common name of the user");
}

}  // namespace

std::vector<UserRequest> make_user_requests(std::span<const UserSpec> users, KeyAlgorithm algorithm,
                                            const KeyOptions& options) {
  for (const auto& user : users) {
    check_name(user);
    if (!user.public_key_pem.empty())
      throw Error(Errc::invalid_config, user.name, "a public key alone makes no request",
                  "pass a request that the user has made");
  }
  auto keys = generate_private_keys(std::vector(users.size(), algorithm), options);
  std::vector<UserRequest> requests(users.size());
  base::in_parallel(users.size(), options.threads, [&](std::size_t i) {
    base::refuse_stopped(options.stop);
    requests[i] = {users[i], crypto::make_request(spec_of(users[i]), keys[i]), std::move(keys[i])};
  });
  return requests;
}

UserRequest take_user_request(const UserSpec& user, const CertificateRequest& request) {
  check_name(user);
  if (!model::is_strong_key(request.key_algorithm))
    throw Error(Errc::malformed, user.name,
                fmt::format("a {} key, expected {}", request.key_algorithm, model::strong_keys));
  std::vector<Finding> findings;
  for (auto& difference : model::differences_from(spec_of(user), request))
    findings.push_back({difference.rule,
                        Severity::error,
                        user.name,
                        "the request " + difference.message,
                        {},
                        "have the user make the request anew"});
  make_plain(findings);
  if (!findings.empty()) throw Error(Errc::mismatch, std::move(findings));
  return {user, request, {}};
}

std::variant<ApiSigner, Finding> api_signer(const UserRequest& request) {
  // Kubernetes' signer of clients uses the CA of the cluster.
  return api_signer(spec_of(request.user), "ca", request.request.key_algorithm);
}

UserKubeconfig user_kubeconfig(const ApiCredentials& credentials, const UserRequest& request,
                               const ApiRequest& answered, std::chrono::sys_seconds now) {
  const auto chain = check_answer(
      answered, {request.request.public_key_sha256, spec_of(request.user), credentials.ca_certificates}, now);
  formats::KubeconfigContent content{credentials.cluster, credentials.server,
                                     verbs::pem_of(credentials.ca_certificates), request.user.name,
                                     verbs::pem_of(chain)};
  if (credentials.server_name != credentials.host) content.server_name = credentials.server_name;
  if (request.key)
    content.key_pem = request.key->pem();
  else
    content.key_file = request.user.key_file;
  return {formats::to_kubeconfig(content), chain.front(), {}};
}

}  // namespace pki::inline PKI_ABI
