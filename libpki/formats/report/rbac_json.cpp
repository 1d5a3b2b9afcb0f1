// SPDX-License-Identifier: Apache-2.0
#include <pki/rbac.hpp>

#include "formats/report/json.hpp"
#include "formats/report/yaml_text.hpp"

namespace pki::inline PKI_ABI {

namespace {

constexpr auto name = "kubeadm:cluster-admins";  // of the binding and of the group
constexpr auto group = "rbac.authorization.k8s.io";

formats::Json admin_binding() {
  return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
          {"kind", "ClusterRoleBinding"},
          {"metadata", {{"name", name}}},
          {"roleRef", {{"apiGroup", group}, {"kind", "ClusterRole"}, {"name", "cluster-admin"}}},
          {"subjects", formats::Json::array({{{"apiGroup", group}, {"kind", "Group"}, {"name", name}}})}};
}

}  // namespace

std::string admin_binding_to_json() { return formats::to_text(admin_binding()); }

std::string admin_binding_to_yaml() { return formats::to_yaml_text(admin_binding()); }

}  // namespace pki::inline PKI_ABI
