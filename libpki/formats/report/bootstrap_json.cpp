// SPDX-License-Identifier: Apache-2.0
#include <pki/bootstrap.hpp>

#include <string>
#include <string_view>

#include <fmt/format.h>

#include <pki/error.hpp>

#include "base/calendar.hpp"
#include "formats/report/json.hpp"
#include "formats/report/yaml_text.hpp"

namespace pki::inline PKI_ABI {

namespace {

using formats::Json;

constexpr auto api_group = "rbac.authorization.k8s.io";
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

Json binding(std::string_view name, std::string_view role, std::string_view group) {
  return {{"apiVersion", fmt::format("{}/v1", api_group)},
          {"kind", "ClusterRoleBinding"},
          {"metadata", {{"name", std::string(name)}}},
          {"roleRef", {{"apiGroup", api_group}, {"kind", "ClusterRole"}, {"name", std::string(role)}}},
          {"subjects", Json::array({{{"apiGroup", api_group}, {"kind", "Group"}, {"name", std::string(group)}}})}};
}

Json manifests(std::string_view token, std::chrono::sys_seconds expires) {
  if (!is_bootstrap_token(token))
    throw Error(Errc::invalid_config, "token",
                "not a bootstrap token, expected 6 and 16 characters of a-z and 0-9 with a point between them");
  constexpr auto approved = "system:certificates.k8s.io:certificatesigningrequests:nodeclient";
  constexpr auto renewed = "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient";
  return {{"apiVersion", "v1"},
          {"kind", "List"},
          {"items", Json::array({secret(token, expires),
                                 binding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", joining_nodes),
                                 binding("kubeadm:node-autoapprove-bootstrap", approved, joining_nodes),
                                 binding("kubeadm:node-autoapprove-certificate-rotation", renewed, nodes)})}};
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
