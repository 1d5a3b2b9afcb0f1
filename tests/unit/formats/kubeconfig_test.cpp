// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <chrono>
#include <cstdint>

#include "base/base64.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"

#include "kubeconfig_samples.hpp"

namespace base = pki::base;

using namespace pki;
using namespace pki::formats;
using namespace sample;

TEST_CASE("credentials are read in every form") {
  for (const auto& form : forms()) {
    const auto text = around(form);
    CAPTURE(text);
    const auto read = parse_kubeconfig(SecretString(text), "x");
    CHECK(read.context == "me@prod");
    CHECK(read.cluster == "prod");
    CHECK(read.user == "me");
    CHECK(read.server == "https://10.0.0.1:6443");
    CHECK(read.ca_pem == ca);
    CHECK(read.client_certificate_pem == crt);
    CHECK(plain(read.client_key_pem) == key);
  }
}

TEST_CASE("a byte order mark and foreign letters do not shift the key") {
  const auto text = "\xef\xbb\xbf# \xe2\x82\xac\n" + around(forms()[0]);
  CHECK(plain(parse_kubeconfig(SecretString(text), "x").client_key_pem) == key);
}

TEST_CASE("a JSON kubeconfig is read, with escaped slashes") {
  const std::string text =
      R"({"kind":"Config","apiVersion":"v1","clusters":[{"name":"k","cluster":{"server":"https://h","certificate-authority-data":")" +
      base::to_base64(ca) + R"("}}],"users":[{"name":"u","user":{"client-key-data":"Pz8\/","token":"t #, \"}"}}],)" +
      R"("contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}],"current-context":"c"})";
  const auto read = parse_kubeconfig(SecretString(text), "x");
  CHECK(plain(read.client_key_pem) == "???");
  CHECK(read.ca_pem == ca);
  CHECK(read.client_certificate_pem.empty());
}

TEST_CASE("a kubeconfig may point at files") {
  const auto read = parse_kubeconfig(
      SecretString(around("  user: {client-certificate: /k/c.pem, client-key: /k/k.pem, tokenFile: /t}\n")), "x");
  CHECK(read.client_certificate_file == "/k/c.pem");
  CHECK(read.client_key_file == "/k/k.pem");
  CHECK(read.client_key_pem.empty());
}

TEST_CASE("data takes precedence over a file, as for client-go") {
  const auto text = around("  user: {client-certificate: /k/c.pem, client-certificate-data: " + base::to_base64(crt) +
                           ", client-key: /k/k.pem, client-key-data: " + base::to_base64(key) + "}\n");
  auto both = text;
  both.insert(both.find("    certificate-authority-data"), "    certificate-authority: /k/ca.pem\n");
  const auto read = parse_kubeconfig(SecretString(both), "x");
  CHECK(read.ca_pem == ca);
  CHECK(read.ca_file.empty());
  CHECK(read.client_certificate_pem == crt);
  CHECK(read.client_certificate_file.empty());
  CHECK(plain(read.client_key_pem) == key);
  CHECK(read.client_key_file.empty());
  CHECK(read.overridden == std::vector<std::string>{"certificate-authority", "client-certificate", "client-key"});
  const auto empty_data = around("  user: {client-certificate: c.pem, client-certificate-data: '', client-key: k}\n");
  CHECK(parse_kubeconfig(SecretString(empty_data), "x").client_certificate_file == "c.pem");
  CHECK(parse_kubeconfig(SecretString(empty_data), "x").overridden.empty());
}

TEST_CASE("a cluster may skip the verification of its server") {
  const auto skips = [](const std::string& value) {
    auto text = around(forms()[0]);
    text.insert(text.find("    certificate-authority-data"), "    insecure-skip-tls-verify: " + value + "\n");
    return parse_kubeconfig(SecretString(text), "x").skips_verification;
  };
  CHECK(skips("true"));
  CHECK(skips("yes"));
  CHECK_FALSE(skips("false"));
  CHECK_THROWS_AS(skips("'true'"), Error);  // clientcmd refuses a string
  CHECK_FALSE(skips(""));
}

