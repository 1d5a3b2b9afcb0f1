// SPDX-License-Identifier: Apache-2.0
#include <pki/kubeconfig.hpp>

#include <string>
#include <string_view>

#include <pki/error.hpp>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "base/words.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "formats/yaml/yaml_scalar.hpp"

namespace pki::formats {

namespace {

void line(SecretString& out, std::string_view before, std::string_view value) {
  out.append(before);
  append_yaml_scalar(out, value);
  out.append("\n");
}

void data_line(SecretString& out, std::string_view before, std::string_view bytes) {
  out.append(before);
  base::append_base64(out, bytes);
  out.append("\n");
}

// The value itself may be a secret.
void check_text(std::string_view field, std::string_view value) {
  if (value.empty()) throw Error(Errc::invalid_config, field, "empty, expected the value of a kubeconfig");
  if (!base::is_plain_text(value))
    throw Error(Errc::invalid_config, field,
                "not UTF-8, or with control characters, expected the value of a kubeconfig");
}

std::string pem_of(std::string_view field, std::span<const Certificate> certificates) {
  std::string pem;
  for (const auto& certificate : certificates) {
    if (certificate.pem.empty()) throw Error(Errc::invalid_config, field, "a certificate without its PEM text");
    pem += certificate.pem;
  }
  if (pem.empty()) throw Error(Errc::invalid_config, field, "empty, expected at least one certificate");
  return pem;
}

KubeconfigContent content_of(const KubeconfigSpec& spec) {
  check_text("cluster", spec.cluster);
  check_text("server", spec.server);
  check_text("user", spec.user);
  if (!spec.server.starts_with("https://"))
    throw Error(Errc::invalid_config, "server", base::shown_url(spec.server) + ", expected a URL with https");
  return {spec.cluster, spec.server, pem_of("CA certificates", spec.ca_certificates), spec.user};
}

}  // namespace

SecretString to_kubeconfig(const KubeconfigContent& content) {
  const auto context = content.user + "@" + content.cluster;
  SecretString out;
  out.append("apiVersion: v1\nclusters:\n- cluster:\n");
  data_line(out, "    certificate-authority-data: ", content.ca_pem);
  line(out, "    server: ", content.server);
  if (!content.server_name.empty()) line(out, "    tls-server-name: ", content.server_name);
  line(out, "  name: ", content.cluster);
  out.append("contexts:\n- context:\n");
  line(out, "    cluster: ", content.cluster);
  line(out, "    user: ", content.user);
  line(out, "  name: ", context);
  line(out, "current-context: ", context);
  out.append("kind: Config\nusers:\n");
  line(out, "- name: ", content.user);
  out.append("  user:\n");
  if (content.token.empty()) {
    data_line(out, "    client-certificate-data: ", content.certificate_pem);
    if (content.key_pem.empty())
      line(out, "    client-key: ", content.key_file);
    else
      data_line(out, "    client-key-data: ", content.key_pem);
  } else {
    line(out, "    token: ", content.token);
  }
  return out;
}

}  // namespace pki::formats

namespace pki::inline PKI_ABI {

SecretString to_kubeconfig(const KubeconfigSpec& spec, std::string_view token) {
  auto content = formats::content_of(spec);
  formats::check_text("token", token);
  content.token = token;
  return formats::to_kubeconfig(content);
}

SecretString to_kubeconfig(const KubeconfigSpec& spec, std::span<const Certificate> chain, const PrivateKey& key) {
  auto content = formats::content_of(spec);
  content.certificate_pem = formats::pem_of("client certificate", chain);
  if (chain.front().public_key_sha256 != key.public_key_sha256())
    throw Error(Errc::mismatch, "client certificate", "the key does not belong to the first certificate");
  content.key_pem = key.pem();
  return formats::to_kubeconfig(content);
}

}  // namespace pki::inline PKI_ABI
