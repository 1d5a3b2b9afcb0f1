// SPDX-License-Identifier: Apache-2.0
#include <pki/bootstrap.hpp>

#include <chrono>
#include <string>

#include <pki/error.hpp>

#include <nlohmann/json.hpp>
#include <support/catch.hpp>

namespace {

constexpr std::chrono::sys_seconds expires{std::chrono::sys_days{std::chrono::year{2030} / 1 / 2}};

nlohmann::json manifests(std::string_view token) {
  const auto text = pki::bootstrap_manifests_to_json(token, expires);
  return nlohmann::json::parse(text.begin(), text.end());
}

}  // namespace

TEST_CASE("a bootstrap token becomes the Secret that kubeadm makes, and its three bindings") {
  const auto list = manifests("abcdef.0123456789abcdef");
  CHECK(list["kind"] == "List");
  REQUIRE(list["items"].size() == 4);
  CHECK(list["items"][0] == nlohmann::json::parse(R"({
    "apiVersion": "v1", "kind": "Secret", "type": "bootstrap.kubernetes.io/token",
    "metadata": {"name": "bootstrap-token-abcdef", "namespace": "kube-system"},
    "stringData": {"token-id": "abcdef", "token-secret": "0123456789abcdef", "expiration": "2030-01-02T00:00:00Z",
                   "usage-bootstrap-authentication": "true",
                   "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token"}
  })"));
  CHECK(list["items"][3] == nlohmann::json::parse(R"({
    "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
    "metadata": {"name": "kubeadm:node-autoapprove-certificate-rotation"},
    "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                "name": "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"},
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:nodes"}]
  })"));
  const auto yaml = pki::bootstrap_manifests_to_yaml("abcdef.0123456789abcdef", expires);
  CHECK(
      std::string(yaml.begin(), yaml.end()).starts_with("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Secret\n"));
}

TEST_CASE("a token of digits stays a string in YAML") {
  const auto yaml = pki::bootstrap_manifests_to_yaml("123456.0123456789012345", expires);
  const std::string text(yaml.begin(), yaml.end());
  CHECK(text.find("token-id: \"123456\"") != std::string::npos);
  CHECK(text.find("token-secret: \"0123456789012345\"") != std::string::npos);
}

TEST_CASE("what is no bootstrap token is refused without being quoted") {
  try {
    (void)manifests("a secret that is no token");
    FAIL("no error");
  } catch (const pki::Error& error) {
    CHECK(error.code() == pki::Errc::invalid_config);
    CHECK(std::string(error.what()).find("a secret") == std::string::npos);
  }
}
