#include <support/catch.hpp>

#include <string>

#include "base/base64.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"

namespace base = pki::base;

using namespace pki;
using namespace pki::formats;

namespace {

constexpr const char* ca = "-----CA-----\n";
constexpr const char* crt = "-----CERTIFICATE-----\n";
constexpr const char* key = "-----A VERY LONG PRIVATE KEY INDEED-----\n";

std::string plain(const SecretString& text) { return std::string(text.data(), text.size()); }

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