TEST_CASE("a file beside the data of something else, or an empty name, overrides nothing") {
  for (const auto& user :
       {"{client-certificate: c.pem, client-key-data: " + base::to_base64(key) + "}",
        "{client-certificate: '', client-certificate-data: " + base::to_base64(crt) + ", client-key: k.pem}",
        "{client-key: , client-key-data: " + base::to_base64(key) + "}"}) {
    CAPTURE(user.substr(0, 30));
    CHECK(parse_kubeconfig(SecretString(around("  user: " + user + "\n")), "x").overridden.empty());
  }
}

TEST_CASE("a user may have other credentials than a certificate") {
  const auto has_other = [](const std::string& user) {
    return parse_kubeconfig(SecretString(around("  user: " + user + "\n")), "x").other_credentials;
  };
  for (const auto* user : {"{token: abc}", "{tokenFile: /t}", "{username: me, password: abc}", "{exec: {command: aws}}",
                           "{auth-provider: {name: oidc}}"})
    CHECK(has_other(user));
  for (const auto* user : {"{}", "", "{token: ''}", "{token: }", "{client-certificate: /c, client-key: /k}"})
    CHECK_FALSE(has_other(user));
}

TEST_CASE("a reference is relative to the directory of its kubeconfig") {
  CHECK(resolve_reference("/k/admin.conf", "pki/a.crt") == "/k/pki/a.crt");
  CHECK(resolve_reference("/k/admin.conf", "../a.crt") == "/a.crt");
  CHECK(resolve_reference("/k/admin.conf", "/b/./a.crt") == "/b/a.crt");
  CHECK(resolve_reference("/k/admin.conf", "").empty());
}

TEST_CASE("the certificate files of all clusters and users are listed, but for those beside data") {
  const auto text = around(
      "  user: {client-certificate: c.pem, client-certificate-data: AAAA}\n- name: third\n  user: "
      "{client-certificate: c.pem}\n- name: fourth\n  user: {client-certificate: [c]}\n");
  const auto found = certificate_references(SecretString(text), "/k/admin.conf");
  REQUIRE(found.size() == 3);
  CHECK(found[0].where == "clusters[0] other");
  CHECK(found[0].file == "/o/ca.crt");
  CHECK(found[1].where == "users[2] third");
  CHECK(found[1].file == "/k/c.pem");
  CHECK(found[1].problem.empty());
  CHECK(found[2].file.empty());
  CHECK_THAT(found[2].problem, contains("found a list, expected a string"));
}

TEST_CASE("data in the field for a path is refused, and not shown") {
  const std::string pem = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVqgAwIBAgIUQ0Zm\n-----END CERTIFICATE-----\n";
  const auto kubeconfig = [](const std::string& value) {
    return around("  user: {client-certificate: \"" + value + "\", client-key-data: AAAA}\n");
  };
  for (const auto& data : {base::to_base64(pem), pem.substr(0, 27) + " " + pem.substr(28, 24),
                           base::to_base64("\x30" + std::string(60, 'x'))}) {
    const auto error = error_of(kubeconfig(data));
    CHECK_THAT(error, contains("users[1].user.client-certificate: found data, expected the path of a file"));
    CHECK(error.find(data.substr(28, 12)) == std::string::npos);
  }
  for (const auto* path :
       {"/var/lib/kubelet/pki/kubelet-client-current.pem", "pki/abcdefghijklmnopqrstuvwxyzabcdefghijklmn.pem",
        "/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"})
    CHECK(parse_kubeconfig(SecretString(kubeconfig(path)), "x").client_certificate_file == path);
}

