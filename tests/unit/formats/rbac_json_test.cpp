// SPDX-License-Identifier: Apache-2.0
#include <pki/rbac.hpp>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>

TEST_CASE("the binding of the administrators is kubeadm's, in both formats") {
  CHECK(pki::admin_binding_to_yaml() == R"(apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: kubeadm:cluster-admins
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
subjects:
- apiGroup: rbac.authorization.k8s.io
  kind: Group
  name: kubeadm:cluster-admins
)");
  CHECK(nlohmann::json::parse(pki::admin_binding_to_json()) == nlohmann::json::parse(R"({
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "kubeadm:cluster-admins"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "kubeadm:cluster-admins"}]
  })"));
}
