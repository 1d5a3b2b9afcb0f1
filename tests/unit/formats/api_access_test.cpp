// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include <pki/error.hpp>

#include "formats/kubeconfig/api_access.hpp"

using namespace pki;
using namespace pki::formats;

namespace {

SecretString kubeconfig(const std::string& cluster, const std::string& user) {
  return SecretString(
      "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
      "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
      "clusters:\n- name: k\n  cluster: {" +
      cluster + "}\nusers:\n- name: u\n  user: {" + user + "}\n");
}

Error refusal(const std::string& cluster, const std::string& user) {
  try {
    (void)parse_api_access(kubeconfig(cluster, user), "k.conf");
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error");
  return {Errc::io, "", ""};
}

const std::string server = "server: \"https://api.example:6443\"";

}  // namespace

TEST_CASE("a kubeconfig says where the API server is, by which name it is known, and who calls") {
  const auto access =
      parse_api_access(kubeconfig(server + ", tls-server-name: kubernetes", "token: abc.def-123, tokenFile: /t"), "k");
  CHECK(access.server.host == "api.example");
  CHECK(access.server.port == 6443);
  CHECK(access.server.path.empty());
  CHECK(access.server_name == "kubernetes");
  CHECK(access.token == SecretString("abc.def-123"));
  CHECK(access.token_file == "/t");
  CHECK(parse_api_access(kubeconfig(server, "token: t"), "k").server_name == "api.example");
}

TEST_CASE("a token is read in each way of writing it") {
  for (const std::string form : {"abcdef", "\"abcdef\"", "'abcdef'"}) {
    CAPTURE(form);
    CHECK(parse_api_access(kubeconfig(server, "token: " + form), "k").token == SecretString("abcdef"));
  }
  const SecretString block(
      "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
      "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
      "clusters: [{name: k, cluster: {server: \"https://h\"}}]\n"
      "users:\n- name: u\n  user:\n    token: >-\n      abcdef\n");
  CHECK(parse_api_access(block, "k").token == SecretString("abcdef"));
}

TEST_CASE("the URL of a server is read in its parts") {
  struct Row {
    const char* url;
    const char* host;
    int port;
    const char* path;
  };
  const Row table[] = {
      {"https://api.example:6443", "api.example", 6443, ""},
      {"https://api.example", "api.example", 443, ""},
      {"https://API.Example:6443/", "api.example", 6443, ""},
      {"https://192.0.2.1:6443", "192.0.2.1", 6443, ""},
      {"https://192.0.2.1", "192.0.2.1", 443, ""},
      {"https://[2001:db8::1]:6443", "2001:db8::1", 6443, ""},
      {"https://[2001:db8::1]", "2001:db8::1", 443, ""},
      {"https://proxy.example/k8s/clusters/c-1/", "proxy.example", 443, "/k8s/clusters/c-1"},
  };
  for (const auto& [url, host, port, path] : table) {
    CAPTURE(url);
    const auto read = parse_server_url(url, "k");
    CHECK(read.host == host);
    CHECK(read.port == port);
    CHECK(read.path == path);
  }
  for (const std::string url :
       {"", "http://api.example:6443", "api.example:6443", "https://", "https://:6443", "https://api.example:0",
        "https://api.example:65536", "https://api.example:6443x", "https://2001:db8::1", "https://[api.example]:1",
        "https://user:secret@api.example:6443", "https://api.example/?q=1", "https://api.example/#f",
        "https://api.example/a b", "https://api.example/a\r\nX: y", "https://api_example", "HTTPS://api.example",
        "unix:///run/api.sock"}) {
    CAPTURE(url);
    try {
      (void)parse_server_url(url, "k");
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == Errc::malformed);
      CHECK_THAT(error.message(), !contains("secret"));
    }
  }
}

TEST_CASE("what cannot be used to call an API server from here is refused with its field") {
  const std::vector<std::pair<std::pair<std::string, std::string>, std::string>> table{
      {{server + ", insecure-skip-tls-verify: true", "token: t"}, "insecure-skip-tls-verify"},
      {{server + ", proxy-url: \"http://proxy:3128\"", "token: t"}, "proxy-url"},
      {{server, "exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}"}, "exec"},
      {{server, "token: t, exec: {}"}, "exec"},
      {{server, "auth-provider: {name: oidc}"}, "auth-provider"},
      {{server, "username: jane, password: secret-word"}, "username"},
      {{server, "token: t, as: root"}, "as: impersonation"},
      {{server, "token: t, as-uid: \"1\""}, "as-uid"},
      {{server, "token: t, as-groups: [\"system:masters\"]"}, "as-groups"},
      {{server, "token: t, as-user-extra: {a: [b]}"}, "as-user-extra"},
  };
  for (const auto& [content, expected] : table) {
    CAPTURE(expected);
    const auto error = refusal(content.first, content.second);
    CHECK(error.code() == Errc::invalid_config);
    CHECK(error.subject() == "k.conf");
    CHECK_THAT(error.message(), contains(expected));
    CHECK(error.remedy().kind != Remedy::Kind::none);
    CHECK_THAT(std::string(error.what()), !contains("secret-word"));
  }
}

TEST_CASE("fields that are there and say nothing are no obstacle") {
  const auto access = parse_api_access(
      kubeconfig(
          server + ", insecure-skip-tls-verify: false, proxy-url: \"\"",
          "token: t, exec: null, auth-provider: null, username: \"\", as: \"\", as-groups: [], as-user-extra: null"),
      "k");
  CHECK(access.token == SecretString("t"));
}

TEST_CASE("a token that a header must not have, and a name that no certificate has, are refused without quoting it") {
  for (const std::string user : {"token: \"ab cd-secret\"", "token: \"ab\\ncd-secret\"",
                                 "token: \"ab\\r\\nX: cd-secret\"", "token: [cd-secret]"}) {
    CAPTURE(user);
    const auto error = refusal(server, user);
    CHECK(error.code() == Errc::malformed);
    CHECK_THAT(std::string(error.what()), !contains("cd-secret"));
  }
  for (const std::string name : {"a b", "a_b", "*.example", "a/b"}) {
    CAPTURE(name);
    CHECK(refusal(server + ", tls-server-name: \"" + name + "\"", "token: t").code() == Errc::malformed);
  }
}