TEST_CASE("base64 that Go refuses is refused, and what Go accepts is read") {
  for (const auto& form : folded_forms()) {
    CAPTURE(form);
    CHECK_THAT(error_of(around(form)), contains("users[1].user.client-key-data: blanks within base64"));
  }
  for (const auto& form : forms()) {
    CAPTURE(form);
    CHECK(plain(parse_kubeconfig(SecretString(around(form)), "x").client_key_pem) == key);
  }
  const auto read = [](const std::string& value) {
    const auto text = around("  user: {client-key-data: " + value + "}\n");
    return plain(parse_kubeconfig(SecretString(text), "x").client_key_pem);
  };
  CHECK(read("YWJjZB==") == "abcd");  // bits that belong to no octet
  CHECK(read("\"YWJjZA\\u003d=\"") == "abcd");
  for (const auto* refused : {"\"YWJj\\0\"", "\"YWJj\\t\"", "YWJj-_8=", "YWJjZA", "YWJjZA=", "\"YWJj\\u00a0\""})
    CHECK_THAT(error_of(around("  user: {client-key-data: " + std::string(refused) + "}\n")),
               contains("client-key-data: not valid base64"));
  CHECK_THAT(error_of(around("  user: {client-key-data: \"YWJj" + std::string(1, '\0') + "\"}\n")),
             contains("a control character"));
}

