// SPDX-License-Identifier: Apache-2.0
#include <pki/cluster_api.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>

#include <fmt/format.h>

#include "base/usages.hpp"
#include "base/words.hpp"

// The rules of the signers in kube-controller-manager: pkg/apis/certificates/helpers.go, and the admission plugins of
// kube-apiserver.
namespace pki::inline PKI_ABI {

namespace {

constexpr auto cluster_ca = "ca";
constexpr auto by_holder = "have the holder of the CA sign it";
constexpr auto nodes = "system:nodes";
constexpr std::string_view node_prefix = "system:node:";

Finding missing(std::string_view name, std::string message, Remedy remedy = {}) {
  return {Rule::api_signer_missing, Severity::error, std::string(name), std::move(message), {}, std::move(remedy)};
}

bool is_node(const CertSpec& spec) {
  return spec.common_name.starts_with(node_prefix) && spec.common_name.size() > node_prefix.size() &&
         spec.organizations == std::vector<std::string>{nodes};
}

bool has_only(const std::vector<GeneralName>& names, std::initializer_list<GeneralName::Kind> kinds) {
  return std::ranges::all_of(
      names, [&](const GeneralName& name) { return std::ranges::find(kinds, name.kind) != kinds.end(); });
}

ApiSigner signer(const char* name, const char* use, std::string_view key_algorithm) {
  ApiSigner result{name, {"digital signature"}};
  // RFC 8813 3: a key on a curve does not encipher keys.
  if (key_algorithm.starts_with("RSA-")) result.usages.emplace_back("key encipherment");
  result.usages.emplace_back(use);
  return result;
}

std::variant<ApiSigner, Finding> client_signer(const CertSpec& spec, std::string_view key_algorithm) {
  if (std::ranges::find(spec.organizations, masters_group) != spec.organizations.end())
    return missing(spec.common_name,
                   fmt::format("the API issues no certificate with the organization {}, which passes all authorization",
                               masters_group),
                   by_holder);
  if (is_node(spec) && spec.sans.empty())
    return signer("kubernetes.io/kube-apiserver-client-kubelet", "client auth", key_algorithm);
  return signer("kubernetes.io/kube-apiserver-client", "client auth", key_algorithm);
}

std::variant<ApiSigner, Finding> server_signer(const CertSpec& spec, std::string_view key_algorithm) {
  using enum GeneralName::Kind;
  if (!is_node(spec))
    return missing(spec.common_name,
                   fmt::format("the API issues serving certificates to kubelets alone: common name {}NAME, "
                               "organization {}",
                               node_prefix, nodes),
                   by_holder);
  if (spec.sans.empty() || !has_only(spec.sans, {dns, ip}))
    return missing(spec.common_name, "the serving certificate of a kubelet has DNS names and addresses, at least one");
  return signer("kubernetes.io/kubelet-serving", "server auth", key_algorithm);
}

}  // namespace

std::variant<ApiSigner, Finding> api_signer(const CertSpec& spec, std::string_view issuer,
                                            std::string_view key_algorithm) {
  if (spec.profile == Profile::ca || spec.profile == Profile::none)
    return missing(spec.common_name, "the API issues certificates of clients and kubelets, and no CA", by_holder);
  if (issuer != cluster_ca)
    return missing(spec.common_name,
                   fmt::format("the API signs with the CA of the cluster, and {} should sign this certificate",
                               issuer.empty() ? "no CA" : issuer),
                   by_holder);
  const auto usages = base::usages_of(spec);
  if (usages == base::usages_of(Profile::client)) return client_signer(spec, key_algorithm);
  if (usages == base::usages_of(Profile::server)) return server_signer(spec, key_algorithm);
  return missing(spec.common_name,
                 fmt::format("no signer of the API issues certificates with the usages {}", base::join(usages)),
                 by_holder);
}

const ApiCondition* ApiRequest::find(std::string_view type) const noexcept {
  const auto found = std::ranges::find(conditions, type, &ApiCondition::type);
  return found == conditions.end() ? nullptr : &*found;
}

}  // namespace pki::inline PKI_ABI
