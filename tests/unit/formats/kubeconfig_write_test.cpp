// SPDX-License-Identifier: Apache-2.0
#include <support/catch.hpp>

#include <functional>
#include <string>
#include <vector>

#include <pki/error.hpp>
#include <pki/kubeconfig.hpp>

#include "base/base64.hpp"
#include "crypto/key_maker.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "formats/yaml/yaml_tree.hpp"

namespace base = pki::base;

using namespace pki;
using namespace pki::formats;

namespace {

constexpr const char* ca = "-----CA-----\n";
constexpr const char* crt = "-----CERTIFICATE-----\n";
constexpr const char* key = "-----A VERY LONG PRIVATE KEY INDEED-----\n";

std::string plain(const SecretString& text) { return std::string(text.data(), text.size()); }

Certificate certificate(const std::string& pem, const std::string& digest = "d") {
  Certificate certificate;
  certificate.pem = pem;
  certificate.public_key_sha256 = digest;
  return certificate;
}

PrivateKey key_with(const std::string& digest) {
  return pki::crypto::PrivateKeyMaker::make(SecretString(key), "ECDSA-P256", "public", digest);
}

KubeconfigSpec spec_with(const std::string& name) {
  return {.cluster = name, .server = "https://api:6443", .ca_certificates = {certificate(ca)}, .user = name};
}

/// Returns the token of the first user, as a reader of YAML sees it.
std::string token_of(const SecretString& text) {
  const auto document = parse_yaml(plain(text));
  const auto& user = *document.find("users")->items.at(0).find("user");
  CHECK(user.entries.size() == 1);
  const auto* token = user.find("token");
  return token != nullptr && is_string(*token) ? token->text : "(no string)";
}

/// Returns "SUBJECT: MESSAGE" of the Error, with the right code.
std::string refusal(Errc code, const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.what();
  }
  return "(accepted)";
}

}  // namespace

TEST_CASE("a kubeconfig is written as kubeadm writes it") {
  const KubeconfigContent content{"kubernetes", "https://10.0.0.1:6443", ca, "system:node:cp-1",
                                  crt,          SecretString(key)};
  CHECK(plain(to_kubeconfig(content)) ==
        "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: " + base::to_base64(ca) +
            "\n    server: https://10.0.0.1:6443\n  name: kubernetes\ncontexts:\n"
            "- context:\n    cluster: kubernetes\n    user: system:node:cp-1\n"
            "  name: system:node:cp-1@kubernetes\n"
            "current-context: system:node:cp-1@kubernetes\nkind: Config\nusers:\n"
            "- name: system:node:cp-1\n  user:\n    client-certificate-data: " +
            base::to_base64(crt) + "\n    client-key-data: " + base::to_base64(key) + "\n");
}

TEST_CASE("a kubeconfig that is written comes back") {
  for (const std::string name : {"kubernetes", "123", "true", "a: b", "x #y", "\"q\"", "null", "\xc3\xa4"}) {
    CAPTURE(name);
    const auto text = to_kubeconfig({name, "https://[::1]:6443", ca, name, crt, SecretString(key)});
    const auto read = parse_kubeconfig(text, "x");
    CHECK(read.cluster == name);
    CHECK(read.user == name);
    CHECK(read.context == name + "@" + name);
    CHECK(read.server == "https://[::1]:6443");
    CHECK(read.ca_pem == ca);
    CHECK(read.client_certificate_pem == crt);
    CHECK(plain(read.client_key_pem) == key);
  }
}

TEST_CASE("a kubeconfig with a token has nothing else, and names and tokens that need quotes come back") {
  for (const std::string text : {"abcdef.0123456789abcdef", "eyJhbGciOi.eyJzdWIi.c2ln-_", "1234567890", "1e3", "yes",
                                 "a: b #c", "\"q\"\\", "null", "~", "-", "{x}", "\xc3\xa4", "2026-01-31"}) {
    CAPTURE(text);
    const auto written = pki::to_kubeconfig(spec_with(text), text);
    const auto read = parse_kubeconfig(written, "x");
    CHECK(read.cluster == text);
    CHECK(read.user == text);
    CHECK(read.server == "https://api:6443");
    CHECK(read.ca_pem == ca);
    CHECK(read.other_credentials);
    CHECK(read.client_certificate_pem.empty());
    CHECK(read.client_key_pem.empty());
    CHECK(token_of(written) == text);
  }
}

TEST_CASE("a kubeconfig of a certificate is the one that the catalog's writer makes, with all CAs and intermediates") {
  auto spec = spec_with("kubernetes");
  spec.user = "me";
  spec.ca_certificates.push_back(certificate("-----CA 2-----\n"));
  const std::vector chain{certificate(crt), certificate("-----INTERMEDIATE-----\n", "i")};
  const KubeconfigContent same{"kubernetes",
                               spec.server,
                               std::string(ca) + "-----CA 2-----\n",
                               "me",
                               std::string(crt) + "-----INTERMEDIATE-----\n",
                               SecretString(key)};
  CHECK(pki::to_kubeconfig(spec, chain, key_with("d")) == to_kubeconfig(same));
}

TEST_CASE("a kubeconfig that would reach nothing, or trust anybody, is not made") {
  const std::vector chain{certificate(crt)};
  const auto with = [](auto change) {
    auto spec = spec_with("kubernetes");
    change(spec);
    return refusal(Errc::invalid_config, [&] { (void)pki::to_kubeconfig(spec, "token"); });
  };
  CHECK_THAT(with([](auto& spec) { spec.cluster.clear(); }), contains("cluster: empty"));
  CHECK_THAT(with([](auto& spec) { spec.user.clear(); }), contains("user: empty"));
  CHECK_THAT(with([](auto& spec) { spec.user = "a\nb"; }), contains("user: not UTF-8, or with control characters"));
  CHECK_THAT(with([](auto& spec) { spec.cluster = "\xff"; }), contains("cluster: not UTF-8"));
  CHECK_THAT(with([](auto& spec) { spec.server.clear(); }), contains("server: empty"));
  CHECK_THAT(with([](auto& spec) { spec.server = "http://api:6443"; }), contains("expected a URL with https"));
  CHECK_THAT(with([](auto& spec) { spec.ca_certificates.clear(); }), contains("CA certificates: empty"));
  CHECK_THAT(with([](auto& spec) { spec.ca_certificates[0].pem.clear(); }), contains("without its PEM text"));
  const auto spec = spec_with("kubernetes");
  CHECK_THAT(refusal(Errc::invalid_config, [&] { (void)pki::to_kubeconfig(spec, ""); }), contains("token: empty"));
  const auto secret = refusal(Errc::invalid_config, [&] { (void)pki::to_kubeconfig(spec, "s3cret\n"); });
  CHECK_THAT(secret, contains("token: not UTF-8, or with control characters"));
  CHECK(secret.find("s3cret") == std::string::npos);
  CHECK_THAT(refusal(Errc::invalid_config, [&] { (void)pki::to_kubeconfig(spec, {}, key_with("d")); }),
             contains("client certificate: empty"));
  CHECK_THAT(refusal(Errc::mismatch, [&] { (void)pki::to_kubeconfig(spec, chain, key_with("other")); }),
             contains("the key does not belong to the first certificate"));
}
