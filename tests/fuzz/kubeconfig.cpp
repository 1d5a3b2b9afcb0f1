// SPDX-License-Identifier: Apache-2.0
// A kubeconfig. Promises: a typed error or what it says; a renewal replaces the credentials and nothing else; what is
// written for its names reads the same; no error shows a secret.

#include "formats/kubeconfig/kubeconfig.hpp"

#include <algorithm>

#include "formats/kubeconfig/credential_values.hpp"
#include "properties.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

using pki::SecretString;
using pki::formats::Kubeconfig;

const std::string certificate_pem = "-----BEGIN CERTIFICATE-----\nbmV3\n-----END CERTIFICATE-----\n";
const SecretString key_pem = "-----BEGIN EC PRIVATE KEY-----\nbmV3\n-----END EC PRIVATE KEY-----\n";

bool same_names(const Kubeconfig& a, const Kubeconfig& b) {
  return a.context == b.context && a.cluster == b.cluster && a.user == b.user && a.server == b.server &&
         a.ca_pem == b.ca_pem && a.ca_file == b.ca_file && a.client_certificate_file == b.client_certificate_file;
}

void check_replacement(const SecretString& text, const Kubeconfig& old) {
  const auto replaced =
      value_of([&] { return pki::formats::replace_credentials(text, "input.conf", certificate_pem, key_pem); });
  if (!replaced) return;
  const auto renewed = pki::formats::parse_kubeconfig(*replaced, "renewed.conf");
  require(renewed.client_certificate_pem == certificate_pem && renewed.client_key_pem == key_pem,
          "a renewal puts the new credentials in");
  require(same_names(renewed, old), "a renewal changes nothing else");
  const auto restored =
      pki::formats::replace_credentials(*replaced, "renewed.conf", old.client_certificate_pem, old.client_key_pem);
  const auto last = pki::formats::parse_kubeconfig(restored, "restored.conf");
  require(same_names(last, old) && last.client_certificate_pem == old.client_certificate_pem &&
              last.client_key_pem == old.client_key_pem,
          "the old credentials can be put back");
}

void check_writing(const Kubeconfig& parsed) {
  const auto written = pki::formats::to_kubeconfig({parsed.cluster, parsed.server, parsed.ca_pem, parsed.user,
                                                    parsed.client_certificate_pem, parsed.client_key_pem});
  const auto again = pki::formats::parse_kubeconfig(written, "written.conf");
  require(again.cluster == parsed.cluster && again.user == parsed.user && again.server == parsed.server &&
              again.ca_pem == parsed.ca_pem && again.client_certificate_pem == parsed.client_certificate_pem &&
              again.client_key_pem == parsed.client_key_pem,
          "what is written reads the same");
}

void check_masking(const SecretString& text) {
  try {
    const auto masked = pki::formats::mask_secrets(text);
    require(masked.size() == text.size(), "masking keeps every place");
    require(std::count(masked.begin(), masked.end(), '\n') == std::count(text.begin(), text.end(), '\n'),
            "masking keeps every line");
  } catch (const pki::formats::YamlError&) {  // not YAML
  }
}

}  // namespace

void kubeconfig(std::string_view input) {
  const SecretString text(input);
  check_masking(text);
  if (const auto all = value_of([&] { return pki::formats::embedded_certificates(text, "input.conf"); }))
    for (const auto& certificate : *all)
      require_plain(certificate.problem, "problem");
  const auto parsed = value_of([&] { return pki::formats::parse_kubeconfig(text, "input.conf"); });
  if (!parsed) return;
  check_replacement(text, *parsed);
  check_writing(*parsed);
}

}  // namespace fuzz
