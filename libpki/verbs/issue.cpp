// SPDX-License-Identifier: Apache-2.0
#include <pki/bundle.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/cancel.hpp"
#include "base/parallel.hpp"
#include "crypto/file_chain.hpp"
#include "crypto/key_public.hpp"
#include "crypto/key_signing.hpp"
#include "crypto/verify.hpp"
#include "crypto/x509.hpp"
#include "model/place.hpp"
#include "model/plan_check.hpp"
#include "verbs/row_files.hpp"

namespace pki::inline PKI_ABI {

namespace {

using verbs::as_content;
using verbs::public_mode;
using verbs::secret_mode;

bool needs_new_key(const Step& step) {
  const auto* renew = std::get_if<Renew>(&step.what);
  return renew != nullptr ? !renew->reuse_key : step.action() == Action::create;
}

/// Signer is an issuer as the plan will leave it: the certificates of its file, and its key unless it is external.
/// Certificate and key are decoded once, and the threads share them.
struct Signer {
  std::vector<Certificate> certificates;
  std::vector<Certificate> chain;  ///< what a certificate that it signs carries: without a root
  std::optional<crypto::SigningKey> key;
  crypto::Strictness strictness{crypto::Strictness::strict};
  crypto::TrustAnchors anchors{certificates};
};

// The certificate of such a step is signed by a CA.
bool is_signed(const Step& step) {
  return !step.row->is_ca() && step.row->form != Form::bare_key && step.spec() != nullptr;
}

/// Made is what a step has got so far.
struct Made {
  const PrivateKey* key{nullptr};  ///< where the step needs a new one
  std::optional<Certificate> certificate;
};

class Issuing {
 public:
  Issuing(const Plan& plan, const Inventory& inventory, std::span<const PrivateKey> keys)
      : plan_(plan), inventory_(inventory), made_(plan.steps.size()) {
    bundle_.catalog = plan.catalog;
    bundle_.layout = plan.layout;
    auto next = keys.begin();
    for (std::size_t i = 0; i < made_.size(); ++i)
      if (needs_new_key(plan.steps[i])) made_[i].key = &*next++;
  }

  void make_authorities() {
    for (std::size_t i = 0; i < made_.size(); ++i) {
      const auto& step = plan_.steps[i];
      if (!step.row->is_ca() || step.action() != Action::create) continue;
      crypto::SigningKey key(*made_[i].key);
      made_[i].certificate = make_authority(step, key);
      auto chain = step.row->issuer.empty() ? std::vector<Certificate>() : signers_.at(step.row->issuer).chain;
      if (!step.row->issuer.empty()) chain.insert(chain.begin(), *made_[i].certificate);
      signers_.emplace(step.row->name,
                       Signer{{*made_[i].certificate}, std::move(chain), std::move(key), crypto::Strictness::strict});
    }
  }

  /// sign_all signs, and asks OpenSSL about everything that was signed; nothing is given away before.
  void sign_all(const KeyOptions& options) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < made_.size(); ++i) {
      if (!is_signed(plan_.steps[i])) continue;
      find_signer(plan_.steps[i]);
      places.push_back(i);
    }
    base::in_parallel(places.size(), options.threads, [&](std::size_t i) {
      base::refuse_stopped(options.stop);
      sign(plan_.steps[places[i]], made_[places[i]]);
    });
  }

  void write_all() {
    for (std::size_t i = 0; i < made_.size(); ++i)
      add(plan_.steps[i], made_[i]);
  }

  void save_config(const ClusterConfig& config) {
    write(bundle_.layout.saved_config(), public_mode, as_content(to_yaml(config)));
  }

  Bundle take() { return std::move(bundle_); }

 private:
  // A CA that the plan does not make is the one of the inventory.
  void keep_signer(std::string_view name) {
    const auto& entry = inventory_.find(name);
    std::optional<crypto::SigningKey> key;
    if (entry.key) key.emplace(*entry.key);
    signers_.emplace(entry.row->name, Signer{entry.certificates, crypto::chain_of_leaves(entry.certificates),
                                             std::move(key), crypto::Strictness::lenient});
  }

  const Signer& find_signer(const Step& step) {
    const auto issuer = step.row->issuer;
    if (!signers_.contains(issuer)) keep_signer(issuer);
    const auto& signer = signers_.at(issuer);
    if (!signer.key)
      throw Error(Errc::ca_key_missing, step.path.string(),
                  "cannot be signed: the key of " + std::string(issuer) + " is not here",
                  "put the CA key in place, or have its holder issue the certificate");
    return signer;
  }

