// SPDX-License-Identifier: Apache-2.0
#include <pki/bootstrap.hpp>

#include <string>
#include <string_view>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/calendar.hpp"
#include "formats/report/json.hpp"
#include "formats/report/rbac_json.hpp"
#include "formats/report/yaml_text.hpp"

namespace pki::inline PKI_ABI {

namespace {

using formats::cluster_role_binding;
using formats::Json;

constexpr auto joining_nodes = "system:bootstrappers:kubeadm:default-node-token";
constexpr auto nodes = "system:nodes";

Json secret(std::string_view token, std::chrono::sys_seconds expires) {
  const auto point = token.find('.');
  const std::string id(token.substr(0, point));
  return {{"apiVersion", "v1"},
          {"kind", "Secret"},
          {"type", "bootstrap.kubernetes.io/token"},
          {"metadata", {{"name", "bootstrap-token-" + id}, {"namespace", "kube-system"}}},
          {"stringData",
           {{"token-id", id},
            {"token-secret", std::string(token.substr(point + 1))},
            {"expiration", base::rfc3339(expires)},
            {"usage-bootstrap-authentication", "true"},
            {"auth-extra-groups", joining_nodes}}}};
}

Json manifests(std::string_view token, std::chrono::sys_seconds expires) {
  if (!is_bootstrap_token(token))
    throw Error(Errc::invalid_config, "token", fmt::format("not a bootstrap token, expected {}", bootstrap_token_form));
  constexpr auto approved = "system:certificates.k8s.io:certificatesigningrequests:nodeclient";
  constexpr auto renewed = "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient";
  return {{"apiVersion", "v1"},
          {"kind", "List"},
          {"items",
           Json::array({secret(token, expires),
                        cluster_role_binding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", joining_nodes),
                        cluster_role_binding("kubeadm:node-autoapprove-bootstrap", approved, joining_nodes),
                        cluster_role_binding("kubeadm:node-autoapprove-certificate-rotation", renewed, nodes)})}};
}

SecretString as_secret(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

SecretString bootstrap_manifests_to_json(std::string_view token, std::chrono::sys_seconds expires) {
  return as_secret(formats::to_text(manifests(token, expires)));
}

SecretString bootstrap_manifests_to_yaml(std::string_view token, std::chrono::sys_seconds expires) {
  return as_secret(formats::to_yaml_text(manifests(token, expires)));
}

}  // namespace pki::inline PKI_ABI
