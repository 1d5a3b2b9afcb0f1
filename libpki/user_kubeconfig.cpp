#include <pki/bundle.hpp>

#include <algorithm>

#include "crypto/x509.hpp"
#include "model/identity.hpp"
#include "text/kubeconfig.hpp"

namespace pki {

namespace {

CertSpec spec_of(const UserSpec& user, const Certificate& ca, std::chrono::sys_seconds now) {
  CertSpec spec;
  spec.profile = Profile::client;
  spec.common_name = user.name;
  spec.organizations = user.organizations;
  spec.not_before = std::max(now - std::chrono::minutes{5}, ca.not_before);
  spec.not_after = std::min(now + user.validity, ca.not_after);
  return spec;
}

}  // namespace

SecretString user_kubeconfig(const ClusterConfig& config, const Inventory& inventory, const UserSpec& user,
                             std::chrono::sys_seconds now) {
  if (user.name.empty()) throw Error(Errc::invalid_config, "user name", "empty, expected the common name of the user");
  // The first kubeconfig is the administrator's: its row says whose CA signs people and which server they talk to.
  const auto& admin = *std::ranges::find(catalog(), Form::kubeconfig, &CatalogRow::form);
  const auto& issuer = inventory.find(admin.issuer);
  const auto* ca = issuer.certificate();
  if (ca == nullptr)
    throw Error(Errc::not_found, issuer.path.string(), "no CA certificate to sign with", "run `pkigen init` first");
  if (!issuer.key)
    throw Error(Errc::ca_key_missing, issuer.key_path.string(),
                "the key of the CA is not here, expected it to sign with");
  const auto key = generate_private_key(config.algorithm);
  const auto certificate = crypto::sign(spec_of(user, *ca, now), key, *ca, *issuer.key);
  std::string trusted;
  for (const auto& one : issuer.certificates)
    trusted += one.pem;
  return text::to_kubeconfig(
      {config.cluster_name, identity_of(admin, config).server, trusted, user.name, certificate.pem, key.pem()});
}

}  // namespace pki
