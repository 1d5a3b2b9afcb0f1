// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <vector>

#include "formats/kubeconfig/kubeconfig.hpp"

#include "kubeconfig_samples.hpp"

using namespace pki;
using namespace pki::formats;
using namespace sample;

namespace {

// Returns `text` with `line` above the first place of `before`.
std::string with(std::string text, const std::string& before, const std::string& line) {
  const auto at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.insert(at, line);
}

std::string user_with(const std::string& field) { return around("  user:\n    " + field + "\n"); }
std::string cluster_with(const std::string& field) {
  return with(user_with("token: abc"), "    server: https", "    " + field + "\n");
}
std::string config_with(const std::string& field) { return user_with("token: abc") + field + "\n"; }

struct Case {
  std::string field;
  std::string found;  ///< of the message; empty where client-go reads the field
};

}  // namespace

TEST_CASE("a field of a user with a value of another type is refused as client-go refuses it") {
  for (const auto& [field, found] : {
           Case{"token: 12345", "users[1].user.token: found a number, expected a string"},
           Case{"token: '12345'", ""},
           Case{"token: \"12345\"", ""},
           Case{"token: 12345x", ""},
           Case{"token: true", "users[1].user.token: found a boolean, expected a string"},
           Case{"token: [a]", "users[1].user.token: found a list, expected a string"},
           Case{"token:", ""},
           Case{"token: ~", ""},
           Case{"tokenFile: 5", "users[1].user.tokenFile: found a number, expected a string"},
           Case{"username: 007", "users[1].user.username: found a number, expected a string"},
           Case{"password: 1e3", "users[1].user.password: found a number, expected a string"},
           Case{"password: 2026-01-01", ""},
           Case{"as: no", "users[1].user.as: found a boolean, expected a string"},
           Case{"as-uid: 1000", "users[1].user.as-uid: found a number, expected a string"},
           Case{"as-groups: admins", "users[1].user.as-groups: found a string, expected a list"},
           Case{"as-groups: [admins, 5]", "users[1].user.as-groups[1]: found a number, expected a string"},
           Case{"as-groups: [~, admins]", ""},
           Case{"as-user-extra: {a: b}", "users[1].user.as-user-extra.a: found a string, expected a list"},
           Case{"as-user-extra: {a: [b]}", ""},
           Case{"as-user-extra: []", "users[1].user.as-user-extra: found a list, expected an object"},
           Case{"auth-provider: gcp", "users[1].user.auth-provider: found a string, expected an object"},
           Case{"auth-provider: {name: gcp, config: {expiry: 5}}",
                "users[1].user.auth-provider.config.expiry: found a number, expected a string"},
           Case{"exec: {command: aws, args: [eks, get-token], apiVersion: client.authentication.k8s.io/v1}", ""},
           Case{"exec: {command: 5}", "users[1].user.exec.command: found a number, expected a string"},
           Case{"exec: {args: eks}", "users[1].user.exec.args: found a string, expected a list"},
           Case{"exec: {env: [{name: A, value: 1}]}",
                "users[1].user.exec.env[0].value: found a number, expected a string"},
           Case{"exec: {env: [A]}", "users[1].user.exec.env[0]: found a string, expected an object"},
           Case{"exec: {provideClusterInfo: 'true'}",
                "users[1].user.exec.provideClusterInfo: found a string, expected a boolean"},
           Case{"exec: {provideClusterInfo: yes}", ""},
           Case{"extensions: [{name: a, extension: {b: 5}}]", ""},
           Case{"extensions: {}", "users[1].user.extensions: found an object, expected a list"},
           Case{"unknown: 5", ""},
       }) {
    CAPTURE(field);
    const auto error = error_of(user_with(field));
    CHECK(error.empty() == found.empty());
    CHECK_THAT(error, contains(found));
  }
}

TEST_CASE("the types of clusters, contexts, and the file itself are those of client-go") {
  for (const auto& [field, found] : {
           Case{"insecure-skip-tls-verify: 'false'",
                "clusters[1].cluster.insecure-skip-tls-verify: found a string, expected a boolean"},
           Case{"insecure-skip-tls-verify: 0",
                "clusters[1].cluster.insecure-skip-tls-verify: found a number, expected a boolean"},
           Case{"insecure-skip-tls-verify: no", ""},
           Case{"insecure-skip-tls-verify:", ""},
           Case{"tls-server-name: 0x1F", "clusters[1].cluster.tls-server-name: found a number, expected a string"},
           Case{"tls-server-name: 12:30:45", ""},
           Case{"proxy-url: []", "clusters[1].cluster.proxy-url: found a list, expected a string"},
           Case{"disable-compression: 'yes'",
                "clusters[1].cluster.disable-compression: found a string, expected a boolean"},
           Case{"extensions: [1]", "clusters[1].cluster.extensions[0]: found a number, expected an object"},
       }) {
    CAPTURE(field);
    const auto error = error_of(cluster_with(field));
    CHECK(error.empty() == found.empty());
    CHECK_THAT(error, contains(found));
  }
  for (const auto& [field, found] : {
           Case{"extensions: 5", "extensions: found a number, expected a list"},
           Case{"extensions: []", ""},
           Case{"colors: 5", ""},
       }) {
    CAPTURE(field);
    const auto error = error_of(config_with(field));
    CHECK(error.empty() == found.empty());
    CHECK_THAT(error, contains(found));
  }
}

TEST_CASE("entries that the current context does not name are checked, too") {
  const auto text = user_with("token: abc");
  CHECK(error_of(text).empty());
  CHECK_THAT(error_of(with(text, "- name: token-user", "- {name: eve, user: {password: 5}}\n")),
             contains("line 15: users[0].user.password: found a number, expected a string"));
  CHECK_THAT(error_of(with(text, "- name: prod", "- {name: 5, cluster: {}}\n")),
             contains("clusters[1].name: found a number, expected a string"));
  CHECK_THAT(error_of(with(text, "- {name: me@prod", "- {name: c, context: {namespace: 5}}\n")),
             contains("contexts[0].context.namespace: found a number, expected a string"));
}

TEST_CASE("a refused type quotes no value, and the hint says how to write it") {
  for (const auto& [field, hint] : {std::pair{"password: 271828182845", "write the value in quotes"},
                                    std::pair{"exec: {provideClusterInfo: 271828182845}", "without quotes"}}) {
    CAPTURE(field);
    try {
      (void)parse_kubeconfig(SecretString(user_with(field)), "admin.conf");
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK_THAT(error.what(), !contains("2718"));
      CHECK_THAT(error.finding().remedy.text, contains(hint));
    }
  }
}

TEST_CASE("a kubeconfig has the version v1 or none") {
  const auto text = user_with("token: abc");
  CHECK(error_of(text).empty());
  const auto of_version = [&](const std::string& line) {
    auto changed = text;
    return changed.replace(changed.find("apiVersion: v1\n"), std::string("apiVersion: v1\n").size(), line);
  };
  CHECK(error_of(of_version("")).empty());
  CHECK(error_of(of_version("apiVersion:\n")).empty());
  CHECK_THAT(error_of(of_version("apiVersion: v2\n")), contains("apiVersion: found another version, expected v1"));
  CHECK_THAT(error_of(of_version("apiVersion: 1\n")), contains("apiVersion: found a number, expected a string"));
}
