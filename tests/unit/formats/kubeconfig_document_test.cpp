// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <string>
#include <utility>

#include <pki/error.hpp>

#include "formats/kubeconfig/credential_values.hpp"
#include "formats/kubeconfig/kubeconfig_document.hpp"

#include "kubeconfig_samples.hpp"

using namespace pki;
using namespace pki::formats;
using namespace sample;

TEST_CASE("entries have their name, their content and the way to it") {
  const SecretString text(around(forms()[0]));
  const KubeconfigDocument document(text, "x");
  const auto users = document.entries("users", "user");
  REQUIRE(users.size() == 2);
  CHECK(users[0].name == "token-user");
  CHECK(users[1].name == "me");
  CHECK(users[1].path == "users[1].user");
  CHECK(users[1].content->kind == YamlNode::Kind::map);
  CHECK(document.entries("nothing", "user").empty());
  CHECK(document.current_context().name == "me@prod");
  CHECK(document.named("users", "user", "me", "a test").path == "users[1].user");
}

TEST_CASE("an entry without content has a null") {
  const SecretString text("users:\n- name: a\n- name: b\n  user:\n");
  const KubeconfigDocument document(text, "x");
  for (const auto& entry : document.entries("users", "user"))
    CHECK(entry.content->kind == YamlNode::Kind::null);
}

TEST_CASE("the tree has no secret in it, and a credential is read from the text") {
  for (const auto& form : forms()) {
    const SecretString text(around(form));
    const KubeconfigDocument document(text, "x");
    const auto me = document.named("users", "user", "me", "a test");
    const auto* node = document.value(me, "client-key-data");
    REQUIRE(node != nullptr);
    CHECK(is_masked(node->text));
    CHECK(plain(document.decoded(me, "client-key-data")) == key);
    CHECK(plain(document.decoded(me, "client-certificate-data")) == crt);
  }
}

TEST_CASE("a credential that is absent, null or empty has no value") {
  for (const std::string user :
       {"{}", "{client-key-data: }", "{client-key-data: ''}", "{client-key-data: null}", "{client-key-data: ~}"}) {
    CAPTURE(user);
    const SecretString text("users:\n- name: a\n  user: " + user + "\n");
    const KubeconfigDocument document(text, "x");
    const auto entry = document.entries("users", "user").at(0);
    CHECK(document.value(entry, "client-key-data") == nullptr);
    CHECK(document.decoded(entry, "client-key-data").empty());
  }
}

TEST_CASE("a document of the wrong form is refused with its line, and shows no secret") {
  const std::pair<std::string, const char*> cases[] = {
      {"kind: Secret\n", "x: line 1: kind: found another kind, expected Config"},
      {"a: 1\na: 2\n", "x: line 2: duplicate field, the first is on line 1"},
      {"users:\n- name: a\n  user:\n    \"toke\\u006e\": secret\n", "x: line 4: token: written in a way"},
      {"a: 1\nb: *secret\n", "x: line 2: anchors and aliases"},
      {"a: 1\n\ttoken: secret\n", "x: line 2: not valid YAML: found a tab"},
      {"token: 'secret\n", "x: line 1: not valid YAML: a quote is not closed"},
      {"- secret\n", "x: found a list, expected a kubeconfig"},
  };
  for (const auto& [content, expected] : cases) {
    const SecretString text(content);
    std::string error;
    try {
      const KubeconfigDocument document(text, "x");
    } catch (const Error& caught) {
      error = caught.what();
    }
    CHECK_THAT(error, contains(expected));
    CHECK(error.find("secret") == std::string::npos);
  }
}
