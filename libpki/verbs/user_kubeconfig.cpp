// SPDX-License-Identifier: Apache-2.0
#include <pki/bundle.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/calendar.hpp"
#include "base/cancel.hpp"
#include "base/parallel.hpp"
#include "crypto/file_chain.hpp"
#include "crypto/key_public.hpp"
#include "crypto/key_signing.hpp"
#include "crypto/signer.hpp"
#include "crypto/x509.hpp"
#include "formats/kubeconfig/kubeconfig.hpp"
#include "model/clock.hpp"
#include "model/entry_check.hpp"
#include "model/identity.hpp"
#include "model/key_strength.hpp"
#include "verbs/row_files.hpp"

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

void check_user(const UserSpec& user) {
  if (user.name.empty()) throw Error(Errc::invalid_config, "user name", "empty, expected the common name of the user");
  if (!user.public_key_pem.empty() && user.key_file.empty())
    throw Error(Errc::invalid_config, user.name, "a public key without the name of its file");
}

/// Issuer is the CA of the users, and what their kubeconfigs have in common.
struct Issuer {
  const Certificate& certificate;
  std::shared_ptr<const crypto::SigningKey> key;
  std::string server;
  std::string trusted;  ///< PEM
  std::string chain;    ///< PEM: what a certificate that it signs carries
};

// The first kubeconfig is the administrator's: its row names the CA and the server of the users.
Issuer issuer_of_users(const ValidConfig& config, const Inventory& inventory, std::chrono::sys_seconds now,
                       const Signers& signers) {
  const auto rows = inventory.catalog.rows();
  const auto admin = std::ranges::find(rows, Form::kubeconfig, &CatalogRow::form);
  if (admin == rows.end())
    throw Error(Errc::not_found, "catalog", "it has no kubeconfig, expected the administrator's");
  const auto& ca = inventory.find(admin->issuer);
  if (ca.certificate() == nullptr)
    throw Error(Errc::not_found, ca.path.string(), "no CA certificate to sign with", {Remedy::Kind::init, {}});
  auto key = crypto::key_of_ca(ca, signers);
  if (!key)
    throw Error(Errc::ca_key_missing, ca.key_path.string(), "the key of the CA is not here, expected it to sign with");
  if (auto behind = model::check_clock(inventory, now)) throw Error(Errc::mismatch, std::move(*behind));
  const auto then = std::max(now, ca.certificate()->not_before);
  auto errors = model::only(model::check_entry(ca, nullptr, then), Severity::error);
  if (!errors.empty()) throw Error(Errc::mismatch, std::move(errors.front()));
  return {*ca.certificate(), std::move(key), model::identity_of(*admin, config).server, verbs::pem_of(ca.certificates),
          verbs::pem_of(crypto::chain_of_leaves(ca.certificates))};
}

crypto::PublicKey public_key_of(const UserSpec& user) {
  auto key = crypto::parse_public_key(user.public_key_pem, user.name);
  if (!model::is_strong_key(key.algorithm))
    throw Error(Errc::malformed, user.name, fmt::format("a {} key, expected {}", key.algorithm, model::strong_keys));
  return key;
}

UserKubeconfig issue(const UserSpec& user, const PrivateKey* key, const std::string& cluster, const Issuer& issuer,
                     std::chrono::sys_seconds now) {
  const auto half = key != nullptr ? crypto::public_key_of(*key) : public_key_of(user);
  auto certificate = crypto::sign(spec_of(user, issuer.certificate, now), half, issuer.certificate, *issuer.key);
  formats::KubeconfigContent content{cluster, issuer.server, issuer.trusted, user.name, certificate.pem + issuer.chain};
  if (key != nullptr)
    content.key_pem = key->pem();
  else
    content.key_file = user.key_file;
  return {formats::to_kubeconfig(content), std::move(certificate), {}};
}

}  // namespace

std::vector<UserKubeconfig> issue_users(const ValidConfig& config, const Inventory& inventory,
                                        std::span<const UserSpec> users, std::chrono::sys_seconds now,
                                        const IssueOptions& options) {
  std::ranges::for_each(users, check_user);
  const auto issuer = issuer_of_users(config, inventory, now, options.signers);
  const auto needs_key = [](const UserSpec& user) { return user.public_key_pem.empty(); };
  const auto wanted = static_cast<std::size_t>(std::ranges::count_if(users, needs_key));
  const auto keys =
      generate_private_keys(std::vector(wanted, config->algorithm),
                            {.threads = options.threads, .progress = options.progress, .stop = options.stop});
  std::vector<const PrivateKey*> given(users.size());
  for (std::size_t i = 0, next = 0; i < users.size(); ++i)
    if (needs_key(users[i])) given[i] = &keys[next++];
  std::vector<UserKubeconfig> made(users.size());
  base::in_parallel(users.size(), options.threads, [&](std::size_t i) {
    base::refuse_stopped(options.stop);
    made[i] = issue(users[i], given[i], config->cluster_name, issuer, now);
  });
  return made;
}

std::vector<SecretString> user_kubeconfigs(const ValidConfig& config, const Inventory& inventory,
                                           std::span<const UserSpec> users, std::chrono::sys_seconds now,
                                           const IssueOptions& options) {
  std::vector<SecretString> texts;
  for (auto& made : issue_users(config, inventory, users, now, options))
    texts.push_back(std::move(made.text));
  return texts;
}

SecretString user_kubeconfig(const ValidConfig& config, const Inventory& inventory, const UserSpec& user,
                             std::chrono::sys_seconds now) {
  return std::move(user_kubeconfigs(config, inventory, {&user, 1}, now).front());
}

}  // namespace pki::inline PKI_ABI