TEST_CASE("an invalid kubeconfig is one clear error") {
  const auto sound = around(forms()[0]);
  const auto with = [&](const std::string& from, const std::string& to) {
    auto text = sound;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::pair<std::string, const char*> cases[] = {
      {"", "found nothing, expected a kubeconfig"},
      {"hello", "found text, expected a kubeconfig"},
      {"- a", "found a list, expected a kubeconfig"},
      {"a: [", "not valid YAML"},
      {with("current-context: me@prod", "current-context: ''"), "current-context: found nothing"},
      {with("current-context: me@prod", "current-context: nope"), "contexts: no entry has the name in current-context"},
      {with("{cluster: prod", "{cluster: nope"), "clusters: no entry has the name in contexts[0].context.cluster"},
      {with("user: me,", "user: nope,"), "users: no entry has the name in contexts[0].context.user"},
      {with("- name: other", "- name: prod"), "clusters: two entries have the name in contexts[0].context.cluster"},
      {with("kind: Config", "kind: Secret"), "line 2: kind: found another kind, expected Config"},
      {with("kind: Config", "kind: 7"), "line 2: kind: found a number, expected a string"},
      {with("apiVersion: v1", "kind: Config"), "line 2: duplicate field, the first is on line 1"},
      {with("clusters:\n", "clusters: 1\nfoo:\n"), "clusters: found a number, expected a list"},
      {with("server: https://10.0.0.1:6443", "server: 1"), "clusters[1].cluster.server: found a number"},
      {with(base::to_base64(ca), "!a b"), "tags are not supported"},
      {with(base::to_base64(ca), "abc"), "line 11: clusters[1].cluster.certificate-authority-data: not valid base64"},
      {with(base::to_base64(ca), "[a]"), "certificate-authority-data: found a list, expected base64"},
      {with(base::to_base64(key), "a"), "users[1].user.client-key-data: not valid base64"},
      {with(base::to_base64(key), "\"\\u00c4AAA\""), "users[1].user.client-key-data: not valid base64"},
      {with("client-key-data", "\"client-key-dat\\u0061\""), "written in a way that is not supported"},
      {std::string(600 * 1024, ' '), "expected at most"},
  };
  for (const auto& [text, message] : cases) {
    CAPTURE(text.substr(0, 2000));
    const auto error = error_of(text);
    CHECK_THAT(error, contains(message));
    CHECK(error.find(base::to_base64(key).substr(0, 8)) == std::string::npos);
  }
}

TEST_CASE("replacing credentials keeps every other byte") {
  const std::string new_crt = "new certificate, and a longer one";
  const SecretString new_key("new key");
  for (const auto& form : forms()) {
    const auto text = around(form);
    CAPTURE(text);
    const auto replaced = plain(replace_credentials(SecretString(text), "x", new_crt, new_key));
    const auto read = parse_kubeconfig(SecretString(replaced), "x");
    CHECK(read.client_certificate_pem == new_crt);
    CHECK(read.client_key_pem == new_key);
    CHECK(read.ca_pem == ca);
    CHECK_THAT(replaced, contains("s3cret-token"));
    const auto users = text.find("- name: me\n");
    CHECK(replaced.substr(0, users) == text.substr(0, users));
    CHECK(replaced.ends_with("preferences: {}\n"));
  }
}

TEST_CASE("replacing credentials with the same ones changes no byte of a one-line form") {
  for (std::size_t i : {0U, 1U, 2U, 3U, 4U, 5U, 14U, 15U, 16U, 17U, 18U, 19U}) {
    const auto text = around(forms()[i]);
    CHECK(plain(replace_credentials(SecretString(text), "x", crt, SecretString(key), ca)) == text);
  }
}

TEST_CASE("the CA is replaced only when one is given") {
  const auto text = SecretString(around(forms()[0]));
  CHECK(parse_kubeconfig(replace_credentials(text, "x", crt, SecretString(key), "other ca"), "x").ca_pem == "other ca");
}

TEST_CASE("credentials that are not embedded cannot be replaced") {
  for (const auto* user : {"  user: {client-certificate: /a, client-key: /b}\n", "  user: {}\n", "  user:\n", "",
                           "  user: {client-certificate-data: AAAA, client-key-data: ''}\n"})
    CHECK_THROWS_WITH(replace_credentials(SecretString(around(user)), "kubelet.conf", crt, SecretString(key)),
                      contains("to replace"));
}

TEST_CASE("all embedded certificates are listed, invalid ones with their problem") {
  const auto text =
      around("  user: {client-certificate-data: AAA}\n- name: third\n  user:\n    client-certificate-data: " +
             base::to_base64(crt) + "\n");
  const auto found = embedded_certificates(SecretString(text), "x");
  REQUIRE(found.size() == 3);
  CHECK(found[0].where == "clusters[1] prod");
  CHECK(found[0].pem == ca);
  CHECK(found[0].problem.empty());
  CHECK(found[1].where == "users[1] me");
  CHECK(found[1].pem.empty());
  CHECK_THAT(found[1].problem, contains("not valid base64"));
  CHECK(found[2].where == "users[2] third");
  CHECK(found[2].pem == crt);
}

TEST_CASE("a kubeconfig bomb is bounded") {
  const auto repeat = [](const std::string& part) {
    std::string out;
    while (out.size() + part.size() < 500 * 1024)
      out += part;
    return out;
  };
  const std::string blanks(200 * 1024, ' ');
  for (const auto& text :
       {repeat("token: "), repeat("token:\n"), repeat("\"\" "), blanks + repeat("\"\"").substr(0, 200 * 1024),
        repeat("{"), repeat("\"token\":"), repeat("|\n"), repeat("token: |\n"), repeat("'"), repeat("? "),
        repeat("token: a\n\n\n\n"), "users:\n- user:\n    token: " + repeat("a\n     ")}) {
    const auto start = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(parse_kubeconfig(SecretString(text), "x"), Error);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{3});
  }
}

TEST_CASE("no mutation of a kubeconfig crashes the reader or puts the key into an error") {
  std::uint32_t state = 1;
  const auto random = [&](std::size_t below) {
    state = state * 1664525U + 1013904223U;
    return static_cast<std::size_t>(state >> 8) % below;
  };
  const std::string letters = "\n\"'{}[]:,#|>-? &*!%x\\\t";
  const auto all = forms();
  for (int round = 0; round < 3000; ++round) {
    auto text = around(all[random(all.size())]);
    for (auto i = random(4); i < 4; ++i)
      text[random(text.size())] = letters[random(letters.size())];
    try {
      (void)replace_credentials(SecretString(text), "x", crt, SecretString(key));
    } catch (const Error& error) {
      CAPTURE(text, error.what());
      CHECK(std::string(error.what()).find(base::to_base64(key).substr(0, 8)) == std::string::npos);
    }
  }
}
