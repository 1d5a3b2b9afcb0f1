#include <string_view>

#include "base/base64.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "formats/yaml/yaml_scalar.hpp"

namespace pki::formats {

namespace {

void line(SecretString& out, std::string_view before, std::string_view value) {
  out.append(before).append(yaml_scalar(value)).append("\n");
}

void data_line(SecretString& out, std::string_view before, std::string_view bytes) {
  out.append(before);
  base::append_base64(out, bytes);
  out.append("\n");
}

}  // namespace

SecretString to_kubeconfig(const KubeconfigContent& content) {
  const auto context = content.user + "@" + content.cluster;
  SecretString out;
  out.append("apiVersion: v1\nclusters:\n- cluster:\n");
  data_line(out, "    certificate-authority-data: ", content.ca_pem);
  line(out, "    server: ", content.server);
  line(out, "  name: ", content.cluster);
  out.append("contexts:\n- context:\n");
  line(out, "    cluster: ", content.cluster);
  line(out, "    user: ", content.user);
  line(out, "  name: ", context);
  line(out, "current-context: ", context);
  out.append("kind: Config\nusers:\n");
  line(out, "- name: ", content.user);
  out.append("  user:\n");
  data_line(out, "    client-certificate-data: ", content.certificate_pem);
  data_line(out, "    client-key-data: ", content.key_pem);
  return out;
}

}  // namespace pki::formats
