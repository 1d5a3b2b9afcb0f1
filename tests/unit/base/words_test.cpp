// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <support/catch.hpp>

#include "base/words.hpp"

using pki::base::shown_name;
using pki::base::shown_url;
using pki::base::shown_value;

TEST_CASE("a name is shown up to the length of a DNS label") {
  CHECK(shown_name("kubernetes-admin@kubernetes") == "kubernetes-admin@kubernetes");
  CHECK(shown_name(std::string(63, 'a')) == std::string(63, 'a'));
  CHECK(shown_name(std::string(64, 'a')) == "(64 bytes)");
  CHECK(shown_name("a\x1b[1m\n") == "a\\x1b[1m\\x0a");
}

TEST_CASE("a value is shown in quotes where a name is shown") {
  CHECK(shown_value("cp-1") == "\"cp-1\"");
  CHECK(shown_value("") == "\"\"");
  CHECK(shown_value("a\nb") == "\"a\\x0ab\"");
  CHECK(shown_value(std::string(63, 'a')) == '"' + std::string(63, 'a') + '"');
  CHECK(shown_value(std::string(64, 'a')) == "(64 bytes)");
}

TEST_CASE("a URL is shown as its scheme, host and port") {
  CHECK(shown_url("https://192.0.2.1:6443") == "https://192.0.2.1:6443");
  CHECK(shown_url("https://[2001:db8::1]:6443/") == "https://[2001:db8::1]:6443/");
  CHECK(shown_url("http://cp.example") == "http://cp.example");
  CHECK(shown_url("localhost:8080") == "localhost:8080");
  CHECK(shown_url("https://cp.example:6443/k8s/clusters/c-m-1") == "https://cp.example:6443/...");
  CHECK(shown_url("https://admin:secret@cp.example:6443") == "https://...@cp.example:6443");
  CHECK(shown_url("https://a:b@c@cp.example?token=secret") == "https://...@cp.example/...");
  CHECK(shown_url("-----BEGIN EC PRIVATE KEY-----") == "(30 bytes)");
  CHECK(shown_url("https://MHcCAQEEIGx5") == "(20 bytes)");
  CHECK(shown_url("secret://cp.example") == "(19 bytes)");
  CHECK(shown_url("") == "missing");
}