  Certificate make_authority(const Step& step, const crypto::SigningKey& key) {
    const auto& spec = *step.spec();
    if (step.row->issuer.empty()) return crypto::self_sign(spec, key);
    const auto& issuer = find_signer(step);
    auto certificate = crypto::sign(spec, key.public_key(), issuer.certificates.front(), *issuer.key);
    verify(step, issuer, {&certificate, 1});
    return certificate;
  }

  static void verify(const Step& step, const Signer& issuer, std::span<const Certificate> chain) {
    const auto reason = issuer.anchors.verify(chain, step.row->profile, step.spec()->not_before, issuer.strictness);
    if (!reason.empty())
      throw Error(Errc::crypto, step.path.string(), "the new certificate does not verify: " + reason);
  }

  /// old_of is what a renewal replaces.
  [[nodiscard]] const Entry* old_of(const Step& step) const {
    return step.action() == Action::renew ? &inventory_.find(step.row->name) : nullptr;
  }

  [[nodiscard]] const PrivateKey& key_of(const Step& step, const Made& made) const {
    return made.key != nullptr ? *made.key : *old_of(step)->key;
  }

  void sign(const Step& step, Made& made) const {
    const auto& spec = *step.spec();
    const auto& issuer = signers_.at(step.row->issuer);
    std::vector<Certificate> chain{
        crypto::sign(spec, crypto::public_key_of(key_of(step, made)), issuer.certificates.front(), *issuer.key)};
    chain.insert(chain.end(), issuer.chain.begin(), issuer.chain.end());
    verify(step, issuer, chain);
    made.certificate = std::move(chain.front());
  }

  void add(const Step& step, Made& made) {
    const auto& row = *step.row;
    if (step.action() == Action::complete) add_public_key(step, *inventory_.find(row.name).key);
    if (step.action() == Action::create && row.form == Form::bare_key) {
      write(step.key_path, secret_mode, made.key->pem());
      add_public_key(step, *made.key);
    }
    if (!made.certificate) return;
    write_certificate(step, made, key_of(step, made));
    bundle_.issued.push_back({&row, *std::move(made.certificate)});
  }

  // A certificate without an issuer is trusted by itself, and comes without a chain.
  void write_certificate(const Step& step, const Made& made, const PrivateKey& key) {
    const bool is_signed = !step.row->issuer.empty();
    const auto* signer = is_signed ? &signers_.at(step.row->issuer) : nullptr;
    const verbs::NewCertificate ready{
        *made.certificate,
        signer != nullptr ? std::span<const Certificate>(signer->chain) : std::span<const Certificate>(),
        signer != nullptr ? std::span<const Certificate>(signer->certificates) : std::span<const Certificate>(), key,
        made.key != nullptr};
    if (const auto* old = old_of(step)) return add(verbs::replaced_files(*old, ready));
    const auto& create = std::get<Create>(step.what);
    add(verbs::new_files(model::place_of(*step.row, plan_.layout), ready, create.cluster, create.server));
  }

  void add(std::vector<File> files) {
    for (auto& file : files)
      bundle_.files.push_back(std::move(file));
  }

  void add_public_key(const Step& step, const PrivateKey& key) {
    write(step.path, public_mode, as_content(key.public_key_pem()));
  }

  void write(const std::filesystem::path& path, unsigned mode, SecretString content) {
    bundle_.files.push_back({path, mode, std::move(content)});
  }

  const Plan& plan_;
  const Inventory& inventory_;
  std::vector<Made> made_;
  std::map<std::string_view, Signer> signers_;
  Bundle bundle_;
};

}  // namespace

Bundle issue(const Plan& plan, const Inventory& inventory, const KeyOptions& options) {
  model::check_plan(plan, inventory);
  std::vector<KeyAlgorithm> wanted;
  for (const auto& step : plan.steps)
    if (needs_new_key(step)) wanted.push_back(parse_key_algorithm(step.algorithm()));
  const auto keys = generate_private_keys(wanted, options);
  Issuing issuing(plan, inventory, keys);
  issuing.make_authorities();
  issuing.sign_all(options);
  issuing.write_all();
  if (plan.config_to_save) issuing.save_config(*plan.config_to_save);
  return issuing.take();
}

}  // namespace pki::inline PKI_ABI
