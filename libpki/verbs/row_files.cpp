// SPDX-License-Identifier: Apache-2.0
#include "verbs/row_files.hpp"

#include <algorithm>
#include <optional>

#include "formats/kubeconfig/kubeconfig.hpp"
#include "model/renewal_spec.hpp"

namespace pki::verbs {

namespace {

std::vector<File> key_pair_files(const Entry& place, const NewCertificate& made, const std::string& pem) {
  std::vector<File> files{{place.path, public_mode, as_content(pem)}};
  if (made.key_is_new) files.push_back({place.key_path, secret_mode, made.key.pem()});
  return files;
}

std::optional<std::string> completed_trust(const KubeconfigFacts& kubeconfig, std::span<const Certificate> cas) {
  if (!model::lacks_ca(kubeconfig, cas.front())) return std::nullopt;
  auto pem = pem_of(cas);
  for (const auto& trusted : kubeconfig.ca_certificates)
    if (std::ranges::find(cas, trusted.pem, &Certificate::pem) == cas.end()) pem += trusted.pem;
  return pem;
}

}  // namespace

SecretString as_content(const std::string& text) { return {text.begin(), text.end()}; }

std::string pem_of(std::span<const Certificate> certificates) {
  std::string pem;
  for (const auto& certificate : certificates)
    pem += certificate.pem;
  return pem;
}

void add_trusted(std::vector<Certificate>& trusted, std::span<const Certificate> more) {
  for (const auto& certificate : more)
    if (std::ranges::find(trusted, certificate.pem, &Certificate::pem) == trusted.end()) trusted.push_back(certificate);
}

std::vector<File> new_files(const Entry& place, const NewCertificate& made, const std::string& cluster,
                            const std::string& server) {
  const auto pem = made.certificate.pem + pem_of(made.chain);
  if (place.row->form != Form::kubeconfig) return key_pair_files(place, made, pem);
  return {{place.path, secret_mode,
           formats::to_kubeconfig(
               {cluster, server, pem_of(made.trusted), made.certificate.common_name, pem, made.key.pem()})}};
}

std::vector<File> replaced_files(const Entry& old, const NewCertificate& made) {
  const auto pem = made.certificate.pem + pem_of(made.chain);
  if (!old.kubeconfig) return key_pair_files(old, made, pem);
  return {{old.path, secret_mode,
           formats::replace_credentials(old.kubeconfig->text, old.path.string(), pem, made.key.pem(),
                                        completed_trust(*old.kubeconfig, made.trusted))}};
}

}  // namespace pki::verbs
