// SPDX-License-Identifier: Apache-2.0
#include "formats/report/rbac_json.hpp"

#include <string>

#include <pki/rbac.hpp>

#include "formats/report/yaml_text.hpp"

namespace pki::formats {

Json cluster_role_binding(std::string_view name, std::string_view role, std::string_view group) {
  constexpr auto api_group = "rbac.authorization.k8s.io";
  return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
          {"kind", "ClusterRoleBinding"},
          {"metadata", {{"name", std::string(name)}}},
          {"roleRef", {{"apiGroup", api_group}, {"kind", "ClusterRole"}, {"name", std::string(role)}}},
          {"subjects", Json::array({{{"apiGroup", api_group}, {"kind", "Group"}, {"name", std::string(group)}}})}};
}

}  // namespace pki::formats

namespace pki::inline PKI_ABI {

namespace {

formats::Json admin_binding() {
  constexpr auto admins = "kubeadm:cluster-admins";  // the binding and the group
  return formats::cluster_role_binding(admins, "cluster-admin", admins);
}

}  // namespace

std::string admin_binding_to_json() { return formats::to_text(admin_binding()); }

std::string admin_binding_to_yaml() { return formats::to_yaml_text(admin_binding()); }

}  // namespace pki::inline PKI_ABI
