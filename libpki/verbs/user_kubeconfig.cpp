// SPDX-License-Identifier: Apache-2.0
#include <pki/bundle.hpp>

#include <algorithm>
#include <utility>

#include "base/calendar.hpp"
#include "base/cancel.hpp"
#include "base/parallel.hpp"
#include "crypto/file_chain.hpp"
#include "crypto/key_public.hpp"
#include "crypto/key_signing.hpp"
#include "crypto/verify.hpp"
#include "crypto/x509.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "model/clock.hpp"
#include "model/entry_check.hpp"
#include "model/identity.hpp"

namespace pki::inline PKI_ABI {

namespace {

CertSpec spec_of(const UserSpec& user, const Certificate& ca, std::chrono::sys_seconds now) {
  CertSpec spec;
  spec.profile = Profile::client;
  spec.common_name = user.name;
  spec.organizations = user.organizations;
  spec.not_before = std::max(now - base::backdate, ca.not_before);
  spec.not_after = std::min(now + user.validity, ca.not_after);
  return spec;
}

}  // namespace

std::vector<SecretString> user_kubeconfigs(const ValidConfig& config, const Inventory& inventory,
                                           std::span<const UserSpec> users, std::chrono::sys_seconds now,
                                           const KeyOptions& options) {
  for (const auto& user : users)
    if (user.name.empty())
      throw Error(Errc::invalid_config, "user name", "empty, expected the common name of the user");
  // The first kubeconfig is the administrator's: its row names the CA and the server of the users.
  const auto rows = inventory.catalog.rows();
  const auto found = std::ranges::find(rows, Form::kubeconfig, &CatalogRow::form);
  if (found == rows.end())
    throw Error(Errc::not_found, "catalog", "it has no kubeconfig, expected the administrator's");
  const auto& admin = *found;
  const auto& issuer = inventory.find(admin.issuer);
  const auto* ca = issuer.certificate();
  if (ca == nullptr)
    throw Error(Errc::not_found, issuer.path.string(), "no CA certificate to sign with", {Remedy::Kind::init, {}});
  if (!issuer.key)
    throw Error(Errc::ca_key_missing, issuer.key_path.string(),
                "the key of the CA is not here, expected it to sign with");
  if (auto behind = model::check_clock(inventory, now)) throw Error(Errc::mismatch, std::move(*behind));
  auto errors = model::only(model::check_entry(issuer, nullptr, std::max(now, ca->not_before)), Severity::error);
  if (!errors.empty()) throw Error(Errc::mismatch, std::move(errors.front()));
  std::string trusted;
  for (const auto& one : issuer.certificates)
    trusted += one.pem;
  std::string chain;
  for (const auto& one : crypto::chain_of_leaves(issuer.certificates))
    chain += one.pem;
  const auto server = model::identity_of(admin, config).server;
  const auto keys = generate_private_keys(std::vector(users.size(), config->algorithm), options);
  const crypto::SigningKey issuer_key(*issuer.key);
  std::vector<SecretString> result(users.size());
  base::in_parallel(users.size(), options.threads, [&](std::size_t i) {
    base::refuse_stopped(options.stop);
    const auto certificate = crypto::sign(spec_of(users[i], *ca, now), crypto::public_key_of(keys[i]), *ca, issuer_key);
    result[i] = formats::to_kubeconfig(
        {config->cluster_name, server, trusted, users[i].name, certificate.pem + chain, keys[i].pem()});
  });
  return result;
}

SecretString user_kubeconfig(const ValidConfig& config, const Inventory& inventory, const UserSpec& user,
                             std::chrono::sys_seconds now) {
  return std::move(user_kubeconfigs(config, inventory, {&user, 1}, now).front());
}

}  // namespace pki::inline PKI_ABI
